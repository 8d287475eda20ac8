"""The web configuration file, in the exporter-toolkit's format.

The format: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md. Where Python's ssl
cannot do what Go's does, the file is refused, never weakened.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from exporter.config.errors import Invalid, Problems
from exporter.config.keys import key as about
from exporter.config.keys import keys_in, section
from exporter.config.kinds import Kind, file_path, flag, one_of, text, whole
from exporter.config.model import Objection
from exporter.config.reader import read_tree, structure
from exporter.config.yaml import Scalar, Section, is_null

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
TLS13_CIPHERS = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
CURVES = {"CurveP256": "prime256v1", "CurveP384": "secp384r1", "CurveP521": "secp521r1", "X25519": "X25519"}

_TAKE_ANY = ("RequireAnyClientCert", "RequireClientCert")
_CLIENT_AUTH = ("NoClientCert", "RequestClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert")
_BCRYPT = re.compile(r"\$2[abxy]\$([0-9]{2})\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
# At a cost of 18 one computation takes half a minute; each step up doubles it.
_MIN_COST, _MAX_COST = 4, 18
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|us|µs|ns|s|m|h)")
_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def _client_auth(word: str) -> str:
    if word in _TAKE_ANY:
        # It would let in whoever makes a certificate for themselves, and Python's ssl has no way to.
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


def _go_seconds(node: Scalar) -> float:
    word = node.text
    if word != "0" and not re.fullmatch(f"(?:{_DURATION_PART.pattern})+", word):
        raise Invalid("not a duration", "write one such as 1s or 500ms")
    return sum(float(amount) * _UNIT_SECONDS[unit] for amount, unit in _DURATION_PART.findall(word))


def _header(word: str) -> str:
    if not re.fullmatch(r"[\t\x20-\x7e]*", word):
        raise Invalid("not one line of printable ASCII", "write it in one line")
    return word


Header = Annotated[str | None, text("text", _header)]
Pem = Annotated[str | None, text("text", str)]
File = Annotated[Path | None, file_path()]
Version = Annotated[str, one_of("version", ("TLS12", "TLS13"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsConfig:
    """``tls_server_config``. A certificate, key or authority is a file, or PEM in the text itself."""

    cert_file: File = about(None, "The certificate", example="server.crt")
    cert: Pem = about(None, "The certificate itself", example="PEM")
    key_file: File = about(None, "Its key", example="server.key")
    key: Pem = about(None, "Its key itself", example="PEM", repr=False)
    client_ca_file: File = about(None, "The authority that signs clients' certificates", example="ca.crt")
    client_ca: Pem = about(None, "The authority itself", example="PEM")
    client_auth_type: Annotated[str, text("a policy", _client_auth)] = about("NoClientCert", "Which clients are let in")
    client_allowed_sans: tuple[Annotated[str, text("a name", str)], ...] | None = about(
        None, "Names in clients' certificates, one of which is needed", example="[prometheus.example.org]"
    )
    min_version: Version = about("TLS12", "The oldest version")
    max_version: Version = about("TLS13", "The newest version")
    cipher_suites: tuple[Annotated[str, one_of("suite", (*CIPHERS, *TLS13_CIPHERS))], ...] = about(
        (), "Suites of TLS 1.2", example="[TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]"
    )
    prefer_server_cipher_suites: Annotated[bool, flag()] = about(True, "Whose order of suites counts")
    curve_preferences: tuple[Annotated[str, one_of("curve", tuple(CURVES))], ...] = about(
        (), "The curve", example="[X25519]"
    )

    def objections(self) -> Iterator[Objection]:
        """What would leave a door open, or let nobody in."""
        for name in ("cert", "key", "client_ca"):
            if getattr(self, name) is not None and getattr(self, f"{name}_file") is not None:
                yield name, f"given beside {name}_file", "keep one of them"
        for name in ("cert", "key"):
            if self.pem(name) is None:
                yield f"{name}_file", "missing", "give a certificate and its key, or no tls_server_config"
        if self.min_version > self.max_version:
            yield "max_version", "below min_version", "raise it, or leave it out"
        verified, authority = self.client_auth_type == "RequireAndVerifyClientCert", self.pem("client_ca")
        if verified and authority is None:
            yield "client_ca_file", "missing", "give the authority that signs the clients' certificates"
        if authority is not None and self.client_auth_type == "NoClientCert":
            yield "client_auth_type", "missing", "client_ca_file needs RequireAndVerifyClientCert"
        if self.client_allowed_sans == ():
            yield "client_allowed_sans", "empty, which lets nobody in", "name someone, or leave it out"
        elif self.client_allowed_sans and not verified:
            yield "client_allowed_sans", "checked by nobody", "set client_auth_type: RequireAndVerifyClientCert"
        if len(self.curve_preferences) > 1:
            yield "curve_preferences", "more than one curve, and Python's ssl takes one", "name one, or leave it out"

    def pem(self, name: str) -> Path | str | None:
        """``cert``, ``key`` or ``client_ca``: a file, or PEM."""
        value: Path | str | None = getattr(self, f"{name}_file") or getattr(self, name)
        return value

    def files(self) -> tuple[Path, ...]:
        """The files that are named."""
        return tuple(file for file in (self.cert_file, self.key_file, self.client_ca_file) if file is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """``http_server_config.headers``: the ones that the toolkit knows."""

    content_security_policy: Header = about(None, "", name="Content-Security-Policy")
    strict_transport_security: Header = about(None, "", name="Strict-Transport-Security")
    x_content_type_options: Annotated[str | None, one_of("value", ("nosniff",))] = about(
        None, "", name="X-Content-Type-Options"
    )
    x_frame_options: Annotated[str | None, one_of("value", ("deny", "sameorigin"))] = about(
        None, "", name="X-Frame-Options"
    )
    x_xss_protection: Header = about(None, "", name="X-XSS-Protection")

    def given(self) -> Iterator[tuple[str, str]]:
        """Names and values."""
        for header in keys_in(Headers):
            if (value := getattr(self, header.attribute)) is not None:
                yield header.name, value


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    """``http_server_config``."""

    http2: Annotated[bool, flag()] = about(True, "Ignored: HTTP/1.1 alone is spoken, as every HTTP/2 client can")
    headers: Headers = section(Headers, "Headers of every answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitConfig:
    """``rate_limit``: ``interval`` seconds between two requests, after ``burst`` of them at once; 0 is no limit."""

    interval: Annotated[float, Kind(name="a duration", read=_go_seconds)] = about(
        0.0, "Between two requests", example="1s"
    )
    burst: Annotated[int, whole(0, 2**31 - 1)] = about(0, "Requests at once", example="10")

    def objections(self) -> Iterator[Objection]:
        """A limit that no request passes."""
        if self.interval and self.burst < 1:
            yield "burst", "0, which refuses every request", "give 1 or more"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebFile:
    """The whole file. ``tls`` is None where TLS is off; ``users`` maps names to bcrypt hashes."""

    tls: TlsConfig | None = section(lambda: None, "TLS", name="tls_server_config")
    http: HttpConfig = section(HttpConfig, "HTTP", name="http_server_config")
    users: Mapping[str, Annotated[bytes, text("a bcrypt hash", _bcrypt_hash)]] = section(
        dict, "Who may log in", name="basic_auth_users", repr=False
    )
    rate_limit: RateLimitConfig = section(RateLimitConfig, "Limit")

    def objections(self) -> Iterator[Objection]:
        """Users who cannot log in."""
        if any(":" in name for name in self.users):
            yield "basic_auth_users", "a user name with a colon, which cannot log in", "choose another name"


def read_web_file(file: Path) -> WebFile:
    """Read and check the file; certificates are not opened. Paths in it count from the file's own directory.

    As in the toolkit, a key without a value is as good as none. Raises :class:`~exporter.config.errors.ConfigError`.
    """
    problems = Problems(file=str(file))
    root = read_tree(file, environ=None, problems=problems)
    for name in [name for name in root if name != "basic_auth_users"]:
        _drop_empty(root, name)
    web = structure(root, WebFile, problems)
    if web.tls is None:
        return web
    named = {name: getattr(web.tls, name) for name in ("cert_file", "key_file", "client_ca_file")}
    paths = {name: file.parent / path for name, path in named.items() if path is not None}
    return replace(web, tls=replace(web.tls, **paths))


def _drop_empty(section: Section, name: str) -> None:
    node = section[name]
    if isinstance(node, Section):
        for below in list(node):
            _drop_empty(node, below)
        empty = not node
    else:
        empty = isinstance(node, Scalar) and (is_null(node) or node.written == "")
    if empty:
        del section[name]
