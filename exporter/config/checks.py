"""What a good configuration meets on this machine: where its state goes, and which alerts it makes slow or silent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from exporter.config.errors import ConfigError, Problem
from exporter.config.kinds import format_duration
from exporter.config.model import Config

SILENT_ABOVE = {"VobizPollsMissed": 300.0}
"""Alerts that are silent above a poll interval, in seconds: polls are then too few to judge."""

STALE_AFTER_POLLS = 5
"""VobizDataStale waits for at least so many poll intervals."""


def require_state_directory(config: Config) -> None:
    """Raise :class:`~exporter.config.errors.ConfigError` if the directory of ``state.path`` is not there.

    A mistyped one must not be made: the counters would start at 0 in it, and nobody would notice.
    """
    path = config.state.path
    if path is not None and _is_directory(path):
        raise _state_error(config, f"{path} is a directory", "give the path of a file in it")
    if path is not None and not _is_directory(path.parent):
        raise _state_error(config, f"there is no directory {path.parent}", "correct the path, or make the directory")


def require_writable_state(config: Config) -> None:
    """Raise :class:`~exporter.config.errors.ConfigError` if this user could not write ``state.path``."""
    require_state_directory(config)
    path = config.state.path
    # SQLite keeps a journal beside the database.
    for place in () if path is None else (path.parent, path):
        if place.exists() and not os.access(place, os.R_OK | os.W_OK):
            raise _state_error(config, f"{place} cannot be written by this user", "change its owner, or the path")


def _is_directory(path: Path) -> bool:
    # Path.is_dir() raises where a directory above may not be entered.
    return os.path.isdir(path)  # noqa: PTH112


def _state_error(config: Config, reason: str, remedy: str) -> ConfigError:
    return ConfigError([Problem(file=str(config.path), line=None, path="state.path", reason=reason, remedy=remedy)])


def remarks(config: Config) -> Iterator[str]:
    """What is allowed, and may not be what was meant; one line each."""
    interval = config.poll.interval
    written = f"poll.interval {format_duration(interval)}"
    for alert, limit in SILENT_ABOVE.items():
        if interval > limit:
            yield f"{written}: {alert} is silent above {format_duration(limit)}, where polls are too few to judge"
    waits = STALE_AFTER_POLLS * interval
    if any(waits > 60 * partner.alerts.data_stale_minutes for partner in config.partners):
        yield f"{written}: VobizDataStale pages after {format_duration(waits)}, five polls, not data_stale_minutes"
    if not config.partners:
        yield f"poll.shard {config.poll.shard}: no partner is in this share, and none is polled"
