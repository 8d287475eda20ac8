"""The long-running program: partners polled on a schedule, pages served, signals heeded."""

from __future__ import annotations

from exporter.daemon.daemon import Daemon, WebOptions
from exporter.daemon.fleet import Fleet

__all__ = ["Daemon", "Fleet", "WebOptions"]
