"""Durations as Prometheus writes them."""

from __future__ import annotations

import re

from exporter.config.errors import Invalid

# https://prometheus.io/docs/prometheus/latest/configuration/configuration/ (<duration>): a year is 365 days.
_UNITS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_DURATION = re.compile("".join(f"(?:([0-9]{{1,18}}){unit})?" for unit in _UNITS))
# Prometheus keeps nanoseconds in 64 bits.
_LONGEST_MS = (2**63 - 1) // 1_000_000


def parse_duration(text: str) -> float:
    """Seconds in a duration such as ``1h30m`` or ``500ms``; ``0`` needs no unit.

    Raises :class:`~exporter.config.errors.Invalid`: no unit, an unknown one, units twice or not from long to short,
    or above 292 years.
    """
    if text == "0":
        return 0.0
    if text.isdecimal():
        raise Invalid("a number without a unit")
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise Invalid("not a duration of whole numbers with units (y w d h m s ms), longest first")
    total = sum(int(count) * size for count, size in zip(match.groups("0"), _UNITS.values(), strict=True))
    if total > _LONGEST_MS:
        raise Invalid("longer than 292 years")
    return total / 1000


def format_duration(seconds: float) -> str:
    """The shortest way to write a duration, to the millisecond: 90 seconds are ``1m30s``."""
    rest = round(seconds * 1000)
    parts = []
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
