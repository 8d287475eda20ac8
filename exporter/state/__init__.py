"""The ledgers on disk: one readable JSON file, replaced whole, locked against a second daemon."""

from __future__ import annotations

from exporter.state.file import StateError, StateFile, StateWriteError
from exporter.state.lock import StateLock

__all__ = ["StateError", "StateFile", "StateLock", "StateWriteError"]
