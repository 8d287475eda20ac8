"""TLS: the context that a configuration asks for, the handshake, and the end of the certificate."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import ssl
from datetime import datetime
from pathlib import Path

from exporter.web.config_file import TlsConfig
from exporter.web.connection import Connection
from exporter.web.http import WebServerError

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

    Opens the certificates. Raises WebServerError, naming the field and what to do.
    """

    def __init__(self, settings: TlsConfig) -> None:
        self._context = _context(settings)
        self._file, self._ends = settings.cert_file, _end_of(_load_certificate(self._context, settings))

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
        return True

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
        return [f"tls_server_config.cert_file: {self._file}: the certificate {state}; renew it"]


def _context(settings: TlsConfig) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[settings.min_version]
    context.maximum_version = _VERSIONS[settings.max_version]
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    if ciphers := [name for name in settings.cipher_suites if not name.startswith("TLS_")]:
        context.set_ciphers(":".join(ciphers))
    if settings.client_ca_file is not None:
        _read(settings, "client_ca_file")
        try:
            context.load_verify_locations(settings.client_ca_file)
        except ssl.SSLError:
            where = f"tls_server_config.client_ca_file: {settings.client_ca_file}"
            raise WebServerError(f"{where}: not certificates in PEM; give those of the authority") from None
    elif settings.verify_clients is not ssl.CERT_NONE:
        context.load_default_certs(ssl.Purpose.CLIENT_AUTH)  # as Go does: the system's authorities
    context.verify_mode = settings.verify_clients
    return context


def _load_certificate(context: ssl.SSLContext, settings: TlsConfig) -> bytes:
    """Returns the certificate, too."""
    certificate, _ = _read(settings, "cert_file"), _read(settings, "key_file")
    try:
        context.load_cert_chain(str(settings.cert_file), str(settings.key_file), password=_refuse_to_decrypt)
    except OSError as error:
        problem = "not a certificate chain and its key in PEM"
        if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
            problem = "the key does not belong to the certificate"
        files = f"cert_file {settings.cert_file}, key_file {settings.key_file}"
        raise WebServerError(f"tls_server_config: {files}: {problem}") from None
    return certificate


def _refuse_to_decrypt() -> str:
    # Without this OpenSSL would ask for a pass phrase on the terminal, and wait.
    raise WebServerError("tls_server_config.key_file: the key is encrypted; give one without a pass phrase")


def _read(settings: TlsConfig, field: str) -> bytes:
    """What a file holds: OpenSSL does not say which one it cannot read."""
    file: Path = getattr(settings, field)
    try:
        return file.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror}); correct the path or its permissions"
        raise WebServerError(f"tls_server_config.{field}: {file}: {problem}") from None


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
