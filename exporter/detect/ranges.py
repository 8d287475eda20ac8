"""The ranges of what is saved. A number beyond them was written by no detector, and would make every poll fail."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

LARGEST = 1e100
"""Its square is still a number."""

Amount = Annotated[float, Meta(ge=0, le=LARGEST)]
AmountOrUnknown = Annotated[float, Meta(ge=-1, le=LARGEST)]
"""-1 is unknown."""
Surplus = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Positive = Annotated[float, Meta(gt=0, le=LARGEST)]
Minute = Annotated[float, Meta(ge=0, le=1e10)]
"""Since 1970; the last year of the calendar is within."""
Rate = Annotated[float, Meta(gt=0, lt=1)]
Difference = Annotated[float, Meta(ge=-1, le=1)]
"""Of two rates."""
HourOrNone = Annotated[int, Meta(ge=-1, le=23)]
"""-1: none yet."""
Weekday = Annotated[int, Meta(ge=0, le=6)]

BY_WEEKDAY = Meta(min_length=7, max_length=7)
BY_HOUR = Meta(min_length=24, max_length=24)
BY_HOUR_OF_WEEK = Meta(min_length=168, max_length=168)
