"""Which certificate authorities are trusted, as ``requests`` decides it, loaded once for the whole process.

A context of its own for each connection, requests' way, takes 0.7 MiB and 40 ms of CPU every time.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock

from requests.utils import DEFAULT_CA_BUNDLE_PATH

_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_LOADING = Lock()


class _SharedContext(ssl.SSLContext):
    """A context that many threads connect with at once."""

    def set_alpn_protocols(self, alpn_protocols: object) -> None:
        """Ignored: urllib3 sets them before each connection, and frees the list that another thread may be copying.

        They would be ``http/1.1`` alone, which servers assume when nothing is said.
        """


def trusted_authorities(environ: Mapping[str, str]) -> ssl.SSLContext:
    """TLS with the CA bundle (a file or a directory) that the environment names, else with requests' own.

    A bundle that is replaced is loaded again. Raises OSError (ssl.SSLError is one) when it cannot be read.
    """
    path = next((environ[name] for name in _VARIABLES if environ.get(name)), DEFAULT_CA_BUNDLE_PATH)
    with _LOADING:
        return _load(path, Path(path).stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: str, _modified: int) -> ssl.SSLContext:
    context = _SharedContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    if Path(path).is_dir():
        context.load_verify_locations(capath=path)
    else:
        context.load_verify_locations(cafile=path)
    return context
