"""Certificates for servers on loopback: a private authority, and what can be wrong with what it signs."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """Signs certificates; ``bundle`` is the file that makes a client trust them."""

    directory: Path
    bundle: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def server(self, *, host: str = "127.0.0.1", expired: bool = False) -> ssl.SSLContext:
        """What a server speaks TLS with, under a certificate for this host."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        until = _now() - _DAY if expired else _now() + _DAY
        builder = (
            _builder("server", issuer="authority", key=key.public_key(), until=until)
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        return self._context(f"{host}-{expired}.pem", builder.sign(self.key, hashes.SHA256()), key)

    def self_signed(self) -> ssl.SSLContext:
        """The same under a certificate for 127.0.0.1 that nobody but the server itself vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder("server", issuer="server", key=key.public_key(), until=_now() + _DAY).add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        return self._context("self-signed.pem", builder.sign(key, hashes.SHA256()), key)

    def _context(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
        path = self.directory / name
        path.write_bytes(_pem(certificate) + _private_pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def make_authority(directory: Path) -> Authority:
    """A new authority, with its files in this directory."""
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder("authority", issuer="authority", key=key.public_key(), until=_now() + _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    bundle = directory / "authority.pem"
    bundle.write_bytes(_pem(certificate))
    return Authority(directory=directory, bundle=bundle, key=key, certificate=certificate)


def _builder(subject: str, *, issuer: str, key: ec.EllipticCurvePublicKey, until: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - 10 * _DAY)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
