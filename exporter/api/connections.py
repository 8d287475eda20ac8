"""Connections that a :class:`~exporter.api.flight.Flight` can end at any moment, from the look-up of the name on."""

from __future__ import annotations

import errno
import os
import socket
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from ssl import SSLEOFError
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError
from urllib3.util import wait_for_write

from exporter.api.flight import IN_FLIGHT, Address, Flight


class Unanswered(RemoteDisconnected):
    """The connection ended before the first byte of an answer."""


class BrokenHeaders(HTTPException):
    """The headers cannot be read to their end, so that nobody knows where the body begins or ends."""


class _Answer(HTTPResponse):
    """An answer that tells "nothing came" from "it broke off", whatever the way in which the connection ended."""

    def begin(self) -> None:
        try:
            answered = bool(self.fp.peek(1))
        except (ConnectionError, SSLEOFError):
            answered = False
        if not answered:
            raise Unanswered("no answer")
        super().begin()
        # urllib3 would go on, and write the server's words into a warning.
        if self.msg.defects:
            raise BrokenHeaders("headers are broken")


class _Watched(HTTPConnection):
    """What plain and TLS connections have in common: their socket is known to the request in flight."""

    response_class = _Answer
    _served = False

    def _new_conn(self) -> socket.socket:
        try:
            return self._connected()
        except OSError as error:
            # Never the bare error: urllib3 takes a reset here for one that came while the request was being sent.
            raise NewConnectionError(self, "no connection") from error

    def _connected(self) -> socket.socket:
        flight = IN_FLIGHT.get()
        host, port = self._dns_host.strip("[]"), self.port
        addresses = flight.aside(lambda: flight.resolve(host, port))
        self._served = False
        failure = OSError("the name has no address")
        for position, address in enumerate(addresses):
            try:
                # An address that swallows packets leaves the others their share of the time.
                return self._open(flight, address, seconds=flight.remaining() / (len(addresses) - position))
            except OSError as error:
                failure = error
        raise failure

    def _open(self, flight: Flight, address: Address, *, seconds: float) -> socket.socket:
        family, kind, protocol, _, name = address
        sock = socket.socket(family, kind, protocol)
        try:
            for option in self.socket_options or ():
                sock.setsockopt(*option)
            sock.setblocking(False)
            problem = sock.connect_ex(name)
            # Only now: a socket that is not yet connecting cannot be shut down.
            flight.watch(sock)
            if problem == errno.EINPROGRESS:
                if not wait_for_write(sock, timeout=seconds):
                    raise TimeoutError
                problem = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if problem:
                raise OSError(problem, os.strerror(problem))
            sock.settimeout(flight.remaining())
        except OSError:
            sock.close()
            raise
        return sock

    def request(self, *args: Any, **kw: Any) -> None:
        flight = IN_FLIGHT.get()
        flight.reused = self._served and self.sock is not None
        if flight.reused:
            flight.watch(self.sock)
        super().request(*args, **kw)
        self._served = True


class WatchedHTTPConnection(_Watched):
    """A plain connection."""


class WatchedHTTPSConnection(_Watched, HTTPSConnection):
    """A TLS connection."""
