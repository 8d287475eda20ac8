"""What can be made to go wrong, and how it is asked for on the command line and over the control URL."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from .climate import DIRECTIONS

_UNITS = {"y": 31_536_000.0, "w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile("".join(rf"(?:([0-9]{{1,9}}){unit})?" for unit in _UNITS))
MAX_DURATION = 10 * _UNITS["y"]

FORM = "KIND[@AFTER][:DURATION][:DEPTH]"


class Kind(str, Enum):
    """Every kind of incident: calls, then the API itself, then the values it gives, then calls with a cause."""

    ANSWER_RATE_DROP = "answer-rate-drop"
    OUTAGE = "outage"
    SILENCE = "silence"
    FRAUD = "fraud"
    API_DOWN = "api-down"
    API_SLOW = "api-slow"
    RATE_LIMITED = "rate-limited"
    UNAUTHORIZED = "unauthorized"
    MALFORMED = "malformed"
    CORRECTION = "correction"
    FROZEN = "frozen"
    OUT_OF_CREDITS = "out-of-credits"
    CARRIER_REJECT = "carrier-reject"
    SPAM_BLOCK = "spam-block"


API_KINDS = (Kind.API_DOWN, Kind.RATE_LIMITED, Kind.UNAUTHORIZED, Kind.API_SLOW, Kind.MALFORMED)
"""Kinds that spoil answers; where several run, the first of these wins."""

_USUAL_DEPTH = {
    Kind.ANSWER_RATE_DROP: 0.5,
    Kind.FRAUD: 0.5,
    Kind.OUT_OF_CREDITS: 0.5,
    Kind.CARRIER_REJECT: 0.5,
    Kind.SPAM_BLOCK: 0.5,
    Kind.CORRECTION: 0.1,
    **dict.fromkeys(API_KINDS, 1.0),
}
_ONE_WAY = (Kind.ANSWER_RATE_DROP, Kind.OUTAGE, Kind.SILENCE)
_KEYS = ("kind", "after", "duration", "depth", "direction", "partner")


class IncidentError(ValueError):
    """An incident that cannot be: one line that names the part and says what would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSpec:
    """An incident as asked for. Times are simulated seconds.

    ``duration`` None: until cleared (a correction happens at one moment and has none). ``depth``, above 0 and up to
    1, is the share of the answer rate that is lost, the strength of a fraud, the share of outbound calls that are
    rejected, the share of the values that a correction takes back, or the share of requests that an API incident hits;
    outage, silence and frozen are always whole. ``direction`` and ``partner`` None: all of them.
    """

    kind: Kind
    after: float = 0.0
    duration: float | None = None
    depth: float = 1.0
    direction: str | None = None
    partner: str | None = None


def parse_incident(text: str) -> IncidentSpec:
    """Return the incident that ``text``, of the form ``KIND[@AFTER][:DURATION][:DEPTH]``, asks for.

    A DURATION has a unit and a DEPTH has none, so ``fraud@2m:0.8`` (or ``fraud@2m::0.8``) has only the latter. Raises
    IncidentError.
    """
    head, *rest = text.split(":")
    name, at, after = head.partition("@")
    if len(rest) > 2:
        raise IncidentError(f"{text!r} has too many parts; the form is {FORM}")
    duration, depth = ["", *rest] if len(rest) == 1 and _is_number(rest[0]) else [*rest, "", ""][:2]
    try:
        if at and not after:
            raise IncidentError("AFTER is missing behind the @")
        kind = _kind(name, "KIND")
        return IncidentSpec(
            kind=kind,
            after=_duration(after or "0", "AFTER"),
            duration=_lasting(kind, duration or None, "DURATION"),
            depth=_depth(kind, _number(depth) if depth else None, "DEPTH"),
        )
    except IncidentError as error:
        raise IncidentError(f"{text!r}: {error}; the form is {FORM}") from None


def incident_from_json(body: object, *, partners: Collection[str]) -> IncidentSpec:
    """Return the incident that decoded JSON asks for, for one of ``partners`` or all. Raises IncidentError."""
    if not isinstance(body, Mapping):
        raise IncidentError('the body must be a JSON object such as {"kind": "outage", "duration": "10m"}')
    for key in body:
        if key not in _KEYS:
            raise IncidentError(f"unknown key {key!r}; the keys are {', '.join(_KEYS)}")
    kind = _kind(body.get("kind"), "kind")
    direction, partner = body.get("direction"), body.get("partner")
    if direction is not None and (kind not in _ONE_WAY or direction not in DIRECTIONS):
        allowed = f"be one of {', '.join(DIRECTIONS)}" if kind in _ONE_WAY else f"be left out: {kind.value} takes none"
        raise IncidentError(f"direction {direction!r} must {allowed}")
    if partner is not None and partner not in partners:
        raise IncidentError(f"partner {partner!r} is unknown; GET /_demo/truth lists them")
    return IncidentSpec(
        kind=kind,
        after=_duration(body.get("after", "0"), "after"),
        duration=_lasting(kind, body.get("duration"), "duration"),
        depth=_depth(kind, body.get("depth"), "depth"),
        direction=direction,
        partner=partner,
    )


def _kind(name: object, part: str) -> Kind:
    if isinstance(name, str) and name in {kind.value for kind in Kind}:
        return Kind(name)
    raise IncidentError(f"{part} {name!r} is unknown; the kinds are {', '.join(kind.value for kind in Kind)}")


def _duration(value: object, part: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MAX_DURATION:
        return float(value)
    if not isinstance(value, str):
        raise IncidentError(f'{part} must be a duration such as "10m", or a number of seconds')
    try:
        return parse_duration(value)
    except ValueError as error:
        raise IncidentError(f"{part} {error}") from None


def _lasting(kind: Kind, value: object, part: str) -> float | None:
    if value is None:
        return None
    if kind is Kind.CORRECTION:
        raise IncidentError(f"{part} must be left out: a correction happens at one moment")
    seconds = _duration(value, part)
    if seconds <= 0:
        raise IncidentError(f"{part} must be longer than 0")
    return seconds


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> float:
    if not _is_number(text):
        raise IncidentError(f"DEPTH {text!r} is not a number")
    return float(text)


def _depth(kind: Kind, value: object, part: str) -> float:
    if value is None:
        return _USUAL_DEPTH.get(kind, 1.0)
    if kind not in _USUAL_DEPTH and value != 1:
        raise IncidentError(f"{part} must be 1 or left out: {kind.value} is always whole")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise IncidentError(f"{part} {value!r} must be above 0 and at most 1")
    return float(value)


def parse_duration(text: str) -> float:
    """Return ``text`` in seconds; ValueError (one line) if it is no duration or is longer than ten years."""
    if text == "0":
        return 0.0
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"{text!r} is not a duration; write for example 90s, 10m or 1h30m")
    seconds = sum(int(count) * size for count, size in zip(found.groups(), _UNITS.values(), strict=True) if count)
    if seconds > MAX_DURATION:
        raise ValueError(f"{text!r} is longer than ten years")
    return seconds


def format_duration(seconds: float) -> str:
    """Return ``seconds`` as people read it: whole seconds, in the largest units that fit (``1h30m``, ``0s``)."""
    left = round(seconds)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
