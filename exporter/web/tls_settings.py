"""`tls_server_config` of a web configuration file."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from exporter.web.yaml_fields import Section

# Go's names to OpenSSL's, for the suites that Go calls secure; TLS 1.3 has its own three, which are not configurable.
_CIPHERS = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
}
_CIPHERS_OF_TLS13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_CURVES = {"CurveP256": "prime256v1", "CurveP384": "secp384r1", "CurveP521": "secp521r1", "X25519": "X25519"}
_VERSIONS = ("TLS12", "TLS13")
_FIELDS = (
    "cert_file",
    "key_file",
    "client_auth_type",
    "client_ca_file",
    "client_allowed_sans",
    "min_version",
    "max_version",
    "cipher_suites",
    "prefer_server_cipher_suites",
    "curve_preferences",
    "cert",
    "key",
    "client_ca",
)
_CLIENT_AUTH = {
    "NoClientCert": ssl.CERT_NONE,
    "RequestClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
_TAKES_ANY = ("RequireAnyClientCert", "RequireClientCert")


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """Checked settings. `cert`, `key` and `client_ca` are each a file or PEM; ciphers and curve in OpenSSL's words."""

    cert: Path | str
    key: Path | str = field(repr=False)
    client_ca: Path | str | None = None
    verify_clients: ssl.VerifyMode = ssl.CERT_NONE
    client_allowed_sans: tuple[str, ...] = ()
    min_version: str = "TLS12"
    max_version: str = "TLS13"
    ciphers: tuple[str, ...] = ()
    prefer_server_ciphers: bool = True
    curve: str | None = None

    def files(self) -> tuple[Path, ...]:
        """The files that the settings name."""
        return tuple(value for value in (self.cert, self.key, self.client_ca) if isinstance(value, Path))


def read_tls(tls: Section) -> TlsSettings | None:
    """The section's settings; None if it is empty, which leaves TLS off. Raises WebConfigError."""
    tls.only(*_FIELDS)
    if not any(True for _ in tls):
        return None
    verify = _verify_clients(tls)
    minimum = tls.choice("min_version", _VERSIONS) or "TLS12"
    maximum = tls.choice("max_version", _VERSIONS) or "TLS13"
    if minimum > maximum:
        raise tls.error("max_version", "is below min_version")
    return TlsSettings(
        cert=_pem(tls, "cert"),
        key=_pem(tls, "key"),
        client_ca=_optional_pem(tls, "client_ca"),
        verify_clients=verify,
        client_allowed_sans=_allowed_sans(tls, verify),
        min_version=minimum,
        max_version=maximum,
        ciphers=_ciphers(tls),
        prefer_server_ciphers=tls.flag("prefer_server_cipher_suites", default=True),
        curve=_curve(tls),
    )


def _pem(tls: Section, name: str) -> Path | str:
    value = _optional_pem(tls, name)
    if value is None:
        raise tls.error(f"{name}_file", "is missing; TLS needs a certificate and its key")
    return value


def _optional_pem(tls: Section, name: str) -> Path | str | None:
    file, text = tls.path(f"{name}_file"), tls.text(name)
    if file is not None and text is not None:
        raise tls.error(name, f"and {name}_file are both there; keep one")
    return file if file is not None else text


def _verify_clients(tls: Section) -> ssl.VerifyMode:
    kind = tls.choice("client_auth_type", (*_CLIENT_AUTH, *_TAKES_ANY)) or "NoClientCert"
    if kind in _TAKES_ANY:
        # It would let in whoever makes a certificate for themselves, and Python's ssl has no way to.
        raise tls.error(
            "client_auth_type",
            f"{kind} takes any certificate, self-made ones too, which Python's ssl cannot; "
            "use RequireAndVerifyClientCert",
        )
    if kind == "RequireAndVerifyClientCert" and _optional_pem(tls, "client_ca") is None:
        raise tls.error(
            "client_ca_file", f"is missing; {kind} needs the authority that signs the clients' certificates"
        )
    if kind == "NoClientCert" and _optional_pem(tls, "client_ca") is not None:
        raise tls.error("client_auth_type", "is missing; client_ca_file needs RequireAndVerifyClientCert")
    return _CLIENT_AUTH[kind]


def _allowed_sans(tls: Section, verify: ssl.VerifyMode) -> tuple[str, ...]:
    names = tls.texts("client_allowed_sans")
    if names is not None and verify is not ssl.CERT_REQUIRED:
        raise tls.error("client_allowed_sans", "needs client_auth_type: RequireAndVerifyClientCert")
    if names == ():
        raise tls.error("client_allowed_sans", "is empty, which lets nobody in; name someone, or leave it out")
    return names or ()


def _ciphers(tls: Section) -> tuple[str, ...]:
    ciphers = []
    for name in tls.texts("cipher_suites") or ():
        if name in _CIPHERS:
            ciphers.append(_CIPHERS[name])
        elif name not in _CIPHERS_OF_TLS13:
            raise tls.error("cipher_suites", f"has an unknown or insecure suite; known are {', '.join(_CIPHERS)}")
    return tuple(ciphers)


def _curve(tls: Section) -> str | None:
    names = tls.texts("curve_preferences") or ()
    for name in names:
        if name not in _CURVES:
            raise tls.error("curve_preferences", f"has an unknown curve; known are {', '.join(_CURVES)}")
    if len(names) > 1:
        raise tls.error("curve_preferences", "must name one curve: Python's ssl takes no more; or leave it out")
    return _CURVES[names[0]] if names else None
