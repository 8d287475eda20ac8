"""How long an API asks to be left alone: ``Retry-After`` (RFC 9110, 10.2.3), else ``X-RateLimit-Reset``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime

MAX_SECONDS = 900.0
"""Seconds; a longer wait is cut to this, so that no header can silence the exporter."""

# A number of this size or more is a moment since 1970, in seconds or in milliseconds; a smaller one is a span from now.
_EPOCH_SECONDS = 1e9
_EPOCH_MILLISECONDS = 1e12

_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_MAX_TEXT = 64


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait, more than 0 and at most :data:`MAX_SECONDS`; None when the headers ask for no wait one can read.

    ``headers`` finds names in any case; ``now`` is the Unix time. Never raises, whatever the headers hold.
    """
    for name in ("Retry-After", "X-RateLimit-Reset"):
        seconds = _seconds(headers.get(name, "").strip(), now=now)
        if seconds is not None and seconds > 0:
            return min(seconds, MAX_SECONDS)
    return None


def _seconds(text: str, *, now: float) -> float | None:
    if not text or len(text) > _MAX_TEXT:
        return None
    if not _NUMBER.fullmatch(text):
        moment = _date(text)
        return None if moment is None else moment - now
    number = float(text)
    if number >= _EPOCH_MILLISECONDS:
        return number / 1000 - now
    if number >= _EPOCH_SECONDS:
        return number - now
    return number


def _date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
