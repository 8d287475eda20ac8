"""Durations as Prometheus writes them: ``90s``, ``1h30m``, ``2d``, and a plain ``0``."""

from __future__ import annotations

import re

_UNITS = {"y": 31_536_000.0, "w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_FORM = re.compile("".join(rf"(?:([0-9]{{1,9}}){unit})?" for unit in _UNITS))
LONGEST = 10 * _UNITS["y"]


def parse_duration(text: str) -> float:
    """Return ``text`` in seconds; ValueError (one line) if it is no duration or is longer than ten years."""
    if text == "0":
        return 0.0
    found = _FORM.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"{text!r} is not a duration; write for example 90s, 10m or 1h30m")
    seconds = sum(int(count) * size for count, size in zip(found.groups(), _UNITS.values(), strict=True) if count)
    if seconds > LONGEST:
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
