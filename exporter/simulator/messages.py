"""A request and a reply, as the simulator's parts hand them to each other: HTTP without the socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Manner(Enum):
    """How a reply goes out: as it should, in drips slower than any timeout, or not at all."""

    PROMPT = "prompt"
    DRIPPING = "dripping"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request: ``query`` holds the last value of each parameter; ``auth_id`` and ``token`` are the two headers."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    auth_id: str | None = None
    token: str | None = None
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply; ``headers`` are those beyond length and type."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    manner: Manner = Manner.PROMPT


def as_json(status: int, value: object, *, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """Return a reply that carries ``value`` as JSON."""
    return Reply(status=status, body=json.dumps(value).encode(), headers=headers)


def refusal(status: int, reason: str, *, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """Return a reply that says in one line why there is no answer."""
    return as_json(status, {"error": reason}, headers=headers)
