"""Ways in which no connection comes about, or none that can be trusted."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from exporter.api.errors import Outcome
from tests.faults import namespace
from tests.faults.breakers import Interceptor
from tests.rig.certificates import Authority
from tests.rig.raw_server import Peer, Script, answer, over_tls

HTTP, HTTPS = "http://127.0.0.1:{port}/api/v1/partner", "https://127.0.0.1:{port}/api/v1/partner"
NAMED = f"http://{namespace.HOST}:{{port}}/api/v1/partner"
NAMED_HTTPS = f"https://{namespace.HOST}:{{port}}/api/v1/partner"
"""An address on loopback is never asked for through a proxy, a name is."""
SLOW = 5.0
"""Seconds between polls where each of two requests takes a second to fail."""


MakeScript: TypeAlias = "Callable[[Certificates], Script]"
"""What is done to a connection, with the certificates there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFault:
    """One row: over which scheme and through which proxy, and what is done to connections, or switched off."""

    name: str
    what: str
    outcome: Outcome
    act: MakeScript | None = None
    switch: str = ""
    base_url: str = HTTP
    proxy: bool = False

    @property
    def interval(self) -> float:
        """Seconds between polls."""
        return SLOW if self.outcome is Outcome.TIMEOUT else 1.0


@dataclass
class Certificates:
    """What a fault may need: certificates, and what is done to connections."""

    directory: Path
    interceptor: Interceptor = field(default_factory=Interceptor)

    def __post_init__(self) -> None:
        (self.directory / "stranger").mkdir(parents=True)
        self.authority = Authority(directory=self.directory)
        self.stranger = Authority(directory=self.directory / "stranger")
        self.trusted = self.authority.issue("127.0.0.1", namespace.HOST).server_context()


def _closes(peer: Peer) -> None:
    peer.sock.close()


def _serves(context: Callable[[Certificates], ssl.SSLContext]) -> MakeScript:
    """TLS under another certificate; the client is to leave before it asks."""
    return lambda certs: over_tls(context(certs), lambda peer: peer.hang())


def _says(data: bytes) -> MakeScript:
    def script(peer: Peer) -> None:
        if peer.request():
            peer.send(data)

    return lambda certs: script


def _always(script: Script) -> MakeScript:
    return lambda certs: script


def _for_another_host(certs: Certificates) -> ssl.SSLContext:
    return certs.authority.server(host="elsewhere.example")


def _by_a_stranger(certs: Certificates) -> ssl.SSLContext:
    return certs.stranger.server()


NOT_TLS = answer(b"", status="400 Bad")
RECORD = b"\x16\x03\x03\x40\x00" + b"\x02" * 9000
"""A TLS record that is part of no handshake."""

TLS: tuple[tuple[str, str, Outcome, MakeScript], ...] = (
    ("expired", "an expired certificate", Outcome.TLS, _serves(lambda certs: certs.authority.server(expired=True))),
    ("wrong-host", "a certificate for another host", Outcome.TLS, _serves(_for_another_host)),
    ("unknown-authority", "an unknown authority's certificate", Outcome.TLS, _serves(_by_a_stranger)),
    ("self-signed", "a self-signed certificate", Outcome.TLS, _serves(lambda certs: certs.authority.self_signed())),
    ("plain", "plain HTTP where TLS belongs", Outcome.TLS, _always(lambda peer: peer.send(NOT_TLS))),
    ("cut", "closed within the handshake", Outcome.CONNECTION, _always(lambda peer: peer.send(b"\x16\x03"))),
    ("silent", "a handshake that is not answered", Outcome.TIMEOUT, _always(Peer.hang)),
    ("drip", "a handshake byte by byte", Outcome.TIMEOUT, _always(lambda peer: peer.drip(RECORD))),
)
PROXY: tuple[tuple[str, str, Outcome, MakeScript], ...] = (
    ("reset", "reset", Outcome.CONNECTION, _always(Peer.reset)),
    ("garbage", "no HTTP", Outcome.CONNECTION, _says(b"SOCKS?\r\n\r\n")),
    ("407", "wants a password", Outcome.CONNECTION, _says(answer(b"", status="407 Proxy Authentication Required"))),
    ("silent", "does not answer", Outcome.TIMEOUT, _always(Peer.hang)),
)
BAD_GATEWAY = _says(answer(b"", status="502 Bad Gateway"))
KINDS = (("proxy", "a proxy", NAMED), ("tunnel", "a proxy with CONNECT", NAMED_HTTPS))

CONNECTION_FAULTS = (
    ConnectionFault(name="connect-refused", what="nobody listens", outcome=Outcome.CONNECTION, switch="server"),
    ConnectionFault(name="connect-slow", what="connections hang", outcome=Outcome.TIMEOUT, switch="backlog"),
    ConnectionFault(name="connect-reset", what="reset at once", outcome=Outcome.CONNECTION, act=_always(Peer.reset)),
    ConnectionFault(name="connect-closed", what="closed at once", outcome=Outcome.CONNECTION, act=_always(_closes)),
    ConnectionFault(
        name="dns-failure", what="the host name is not found", outcome=Outcome.CONNECTION, switch="name", base_url=NAMED
    ),
    *(
        ConnectionFault(name=f"tls-{name}", what=what, outcome=outcome, act=act, base_url=HTTPS)
        for name, what, outcome, act in TLS
    ),
    ConnectionFault(
        name="tls-ca-bundle-gone", what="the CA bundle is removed", outcome=Outcome.TLS, switch="bundle", base_url=HTTPS
    ),
    *(
        ConnectionFault(
            name=f"{name}-{fault}", what=f"{kind}: {what}", outcome=outcome, act=act, base_url=url, proxy=True
        )
        for name, kind, url in KINDS
        for fault, what, outcome, act in PROXY
    ),
    ConnectionFault(
        name="proxy-502", what="a proxy: 502", outcome=Outcome.SERVER_ERROR, act=BAD_GATEWAY, base_url=NAMED, proxy=True
    ),
    ConnectionFault(
        name="tunnel-502",
        what="a proxy with CONNECT: 502",
        outcome=Outcome.CONNECTION,
        act=BAD_GATEWAY,
        base_url=NAMED_HTTPS,
        proxy=True,
    ),
    *(
        ConnectionFault(
            name=f"{name}-refused",
            what=f"{kind} that does not listen",
            outcome=Outcome.CONNECTION,
            switch="proxy",
            base_url=url,
            proxy=True,
        )
        for name, kind, url in KINDS
    ),
)
