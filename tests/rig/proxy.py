"""A proxy on loopback: forwards plain requests, and opens tunnels with CONNECT. Every host name is this machine."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from urllib.parse import urlsplit

from tests.rig.raw_server import Peer


def forwards(peer: Peer) -> None:
    """What a well-behaved proxy does with a connection."""
    head = peer.request()
    if not head:
        return
    method, target, _ = head.split(" ", 2)
    if method == "CONNECT":
        port = target.rpartition(":")[2]
        with socket.create_connection(("127.0.0.1", int(port))) as upstream:
            peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = Thread(target=_copy, args=(upstream, peer.sock))
            back.start()
            _copy(peer.sock, upstream)
            back.join()
        return
    url = urlsplit(target)
    with socket.create_connection(("127.0.0.1", url.port or 80)) as upstream:
        upstream.sendall(head.replace(target, f"{url.path}?{url.query}", 1).encode("latin-1"))
        upstream.shutdown(socket.SHUT_WR)
        _copy(upstream, peer.sock)


def _copy(source: socket.socket, target: socket.socket) -> None:
    # Either end may go first.
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
