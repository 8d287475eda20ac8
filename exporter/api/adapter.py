"""requests' adapter, with its connections and its trust replaced by ours."""

from __future__ import annotations

import ssl
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidProxyURL
from requests.structures import CaseInsensitiveDict

from exporter.api.connections import WatchedHTTPConnection, WatchedHTTPSConnection


class Adapter(HTTPAdapter):
    """Keeps one connection, makes watched ones, to host and proxy alike, and trusts whom ``trust`` says."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        self.trust = trust
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kw: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self.trust, **kw)

    def proxy_manager_for(self, proxy: str, **kw: Any) -> Any:
        # A SOCKS connection is not a watched one: it would outlast the deadline.
        if proxy.lower().startswith("socks"):
            raise InvalidProxyURL("SOCKS proxies are not supported")
        return super().proxy_manager_for(proxy, ssl_context=self.trust, proxy_ssl_context=self.trust, **kw)

    def get_connection_with_tls_context(self, *args: Any, **kw: Any) -> Any:
        try:
            pool: Any = super().get_connection_with_tls_context(*args, **kw)
        except TypeError:
            # What requests makes of a proxy's URL that has a user and no host.
            raise InvalidProxyURL("no host") from None
        pool.ConnectionCls = WatchedHTTPSConnection if pool.scheme == "https" else WatchedHTTPConnection
        return pool

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        """The same without cookies: the standard library's jar warns, at length, of those it cannot read."""
        response = requests.Response()
        response.status_code, response.headers, response.raw = resp.status, CaseInsensitiveDict(resp.headers), resp
        return response

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing to do: the context verifies, and requests would load the authorities into it again."""
