"""Durations and sizes as they are written in the configuration."""

from __future__ import annotations

import re

from exporter.config.errors import Invalid

# https://prometheus.io/docs/prometheus/latest/configuration/configuration/ (<duration>): a year is 365 days.
_MILLISECONDS = {
    "y": 31_536_000_000,
    "w": 604_800_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
_DURATION = re.compile("".join(f"(?:([0-9]{{1,18}}){unit})?" for unit in _MILLISECONDS))
# Prometheus keeps nanoseconds in 64 bits.
_MAX_MILLISECONDS = (2**63 - 1) // 1_000_000

_BYTES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_SIZE = re.compile(r"([0-9]{1,18}) ?([A-Za-z]*)")


def parse_duration(text: str) -> float:
    """Seconds in a Prometheus duration such as ``1h30m`` or ``500ms``; ``0`` needs no unit.

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
    total = sum(int(count) * size for count, size in zip(match.groups("0"), _MILLISECONDS.values(), strict=True))
    if total > _MAX_MILLISECONDS:
        raise Invalid("longer than 292 years")
    return total / 1000


def format_duration(seconds: float) -> str:
    """The shortest way to write a duration, to the millisecond: 90 seconds are ``1m30s``."""
    rest = round(seconds * 1000)
    parts = []
    for unit, size in _MILLISECONDS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_size(text: str) -> int:
    """Bytes in a size such as ``32MiB`` (2^20) or ``32MB`` (10^6); a bare number is bytes.

    Raises :class:`~exporter.config.errors.Invalid` for anything else.
    """
    match = _SIZE.fullmatch(text)
    if match is None or match[2] not in _BYTES:
        raise Invalid("not a whole number with a unit (B KB MB GB KiB MiB GiB)")
    return int(match[1]) * _BYTES[match[2]]


def format_size(size: int) -> str:
    """A size in the largest binary unit that divides it: 33,554,432 bytes are ``32MiB``."""
    return next(f"{size // _BYTES[unit]}{unit}" for unit in ("GiB", "MiB", "KiB", "B") if size % _BYTES[unit] == 0)
