"""The commands, one module each."""

from __future__ import annotations

import signal

DAEMON_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Those that the daemon handles: two that end it, and the one that reloads."""
