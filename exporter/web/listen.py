"""Listen addresses as Prometheus and its exporters write them, and the sockets for them."""

from __future__ import annotations

import errno
import re
import socket

from exporter.web.http import WebServerError

# Connections that the kernel holds until they are accepted; it lowers this to its own bound (net.core.somaxconn).
_BACKLOG = 1024
# What the kernel may hold of an answer; without a bound it is 4 MiB and more for each client that does not read.
_SEND_BUFFER_BYTES = 256 * 1024
_IPV6 = r"[0-9A-Fa-f:]{2,39}(?:\.[0-9]{1,3}){0,3}(?:%[\w-]{1,15}(?:\.[0-9]{1,4})?)?"
_NAME = r"(?:[\w-]{1,63}(?:\.|(?=:)))*"  # the resolver takes no label that is empty or longer
_ADDRESS = re.compile(rf"(?:\[({_IPV6})\]|({_NAME})):([0-9]{{1,5}})", re.ASCII)


def parse_listen_address(text: str) -> tuple[str, int]:
    """Host (empty: every interface) and port (0: a free one) of `:10147`, `[::1]:9000`. Raises WebServerError."""
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match[3]) > 65535:
        why = "is not an address; write HOST:PORT, [IPV6]:PORT, or :PORT for every interface"
        raise WebServerError(f"--web.listen-address: {text!r} {why}")
    return match[1] or match[2] or "", int(match[3])


def listen_on(text: str) -> socket.socket:
    """A socket that listens on an address. Raises WebServerError."""
    host, port = parse_listen_address(text)
    both = not host and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both or ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        problem = f"cannot listen ({error.strerror}); choose another address or port"
        if error.errno == errno.EADDRINUSE:
            problem = "the port is in use; stop what listens there, or choose another port"
        raise WebServerError(f"--web.listen-address: {text!r}: {problem}") from None
    listening.settimeout(0.5)  # a connection that is gone before it is accepted keeps nobody waiting
    # Accepted sockets take these over.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def url_of(listening: socket.socket, *, scheme: str) -> str:
    """Where a client on this machine reaches the socket, without a slash at the end."""
    host, port = listening.getsockname()[:2]
    if host in ("::", "0.0.0.0"):  # noqa: S104 - compared, not bound
        host = "localhost"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
