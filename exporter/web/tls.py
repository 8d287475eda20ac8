"""TLS: the context that a configuration asks for, and the handshake at the door."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from exporter.web.crowd import Member
from exporter.web.errors import WebConfigError
from exporter.web.http import Response, encode
from exporter.web.tls_settings import TlsSettings

_VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_SPEAKS_HTTPS = Response(
    status=400,
    headers=(("Content-Type", "text/plain; charset=utf-8"),),
    body=b"This port speaks HTTPS. Use an https:// address.\n",
)


class TlsDoor:
    """Secures the connections that were accepted while one version of the configuration held."""

    def __init__(self, settings: TlsSettings) -> None:
        """Opens the certificates. Raises WebConfigError, naming the field and what to do."""
        self._context = _context(settings)
        self._allowed_sans = frozenset(map(_normal, settings.client_allowed_sans))

    def enter(self, member: Member, *, date: str) -> bool:
        """Shakes hands; returns whether the client may go on. Raises OSError if it went away.

        `date` is for the answer to a client that speaks plain HTTP.
        """
        plain = member.sock
        sock = self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        member.adopt(sock)
        try:
            sock.do_handshake()
        except ssl.SSLError as error:
            if error.reason == "HTTP_REQUEST":
                told = encode(_SPEAKS_HTTPS, date=date, head_only=False, close=True)
                socket.socket.sendall(sock, b"".join(told))
            return False
        return not self._allowed_sans or not self._allowed_sans.isdisjoint(_names(sock.getpeercert()))

    def say_goodbye(self, member: Member) -> None:
        """Tells the client that this is the end, without waiting for it to say the same."""
        sock = member.sock
        if isinstance(sock, ssl.SSLSocket):
            sock.setblocking(False)
            with contextlib.suppress(OSError, ValueError):
                sock.unwrap()
            sock.setblocking(True)


def _context(settings: TlsSettings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[settings.min_version]
    context.maximum_version = _VERSIONS[settings.max_version]
    context.options |= ssl.OP_NO_RENEGOTIATION
    if settings.prefer_server_ciphers:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    if settings.ciphers:
        context.set_ciphers(":".join(settings.ciphers))
    if settings.curve:
        _set_curve(context, settings.curve)
    _load_certificate(context, settings)
    if settings.client_ca is not None:
        _load_client_authority(context, settings.client_ca)
    if settings.client_certificate is not None:
        context.verify_mode = ssl.CERT_REQUIRED if settings.client_certificate else ssl.CERT_OPTIONAL
    return context


def _set_curve(context: ssl.SSLContext, curve: str) -> None:
    try:
        context.set_ecdh_curve(curve)
    except (OSError, ValueError):
        # Python 3.10 knows no X25519 here.
        raise WebConfigError(
            f"tls_server_config.curve_preferences: this Python cannot choose {curve}; "
            "name another curve, or leave it out"
        ) from None


def _load_certificate(context: ssl.SSLContext, settings: TlsSettings) -> None:
    with _as_file("cert", settings.cert) as cert, _as_file("key", settings.key) as key:
        try:
            context.load_cert_chain(cert, key, password=_refuse_to_decrypt)
        except OSError as error:
            if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
                problem = "the key does not belong to the certificate"
            else:
                problem = "not a certificate chain and its key in PEM"
            raise WebConfigError(
                f"tls_server_config: cert_file {_shown(settings.cert)}, key_file {_shown(settings.key)}: {problem}"
            ) from None


def _load_client_authority(context: ssl.SSLContext, authority: Path | str) -> None:
    with _as_file("client_ca", authority) as file:
        try:
            context.load_verify_locations(cafile=file)
        except OSError:
            raise WebConfigError(
                f"tls_server_config.client_ca_file: {_shown(authority)}: not certificates in PEM"
            ) from None


@contextlib.contextmanager
def _as_file(field: str, value: Path | str) -> Iterator[str]:
    """A path that OpenSSL can read; text from the configuration is held in memory, never written to a disk."""
    if isinstance(value, Path):
        _check_readable(field, value)
        yield str(value)
        return
    descriptor = os.memfd_create(field)
    try:
        os.write(descriptor, value.encode())
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _check_readable(field: str, file: Path) -> None:
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        raise WebConfigError(
            f"tls_server_config.{field}_file: {file}: cannot be read ({error.strerror}); "
            "correct the path or its permissions"
        ) from None


def _refuse_to_decrypt() -> str:
    # Without this OpenSSL would ask for a pass phrase on the terminal, and wait.
    raise WebConfigError("tls_server_config.key_file: the key is encrypted; give one without a pass phrase")


def _shown(value: Path | str) -> str:
    return str(value) if isinstance(value, Path) else "(inline)"


def _names(certificate: dict[str, Any] | None) -> set[str]:
    """The subject alternative names of a client's certificate."""
    return {_normal(value) for _, value in (certificate or {}).get("subjectAltName", ()) if isinstance(value, str)}


def _normal(name: str) -> str:
    """One spelling for each IP address, which OpenSSL writes in another way than people do."""
    try:
        return ipaddress.ip_address(name).compressed
    except ValueError:
        return name
