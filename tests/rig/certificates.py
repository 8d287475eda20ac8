"""Certificates for tests: private authorities, what they sign, and what can be wrong with it."""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate and its key, in PEM."""

    certificate: bytes
    key: bytes

    def write(self, directory: Path, name: str) -> None:
        """As ``name.crt`` and ``name.key``."""
        (directory / f"{name}.crt").write_bytes(self.certificate)
        (directory / f"{name}.key").write_bytes(self.key)

    def server_context(self) -> ssl.SSLContext:
        """What a server speaks TLS with under this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.certificate + self.key)
            file.flush()
            context.load_cert_chain(file.name)
        return context


class Authority:
    """Signs certificates for servers and clients. ``pem`` is what makes others trust them, ``bundle`` a file of it."""

    def __init__(self, name: str = "authority", *, directory: Path | None = None) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        usage = x509.KeyUsage(
            key_cert_sign=True,
            crl_sign=True,
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = _builder(self._name, self._name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        certificate = builder.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.bundle = (directory or Path()) / "authority.pem"
        if directory is not None:
            self.bundle.write_bytes(self.pem)

    def issue(self, *names: str, passphrase: bytes | None = None, days: float = 30) -> Issued:
        """A certificate for DNS names and IP addresses, which ends in so many days."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(names[0]), self._name, key.public_key(), days)
        for extension in (
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            x509.SubjectAlternativeName([_general_name(name) for name in names]),
        ):
            builder = builder.add_extension(extension, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        return Issued(certificate=certificate, key=_private_pem(key, passphrase))

    def server(self, *, host: str = "127.0.0.1", expired: bool = False) -> ssl.SSLContext:
        """What a server speaks TLS with, under a certificate for this host."""
        return self.issue(host, days=-1 if expired else 30).server_context()

    def client_context(self, *, presenting: Path | None = None) -> ssl.SSLContext:
        """A client that trusts this authority, and may present a certificate: a path without ``.crt`` and ``.key``."""
        context = ssl.create_default_context(cadata=self.pem.decode())
        if presenting is not None:
            context.load_cert_chain(f"{presenting}.crt", f"{presenting}.key")
        return context

    @classmethod
    def self_signed(cls) -> ssl.SSLContext:
        """What a server speaks TLS with, under a certificate that nobody but itself vouches for."""
        own = cls()
        return Issued(certificate=own.pem, key=_private_pem(own._key, None)).server_context()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: float = 30
) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private_pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None) -> bytes:
    encryption = (
        serialization.NoEncryption() if passphrase is None else serialization.BestAvailableEncryption(passphrase)
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
