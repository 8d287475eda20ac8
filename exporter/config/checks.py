"""What a good configuration meets on this machine: where its state goes, and which alerts it makes slow or silent."""

from __future__ import annotations

import os
from collections.abc import Iterator

from exporter.config.errors import ConfigError, Problem
from exporter.config.kinds import format_duration
from exporter.config.model import Config

# As prometheus/rules/ have them.
_POLLS_MISSED_UP_TO = 300.0
_STALE_AFTER_POLLS = 5


def require_state_directory(config: Config) -> None:
    """Raise :class:`~exporter.config.errors.ConfigError` if the directory of ``state.path`` is not there.

    A mistyped one must not be made: the counters would start at 0 in it, and nobody would notice.
    """
    path = config.state.path
    # The methods of Path raise where a directory above may not be entered.
    if path is not None and os.path.isdir(path):  # noqa: PTH112
        raise _state_error(config, f"{path} is a directory", "give the path of a file in it")
    if path is not None and not os.path.isdir(path.parent):  # noqa: PTH112
        raise _state_error(config, f"there is no directory {path.parent}", "correct the path, or make the directory")


def require_writable_state(config: Config) -> None:
    """Raise :class:`~exporter.config.errors.ConfigError` if this user could not write ``state.path``."""
    require_state_directory(config)
    path = config.state.path
    if path is not None and os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113
        raise _state_error(config, f"{path} is not a regular file", "move it away, or give another path")
    # SQLite keeps a journal beside the database.
    for place in () if path is None else (path.parent, path):
        if os.path.lexists(place) and not os.access(place, os.R_OK | os.W_OK):
            raise _state_error(config, f"{place} cannot be written by this user", "change its owner, or the path")


def _state_error(config: Config, reason: str, remedy: str) -> ConfigError:
    return ConfigError([Problem(file=str(config.path), line=None, path="state.path", reason=reason, remedy=remedy)])


def remarks(config: Config) -> Iterator[str]:
    """What is allowed, and may not be what was meant; one line each."""
    interval = config.poll.interval
    written = f"poll.interval {format_duration(interval)}"
    if interval > _POLLS_MISSED_UP_TO:
        limit = format_duration(_POLLS_MISSED_UP_TO)
        yield f"{written}: VobizPollsMissed is silent above {limit}, where polls are too few to judge"
    waits = _STALE_AFTER_POLLS * interval
    if any(waits > 60 * partner.alerts.data_stale_minutes for partner in config.partners):
        yield f"{written}: VobizDataStale pages after {format_duration(waits)}, five polls, not data_stale_minutes"
    if not config.partners:
        yield f"poll.shard {config.poll.shard}: no partner is in this share, and none is polled"
