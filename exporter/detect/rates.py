"""Small arithmetic of answer rates."""

from __future__ import annotations

MIN_RATE, MAX_RATE = 0.02, 0.98
"""What an answer rate is limited to: at 0 or 1 a single call would prove anything."""
MIN_BINARY, MAX_BINARY = 0.02, 0.25


def between(value: float, low: float, high: float) -> float:
    """The value, or the limit that it is beyond."""
    return low if value < low else high if value > high else value


def as_rate(value: float) -> float:
    """The value, limited to an answer rate that can be reckoned with."""
    return MIN_RATE if value < MIN_RATE else MAX_RATE if value > MAX_RATE else value


def binary(rate: float) -> float:
    """The variance of one call that is answered with this probability."""
    return between(rate * (1 - rate), MIN_BINARY, MAX_BINARY)
