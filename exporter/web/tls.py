"""TLS: the context that a configuration asks for, the handshake, and the end of the certificate."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from exporter.web.config_file import CIPHERS, CURVES, TlsConfig
from exporter.web.connection import Connection
from exporter.web.http import WebConfigError

WARN_DAYS = 7
"""A server certificate that ends within so many days is warned of."""

_VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_SPEAKS_HTTPS = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 49\r\n"
    b"Connection: close\r\n\r\nThis port speaks HTTPS. Use an https:// address.\n"
)
# Validity of RFC 5280 section 4.1.2.5 in DER: a sequence of two times, of two or four digits for the year.
_TIME = rb"(?:\x17\x0d([0-9]{12})Z|\x18\x0f([0-9]{14})Z)"
_VALIDITY = re.compile(rb"\x30[\x1e\x20\x22]" + _TIME + _TIME)


class TlsEndpoint:
    """The server's side of TLS under one version of the configuration.

    Opens the certificates. Raises WebConfigError, naming the field and what to do.
    """

    def __init__(self, settings: TlsConfig) -> None:
        self._context = _context(settings)
        certificate, self._shown = _load_certificate(self._context, settings)
        self._ends = _end_of(certificate)
        self._allowed_sans = frozenset(map(_normal, settings.client_allowed_sans or ()))

    def secure(self, connection: Connection) -> bool:
        """Shakes hands; returns whether the client may go on. Raises OSError if it went away."""
        sock = self._context.wrap_socket(connection.sock, server_side=True, do_handshake_on_connect=False)
        connection.sock = sock
        if connection.ended:  # while it had no socket to be shut down
            raise ConnectionAbortedError
        try:
            sock.do_handshake()
        except ssl.SSLError as error:
            if error.reason == "HTTP_REQUEST":
                socket.socket.sendall(sock, _SPEAKS_HTTPS)
            return False
        names = (sock.getpeercert() or {}).get("subjectAltName", ())
        return not self._allowed_sans or any(_normal(str(name[1])) in self._allowed_sans for name in names)

    def close_notify(self, connection: Connection) -> None:
        """Says that no more will come, without waiting for the client to say the same."""
        sock = connection.sock
        sock.setblocking(False)
        if isinstance(sock, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                sock.unwrap()
        sock.setblocking(True)

    def warnings(self, now: float) -> list[str]:
        """What to say of a certificate that has ended or will within days; `now` in seconds since 1970."""
        if self._ends is None or (days := (self._ends.timestamp() - now) / 86_400) > WARN_DAYS:
            return []
        end = f"{self._ends:%Y-%m-%d %H:%M} UTC"
        state = f"ends within {WARN_DAYS} days, at {end}" if days > 0 else f"has ended, at {end}"
        return [f"tls_server_config.cert_file: {self._shown}: the certificate {state}; renew it"]


def _context(settings: TlsConfig) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[settings.min_version]
    context.maximum_version = _VERSIONS[settings.max_version]
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    if not settings.prefer_server_cipher_suites:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    if ciphers := [CIPHERS[name] for name in settings.cipher_suites if name in CIPHERS]:
        context.set_ciphers(":".join(ciphers))
    for curve in settings.curve_preferences:
        with _refusing(f"curve_preferences: this Python cannot choose {curve}; omit it"):
            context.set_ecdh_curve(CURVES[curve])  # Python 3.10 knows no X25519 here
    if settings.pem("client_ca") is not None:
        authority, shown = _pem(settings, "client_ca")
        with _refusing(f"client_ca_file: {shown}: not certificates in PEM"):
            context.load_verify_locations(cadata=authority.decode("ascii", "ignore"))
    elif settings.verify_clients is not ssl.CERT_NONE:
        context.load_default_certs(ssl.Purpose.CLIENT_AUTH)  # as Go does: the system's authorities
    context.verify_mode = settings.verify_clients
    return context


@contextlib.contextmanager
def _refusing(because: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError):
        raise WebConfigError(f"tls_server_config.{because}") from None


def _load_certificate(context: ssl.SSLContext, settings: TlsConfig) -> tuple[bytes, str]:
    """The certificate that was loaded, and how to name it."""
    (certificate, shown), (key, key_shown) = _pem(settings, "cert"), _pem(settings, "key")
    with _as_file(certificate) as certificate_file, _as_file(key) as key_file:
        try:
            context.load_cert_chain(certificate_file, key_file, password=_refuse_to_decrypt)
        except OSError as error:
            problem = "not a certificate chain and its key in PEM"
            if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
                problem = "the key does not belong to the certificate"
            files = f"cert_file {shown}, key_file {key_shown}"
            raise WebConfigError(f"tls_server_config: {files}: {problem}") from None
    return certificate, shown


def _refuse_to_decrypt() -> str:
    # Without this OpenSSL would ask for a pass phrase on the terminal, and wait.
    raise WebConfigError("tls_server_config.key_file: the key is encrypted; give one without a pass phrase")


@contextlib.contextmanager
def _as_file(pem: bytes) -> Iterator[str]:
    """A path that OpenSSL can read; what it holds stays in memory, and is what was read once."""
    descriptor = os.memfd_create("pem")
    try:
        os.write(descriptor, pem)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _pem(settings: TlsConfig, field: str) -> tuple[bytes, str]:
    """What a file holds, or the configuration itself; and how to name it."""
    value = settings.pem(field)
    if not isinstance(value, Path):
        return (value or "").encode(), "(inline)"
    try:
        return value.read_bytes(), str(value)
    except OSError as error:
        raise WebConfigError(
            f"tls_server_config.{field}_file: {value}: cannot be read ({error.strerror}); "
            "correct the path or its permissions"
        ) from None


def _end_of(certificate: bytes) -> datetime | None:
    """When the first certificate in PEM, the server's own, ends; None if that cannot be read.

    The standard library decodes the certificate of a peer, but not one's own.
    """
    first = certificate.decode("latin-1").partition(ssl.PEM_FOOTER)[0].rpartition(ssl.PEM_HEADER)[2]
    with contextlib.suppress(ValueError):
        if validity := _VALIDITY.search(base64.b64decode(first)):
            text, year = (validity[3], "%y") if validity[3] else (validity[4], "%Y")
            return datetime.strptime(text.decode() + "+0000", f"{year}%m%d%H%M%S%z")
    return None


def _normal(name: str) -> str:
    """One spelling for each IP address, which OpenSSL writes in another way than people do."""
    try:
        return ipaddress.ip_address(name).compressed
    except ValueError:
        return name
