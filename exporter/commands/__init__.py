"""The commands, one module each, and how far one is that takes minutes."""

from __future__ import annotations

import sys

WIDTH = 40
"""Characters of the bar."""


def show_progress(name: str, done: float, where: str) -> None:
    """A bar on stderr while that is a terminal, nothing elsewhere; ``done`` is 0 to 1."""
    if sys.stderr.isatty():
        bar = "#" * int(WIDTH * done)
        print(f"\r{name} [{bar:.<{WIDTH}}] {where:<10}", end="" if done < 1 else "\n", file=sys.stderr, flush=True)
