"""A Vobiz on loopback that answers as a script says: well, badly, late, or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

from tests.rig.raw_server import HostileServer, Peer, answer

BASE_PATH = "/api/v1/partner/"

DOCUMENTED_ACCOUNT = b"PA_TEST0001"
"""That of the documented answers; every partner is given them as its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. ``endpoint`` is ``dashboard`` and so on, header names are in small letters, ``at`` is monotonic."""

    endpoint: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    at: float


Act: TypeAlias = Callable[[Peer], bool]
"""Does what it likes with the connection; returns whether it is kept open."""

Answer: TypeAlias = tuple[int, bytes]
"""Status and body."""

AnyAnswer: TypeAlias = Answer | bytes | Act
"""Also the bytes that are sent as they are, the connection kept; or an act."""

Script: TypeAlias = Callable[[str, dict[str, str]], Answer]
"""From the endpoint's name and the query to the answer. Several threads call it; it may wait."""


class ScriptedVobiz:
    """Serves a script from the start until the end of ``with``; the script may be replaced at any time.

    ``asked`` has every request's endpoint and query, ``tokens`` its token.
    """

    def __init__(self, script: Callable[[str, dict[str, str]], AnyAnswer]) -> None:
        self.script = script
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.tokens: list[str] = []
        self.server = HostileServer(lambda peer: answer_requests(peer, self._respond))

    @property
    def url(self) -> str:
        """What to give as ``api.base_url``."""
        return f"http://{self.server.authority}{BASE_PATH.rstrip('/')}"

    def __enter__(self) -> ScriptedVobiz:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()

    def _respond(self, request: Request) -> AnyAnswer:
        self.asked.append((request.endpoint, dict(request.query)))
        self.tokens.append(request.headers.get("x-auth-token", ""))
        said = self.script(request.endpoint, dict(request.query))
        if not isinstance(said, tuple):
            return said
        status, body = said
        auth_id = request.headers.get("x-auth-id", "").encode() or DOCUMENTED_ACCOUNT
        return status, body.replace(DOCUMENTED_ACCOUNT, auth_id)


def answer_requests(peer: Peer, respond: Callable[[Request], AnyAnswer]) -> None:
    """Answer the requests of one connection until it ends."""
    while head := peer.request():
        said = respond(parse_request(head))
        if isinstance(said, tuple):
            status, body = said
            said = json_answer(body, status=f"{status} Scripted")
        if isinstance(said, bytes):
            peer.send(said)
        elif not said(peer):
            return


def json_answer(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    """A whole answer that says it is JSON; ``headers`` are lines that end in CRLF."""
    return answer(body, status=status, headers="Content-Type: application/json\r\n" + headers)


def parse_request(head: str) -> Request:
    """A request's head, taken apart."""
    first, *lines = head.split("\r\n")
    parts = urlsplit(first.split(" ", 2)[1])
    pairs = (line.partition(":") for line in lines if line)
    return Request(
        endpoint=parts.path.removeprefix(BASE_PATH),
        query=dict(parse_qsl(parts.query)),
        headers={name.strip().lower(): value.strip() for name, _, value in pairs},
        at=time.monotonic(),
    )
