"""Sizes in bytes."""

from __future__ import annotations

import re

from exporter.config.errors import Invalid

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_SIZE = re.compile(r"([0-9]{1,18}) ?([A-Za-z]*)")


def parse_size(text: str) -> int:
    """Bytes in a size such as ``32MiB`` (2^20) or ``32MB`` (10^6); a bare number is bytes.

    Raises :class:`~exporter.config.errors.Invalid` for anything else.
    """
    match = _SIZE.fullmatch(text)
    if match is None or match[2] not in _UNITS:
        raise Invalid("not a whole number with a unit (B KB MB GB KiB MiB GiB)")
    return int(match[1]) * _UNITS[match[2]]
