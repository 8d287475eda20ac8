"""Memory that a scrape or an answer took for a moment goes back to the system."""

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
    ones, up to 32 MiB in each heap. Measured with 100 partners, polls each 10 s and a scrape each 8 s, after two
    minutes: 158 MiB and growing without it, 108 MiB with it.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all([mallopt(_M_MMAP_THRESHOLD, LARGE), mallopt(_M_ARENA_MAX, HEAPS)])
