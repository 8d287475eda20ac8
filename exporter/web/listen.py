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
_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+(?:%[^\]]+)?)\]|([^:\[\]]*)):([0-9]{1,5})")
_PROBLEMS = {
    errno.EADDRINUSE: "the port is in use; stop what listens there, or choose another port",
    errno.EACCES: "this user may not use the port; choose one of 1024 or above",
    errno.EADDRNOTAVAIL: "this machine does not have the address; use one of its own, or leave the host out",
    errno.EAFNOSUPPORT: "this machine has no IPv6; use an IPv4 address",
}


def parse_listen_address(text: str) -> tuple[str, int]:
    """Host (empty: every interface) and port (0: a free one) of `:10147`, `[::1]:9000`. Raises WebServerError."""
    match = _ADDRESS.fullmatch(text)
    try:
        if match is not None and int(match[3]) <= 65535:
            host = match[1] or match[2] or ""
            host.encode("idna")  # the resolver takes no label that is empty or of more than 63 characters
            return host, int(match[3])
    except UnicodeError:
        pass
    raise WebServerError(
        f"--web.listen-address: {text!r} is not an address; write HOST:PORT, [IPV6]:PORT, or :PORT for every interface"
    )


def listen_on(text: str) -> socket.socket:
    """A socket that listens on an address. Raises WebServerError."""
    host, port = parse_listen_address(text)
    both = not host and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both or ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        problem = _PROBLEMS.get(error.errno or 0, f"cannot listen ({error.strerror})")
        if error.errno is not None and error.errno < 0:  # the resolver's
            problem = "the host cannot be resolved; name an address of this machine, or leave the host out"
        raise WebServerError(f"--web.listen-address: {text!r}: {problem}") from None
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
