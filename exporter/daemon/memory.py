"""Giving memory back: what a scrape or an answer took for a moment must not stay with the process for ever."""

from __future__ import annotations

import ctypes

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8

LARGE = 256 * 1024
"""Bytes from which on a block is the system's own and goes back to it when freed."""

HEAPS = 1


def trim_memory() -> bool:
    """Set the C library's allocator so; whether it could be: only glibc's is known to need it.

    By itself it gives every thread a heap of its own, and after the first large block that was freed it keeps the next
    ones, up to 32 MiB in each heap. With a thousand partners three scrapes added 100 MiB that nothing used.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all([mallopt(_M_MMAP_THRESHOLD, LARGE), mallopt(_M_ARENA_MAX, HEAPS)])
