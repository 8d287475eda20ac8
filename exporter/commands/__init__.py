"""The commands, one module each, and how far one is that takes minutes."""

from __future__ import annotations

import signal
import sys

DAEMON_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Those that the daemon handles: two that end it, and the one that reloads."""


def show_progress(name: str, done: float, where: str) -> None:
    """One line on stderr while that is a terminal, nothing elsewhere; ``done`` is 0 to 1."""
    if sys.stderr.isatty():
        print(f"\r{name} {done:4.0%} {where:<20}", end="" if done < 1 else "\n", file=sys.stderr, flush=True)
