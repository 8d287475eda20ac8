"""A proxy on loopback: forwards plain requests, and opens tunnels with CONNECT."""

from __future__ import annotations

import socket
from threading import Thread
from urllib.parse import urlsplit

from tests.api.hostile_server import Peer


def forwards(peer: Peer) -> None:
    """What a well-behaved proxy does with a connection."""
    head = peer.request()
    if not head:
        return
    method, target, _ = head.split(" ", 2)
    if method == "CONNECT":
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port))) as upstream:
            peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = Thread(target=_copy, args=(upstream, peer.sock))
            back.start()
            _copy(peer.sock, upstream)
            back.join()
        return
    url = urlsplit(target)
    with socket.create_connection((url.hostname or "", url.port or 80)) as upstream:
        upstream.sendall(head.replace(target, f"{url.path}?{url.query}", 1).encode("latin-1"))
        upstream.shutdown(socket.SHUT_WR)
        _copy(upstream, peer.sock)


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        # Either end may go first.
        return
