"""Listen addresses as Prometheus and its exporters write them, and the sockets for them."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from exporter.web.errors import WebServerError

# Connections that the kernel holds until they are accepted; it lowers this to its own bound (net.core.somaxconn).
_BACKLOG = 1024

# What the kernel may hold of an answer; without a bound it is 4 MiB and more for each client that does not read.
_SEND_BUFFER_BYTES = 256 * 1024

_ADDRESS = re.compile(r"(?:\[(?P<bracketed>[0-9A-Fa-f:.]+(?:%[^\]]+)?)\]|(?P<plain>[^:\[\]]*)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """A host (empty: every interface, IPv6 and IPv4) and a port (0: one that is free)."""

    host: str
    port: int


def parse_listen_address(text: str) -> ListenAddress:
    """`:10147`, `127.0.0.1:0`, `[::1]:9000` or `localhost:9000`. Raises WebServerError for anything else."""
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > 65535 or not _can_be_resolved(match["bracketed"] or match["plain"]):
        raise WebServerError(
            f"--web.listen-address: {text!r} is not an address; "
            "write HOST:PORT, [IPV6]:PORT, or :PORT for every interface"
        )
    return ListenAddress(host=match["bracketed"] or match["plain"] or "", port=int(match["port"]))


def _can_be_resolved(host: str) -> bool:
    """Whether the resolver can be asked at all: it takes no label that is empty or of more than 63 characters."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def listen_on(addresses: Sequence[str]) -> list[socket.socket]:
    """Listening, non-blocking sockets, one for each address, all or none. Raises WebServerError."""
    sockets: list[socket.socket] = []
    try:
        for text in addresses:
            sockets.append(_listen(text, parse_listen_address(text)))
    except BaseException:
        for opened in sockets:
            opened.close()
        raise
    return sockets


def url_of(listening: socket.socket, *, scheme: str) -> str:
    """Where a client on this machine reaches the socket, without a slash at the end."""
    host, port = listening.getsockname()[:2]
    if host in ("::", "0.0.0.0"):  # noqa: S104 - compared, not bound
        host = "localhost"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def client_of(host: str) -> str:
    """Whom connections from an address are counted for: an IPv4 address, or an IPv6 network of 64 bits.

    One machine has all addresses of such a network to itself, so counting single addresses would not bound it.
    """
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _listen(text: str, address: ListenAddress) -> socket.socket:
    try:
        listening = _bound(address)
    except socket.gaierror as error:
        raise WebServerError(
            f"--web.listen-address: {text!r}: the host cannot be resolved ({error.strerror}); "
            "name an address of this machine, or leave the host out"
        ) from None
    except OSError as error:
        raise WebServerError(f"--web.listen-address: {text!r}: {_explain(error)}") from None
    # Accepted sockets take these over.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.setblocking(False)
    return listening


def _bound(address: ListenAddress) -> socket.socket:
    if address.host:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # As in Go's net.Listen: of a name's addresses one is used, IPv4 first.
        family, _, _, _, where = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        return socket.create_server(where, family=family, backlog=_BACKLOG)
    try:
        return socket.create_server(("::", address.port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=True)
    except (OSError, ValueError) as error:  # ValueError: this Python has no IPv6
        if getattr(error, "errno", errno.EAFNOSUPPORT) not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
            raise
        return socket.create_server(("", address.port), backlog=_BACKLOG)


def _explain(error: OSError) -> str:
    known = {
        errno.EADDRINUSE: "the port is in use; stop what listens there, or choose another port",
        errno.EACCES: "this user may not use the port; choose one of 1024 or above",
        errno.EADDRNOTAVAIL: "this machine does not have the address; use one of its own, or leave the host out",
        errno.EAFNOSUPPORT: "this machine has no IPv6; use an IPv4 address",
    }
    return known.get(error.errno or 0, f"cannot listen ({error.strerror})")
