"""The web configuration file, in the exporter-toolkit's format.

The format: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md. Where Python's ssl
cannot do what Go's does, the file is refused, never weakened.
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from exporter.config.errors import ConfigError, Invalid, suggestion
from exporter.config.kinds import flag, key, one_of, parse_path, text
from exporter.config.reader import Objection, structure
from exporter.config.yaml import Scalar, Tree, read_document
from exporter.web.http import WebServerError

_CLIENT_AUTH = {
    "NoClientCert": ssl.CERT_NONE,
    "RequestClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
}
_UNSUPPORTED = {
    "rate_limit": "it is not supported: remove it, a proxy in front of the exporter can limit requests",
    "tls_server_config.client_allowed_sans": "it is not supported: name a client_ca_file for these clients alone",
    "tls_server_config.curve_preferences": "it is not supported: remove it, OpenSSL's preferences hold",
    "tls_server_config.cert": "write it to a file, and name that in cert_file",
    "tls_server_config.key": "write it to a file, and name that in key_file",
    "tls_server_config.client_ca": "write it to a file, and name that in client_ca_file",
}
"""Keys of the toolkit that are refused, and what to do instead."""

# At a cost of 18 one computation takes half a minute; each step up doubles it.
_BCRYPT = re.compile(r"\$2[abxy]\$(?:0[4-9]|1[0-8])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")


def _suite(word: str) -> str:
    """OpenSSL's name for what Go calls a suite; those of TLS 1.3 have one name, and are always on."""
    name = word
    if "_WITH_" in word:
        name = re.sub("^TLS_|_WITH|_CBC|(?<=AES)_|(?<=POLY1305)_SHA256", "", word).replace("_", "-")
    known = [cipher["name"] for cipher in ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).get_ciphers()]
    if name not in known:
        raise Invalid("unknown, or not secure enough for Python's ssl", "leave it out")
    return name


def _bcrypt_hash(word: str) -> bytes:
    if not _BCRYPT.fullmatch(word):
        raise Invalid("not a bcrypt hash ($2y$...) with a cost of 4 to 18", "make one with: htpasswd -nBC 10 NAME")
    return word.encode()


def _header(word: str) -> str:
    if not re.fullmatch(r"[\t\x20-\x7e]*", word):
        raise Invalid("not one line of printable ASCII", "write it in one line")
    return word


_File = Annotated[Path | None, text("path", parse_path)]
_Version = Annotated[str, one_of("version", ("TLS12", "TLS13"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsConfig:
    """``tls_server_config``."""

    cert_file: _File = key(None, "The server's certificate")
    key_file: _File = key(None, "Its key")
    client_ca_file: _File = key(None, "The authority that signs clients' certificates")
    client_auth_type: Annotated[str, one_of("policy", tuple(_CLIENT_AUTH))] = key(
        "NoClientCert", "Which clients are let in"
    )
    min_version: _Version = key("TLS12", "The oldest version")
    max_version: _Version = key("TLS13", "The newest version")
    cipher_suites: tuple[Annotated[str, text("suite", _suite)], ...] = key((), "Of TLS 1.2")
    prefer_server_cipher_suites: Annotated[bool, flag()] = key(True, "Ignored, as by Go")

    @property
    def verify_clients(self) -> ssl.VerifyMode:
        """What clients' certificates are asked for."""
        return _CLIENT_AUTH[self.client_auth_type]

    def objections(self) -> Iterator[Objection]:
        """What would leave a door open, or let nobody in."""
        for name in ("cert_file", "key_file"):
            if getattr(self, name) is None:
                yield (name,), "missing", "give a certificate and its key, or no tls_server_config"
        if self.min_version > self.max_version:
            yield ("max_version",), "below min_version", "raise it, or leave it out"
        if self.verify_clients is ssl.CERT_REQUIRED and self.client_ca_file is None:
            yield ("client_ca_file",), "missing", "give the authority that signs the clients' certificates"
        if self.client_ca_file is not None and self.client_auth_type == "NoClientCert":
            yield ("client_auth_type",), "missing", "client_ca_file needs RequireAndVerifyClientCert"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    """``http_server_config``. HTTP/1.1 alone is spoken, which ``http2: true`` allows, too."""

    http2: Annotated[bool, flag()] = key(True, "Ignored")
    headers: Mapping[str, Annotated[str, text("text", _header)]] = key(MappingProxyType({}), "Of every response")

    def objections(self) -> Iterator[Objection]:
        """Headers that the toolkit does not know."""
        for name, value in self.headers.items():
            if name not in _HEADERS:
                yield ("headers", name), "unknown key", suggestion(name, tuple(_HEADERS))
            elif _HEADERS[name] and value not in _HEADERS[name]:
                yield ("headers", name), "unknown value", f"known here: {', '.join(_HEADERS[name])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """The whole file; ``basic_auth_users`` maps names to bcrypt hashes."""

    tls_server_config: TlsConfig | None = key(None, "TLS, if any")
    http_server_config: HttpConfig = key(HttpConfig(), "HTTP")
    basic_auth_users: Mapping[str, Annotated[bytes, text("bcrypt hash", _bcrypt_hash)]] = key(
        MappingProxyType({}), "Who may log in; without any, everybody", repr=False
    )
    warnings: tuple[str, ...] = ()
    """What the file may say, but hardly means."""

    def files(self) -> Iterator[Path]:
        """The files that are named."""
        tls = self.tls_server_config
        if tls is not None:
            yield from filter(None, (tls.cert_file, tls.key_file, tls.client_ca_file))

    def protections(self) -> frozenset[str]:
        """The fields in force that keep somebody out."""
        tls = self.tls_server_config
        in_force = {
            "tls_server_config": tls is not None,
            "tls_server_config.client_auth_type": tls is not None and tls.verify_clients is ssl.CERT_REQUIRED,
            "basic_auth_users": bool(self.basic_auth_users),
        }
        return frozenset(name for name, on in in_force.items() if on)


def read_web_config(file: Path) -> WebConfig:
    """Read and check the file; certificates are not opened. Paths in it count from the file's own directory.

    As in the toolkit, a key without a value is as good as none. Raises
    :class:`~exporter.web.http.WebServerError`, with a line for each problem.
    """
    try:
        document = read_document(file, environ=None)
        written = tuple(document.root)
        for name in [name for name in document.root if name != "basic_auth_users"]:
            _drop_empty(document.root, name)
        web = structure(document, WebConfig)
    except ConfigError as error:
        problems = (replace(one, remedy=_UNSUPPORTED.get(one.path, one.remedy)) for one in error.problems)
        raise WebServerError("\n".join(map(str, problems))) from None
    empty = {"tls_server_config", "basic_auth_users"}.intersection(written) - web.protections()
    warnings = tuple(f"{file}: {name}: empty, and protects nothing; fill it in, or remove it" for name in sorted(empty))
    tls = web.tls_server_config
    if tls is not None:
        named = {name: getattr(tls, name) for name in ("cert_file", "key_file", "client_ca_file")}
        tls = replace(tls, **{name: file.parent / path for name, path in named.items() if path is not None})
    return replace(web, tls_server_config=tls, warnings=warnings)


def _drop_empty(section: dict[str, Tree], name: str) -> None:
    node = section[name]
    if isinstance(node, dict):
        for below in list(node):
            _drop_empty(node, below)
    if node == {} or (isinstance(node, Scalar) and (node.type == "null" or node.written == "")):
        del section[name]
