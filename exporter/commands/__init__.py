"""The commands, one module each."""

from __future__ import annotations

import signal

DAEMON_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)
"""Those that the daemon waits for: two end it, one reloads, and the last is its timer's.

They are blocked before it is imported, for all its threads: none comes too early, and none interrupts anything.
"""
