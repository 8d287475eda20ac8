"""What is fuzzed, as both fuzzers take it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One part that reads bytes.

    ``check`` feeds it one input and raises, AssertionError or anything else, if what ``holds`` says does not. ``seeds``
    are inputs to begin with, ``words`` what inputs are made of. ``close`` ends what the target started.
    """

    holds: str
    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...]
    max_length: int = 4096
    close: Callable[[], None] = lambda: None


def split(*lines: bytes) -> tuple[bytes, ...]:
    """The words of lines in which bars stand between them."""
    return tuple(word for line in lines for word in line.split(b"|") if word)
