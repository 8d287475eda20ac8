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
from exporter.config.kinds import Kind, flag, key, one_of, parse_path, text, whole
from exporter.config.reader import Objection, structure
from exporter.config.yaml import Scalar, Tree, read_document
from exporter.web.http import WebConfigError

# Go's names to OpenSSL's, for the suites that Go calls secure; TLS 1.3 has its own three, which are not configurable.
CIPHERS = {
    f"TLS_ECDHE_{signature}_WITH_{suite}": f"ECDHE-{signature}-{name}"
    for signature in ("ECDSA", "RSA")
    for suite, name in {
        "AES_128_GCM_SHA256": "AES128-GCM-SHA256",
        "AES_256_GCM_SHA384": "AES256-GCM-SHA384",
        "CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305",
        "AES_128_CBC_SHA": "AES128-SHA",
        "AES_256_CBC_SHA": "AES256-SHA",
    }.items()
}
CURVES = {"CurveP256": "prime256v1", "CurveP384": "secp384r1", "CurveP521": "secp521r1", "X25519": "X25519"}

_TLS13_CIPHERS = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
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
_BCRYPT = re.compile(r"\$2[abxy]\$([0-9]{2})\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
# At a cost of 18 one computation takes half a minute; each step up doubles it.
_MIN_COST, _MAX_COST = 4, 18
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|us|µs|ns|s|m|h)")
_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def _client_auth(word: str) -> str:
    if word in ("RequireAnyClientCert", "RequireClientCert"):
        # It would let in whoever makes a certificate for themselves.
        raise Invalid(f"{word} takes any certificate, which Python's ssl cannot", "use RequireAndVerifyClientCert")
    if word not in _CLIENT_AUTH:
        raise Invalid("unknown policy", f"known here: {', '.join(_CLIENT_AUTH)}")
    return word


def _bcrypt_hash(word: str) -> bytes:
    match = _BCRYPT.fullmatch(word)
    if match is None:
        raise Invalid("not a bcrypt hash ($2y$...)", "make one with: htpasswd -nBC 10 NAME")
    if not _MIN_COST <= int(match[1]) <= _MAX_COST:
        raise Invalid(f"a bcrypt cost outside {_MIN_COST} to {_MAX_COST}", "use 10, as is usual")
    return word.encode()


def _go_seconds(written: str) -> float:
    if written != "0" and not re.fullmatch(f"(?:{_DURATION_PART.pattern})+", written):
        raise Invalid("not a duration", "write one such as 1s or 500ms")
    return sum(float(amount) * _UNIT_SECONDS[unit] for amount, unit in _DURATION_PART.findall(written))


def _header(word: str) -> str:
    if not re.fullmatch(r"[\t\x20-\x7e]*", word):
        raise Invalid("not one line of printable ASCII", "write it in one line")
    return word


_File = Annotated[Path | None, text("path", parse_path)]
_Pem = Annotated[str | None, text("text")]
_Version = Annotated[str, one_of("version", ("TLS12", "TLS13"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsConfig:
    """``tls_server_config``. A certificate, key or authority is a file, or PEM in the text itself."""

    cert_file: _File = key(None, "The server's certificate")
    cert: _Pem = key(None, "The certificate itself")
    key_file: _File = key(None, "Its key")
    client_ca_file: _File = key(None, "The authority that signs clients' certificates")
    client_ca: _Pem = key(None, "The authority itself")
    client_auth_type: Annotated[str, text("policy", _client_auth)] = key("NoClientCert", "Which clients are let in")
    client_allowed_sans: tuple[Annotated[str, text("name")], ...] | None = key(
        None, "Names in clients' certificates, one of which is needed"
    )
    min_version: _Version = key("TLS12", "The oldest version")
    max_version: _Version = key("TLS13", "The newest version")
    cipher_suites: tuple[Annotated[str, one_of("suite", (*CIPHERS, *_TLS13_CIPHERS))], ...] = key((), "Of TLS 1.2")
    prefer_server_cipher_suites: Annotated[bool, flag()] = key(True, "Whose order of suites counts")
    curve_preferences: tuple[Annotated[str, one_of("curve", tuple(CURVES))], ...] = key((), "The curve")
    key: _Pem = key(None, "The key itself", repr=False)

    @property
    def verify_clients(self) -> ssl.VerifyMode:
        """What clients' certificates are asked for."""
        return _CLIENT_AUTH[self.client_auth_type]

    def pem(self, name: str) -> Path | str | None:
        """``cert``, ``key`` or ``client_ca``: a file, or PEM."""
        value: Path | str | None = getattr(self, f"{name}_file") or getattr(self, name)
        return value

    def files(self) -> tuple[Path, ...]:
        """The files that are named."""
        return tuple(file for file in (self.cert_file, self.key_file, self.client_ca_file) if file is not None)

    def objections(self) -> Iterator[Objection]:
        """What would leave a door open, or let nobody in."""
        for name in ("cert", "key", "client_ca"):
            if getattr(self, name) is not None and getattr(self, f"{name}_file") is not None:
                yield (name,), f"given beside {name}_file", "keep one of them"
        for name in ("cert", "key"):
            if self.pem(name) is None:
                yield (f"{name}_file",), "missing", "give a certificate and its key, or no tls_server_config"
        if self.min_version > self.max_version:
            yield ("max_version",), "below min_version", "raise it, or leave it out"
        verified, authority = self.verify_clients is ssl.CERT_REQUIRED, self.pem("client_ca")
        if verified and authority is None:
            yield ("client_ca_file",), "missing", "give the authority that signs the clients' certificates"
        if authority is not None and self.client_auth_type == "NoClientCert":
            yield ("client_auth_type",), "missing", "client_ca_file needs RequireAndVerifyClientCert"
        if self.client_allowed_sans == ():
            yield ("client_allowed_sans",), "empty, which lets nobody in", "name someone, or leave it out"
        elif self.client_allowed_sans and not verified:
            yield ("client_allowed_sans",), "checked by nobody", "set client_auth_type: RequireAndVerifyClientCert"
        if len(self.curve_preferences) > 1:
            yield ("curve_preferences",), "more than one curve, and Python's ssl takes one", "name one, or leave it out"


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
class RateLimit:
    """``rate_limit``: ``interval`` seconds between two requests, after ``burst`` of them at once; 0 is no limit."""

    interval: Annotated[float, Kind(name="duration", parse=_go_seconds)] = key(0.0, "Between two requests")
    burst: Annotated[int, whole(0, 1_000_000)] = key(0, "Requests at once")

    def objections(self) -> Iterator[Objection]:
        """A limit that no request passes."""
        if self.interval and self.burst < 1:
            yield ("burst",), "0, which refuses every request", "give 1 or more"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """The whole file; ``basic_auth_users`` maps names to bcrypt hashes."""

    tls_server_config: TlsConfig | None = key(None, "TLS, if any")
    http_server_config: HttpConfig = key(HttpConfig(), "HTTP")
    basic_auth_users: Mapping[str, Annotated[bytes, text("bcrypt hash", _bcrypt_hash)]] = key(
        MappingProxyType({}), "Who may log in; without any, everybody", repr=False
    )
    rate_limit: RateLimit = key(RateLimit(), "How many requests are answered")

    def objections(self) -> Iterator[Objection]:
        """Users who cannot log in."""
        for name in self.basic_auth_users:
            if ":" in name:
                yield ("basic_auth_users", name), "a user name with a colon, which cannot log in", "choose another name"

    def protections(self) -> frozenset[str]:
        """The fields in force that keep somebody out."""
        tls = self.tls_server_config
        in_force = {
            "tls_server_config": tls is not None,
            "tls_server_config.client_auth_type": tls is not None and tls.verify_clients is ssl.CERT_REQUIRED,
            "tls_server_config.client_allowed_sans": tls is not None and bool(tls.client_allowed_sans),
            "basic_auth_users": bool(self.basic_auth_users),
        }
        return frozenset(name for name, on in in_force.items() if on)


def read_web_config(file: Path) -> WebConfig:
    """Read and check the file; certificates are not opened. Paths in it count from the file's own directory.

    As in the toolkit, a key without a value is as good as none. Raises
    :class:`~exporter.web.http.WebConfigError`, with a line for each problem.
    """
    try:
        document = read_document(file, environ=None)
        for name in [name for name in document.root if name != "basic_auth_users"]:
            _drop_empty(document.root, name)
        web = structure(document, WebConfig)
    except ConfigError as error:
        raise WebConfigError(str(error)) from None
    tls = web.tls_server_config
    if tls is None:
        return web
    named = {name: getattr(tls, name) for name in ("cert_file", "key_file", "client_ca_file")}
    paths = {name: file.parent / path for name, path in named.items() if path is not None}
    return replace(web, tls_server_config=replace(tls, **paths))


def _drop_empty(section: dict[str, Tree], name: str) -> None:
    node = section[name]
    if isinstance(node, dict):
        for below in list(node):
            _drop_empty(node, below)
    if node == {} or (isinstance(node, Scalar) and (node.type == "null" or node.written == "")):
        del section[name]
