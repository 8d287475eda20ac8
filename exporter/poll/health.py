"""The health of each endpoint, logged when it changes and not at every poll."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from exporter.api.errors import ApiError
from exporter.api.model import Unreadable
from exporter.clock import Moment
from exporter.poll.snapshot import Failure, Health, PastFailure

log = logging.getLogger(__name__)

_INDEX = re.compile(r"\[\d+\]")
MAX_PAST = 5
"""Failures that are over that are kept."""

_NAMED = 8
"""Unreadable fields named in one log line; the rest is a number."""


class EndpointHealth:
    """The health of one endpoint of one partner, from poll to poll; ``known`` is the one before a reload."""

    def __init__(self, partner: str, endpoint: str, known: Health) -> None:
        self._fields = {"partner": partner, "endpoint": endpoint}
        self._logged = frozenset(_kinds(known.unreadable))
        self._wrong_window = False
        self.current = known

    def worked(self, at: Moment, unreadable: tuple[Unreadable, ...]) -> None:
        """The endpoint delivered."""
        failure = self.current.failure
        if failure is not None:
            down = round(at.elapsed - failure.since.elapsed)
            log.info("vobiz answers again", extra={**self._fields, "failed_for_seconds": down})
        elif self.current.up is None:
            log.info("vobiz answers", extra=self._fields)
        self._log_unreadable(unreadable)
        past = self.current.past
        if failure is not None:
            past = (PastFailure(failure=failure, until=at), *past)[:MAX_PAST]
        up_since = self.current.up_since or at
        self.current = Health(up=True, up_since=up_since, last_success=at, unreadable=unreadable, past=past)

    def failed(self, at: Moment, error: ApiError) -> None:
        """The endpoint did not deliver, or was not asked for the same reason."""
        failure = self.current.failure
        if failure is None or failure.outcome != error.outcome.value:
            log.warning(
                "vobiz poll failed",
                extra={
                    **self._fields,
                    "outcome": error.outcome.value,
                    "problem": error.reason,
                    "action": error.remedy,
                },
            )
        since = at if failure is None else failure.since
        failure = Failure(outcome=error.outcome.value, message=str(error), since=since)
        self.current = replace(self.current, up=False, up_since=None, failure=failure)

    def covered(self, *, other_days: bool) -> None:
        """Whether an answer of this poll was about other days than it was asked for, and so of no use."""
        if other_days and not self._wrong_window:
            log.warning(
                "answer covers other days than it was asked for, it is not used",
                extra={**self._fields, "action": "the API may have changed what from_date and to_date mean; report it"},
            )
        elif self._wrong_window and not other_days:
            log.info("answers cover the days that were asked for again", extra=self._fields)
        self._wrong_window = other_days

    def _log_unreadable(self, unreadable: tuple[Unreadable, ...]) -> None:
        kinds = _kinds(unreadable)
        if kinds.keys() - self._logged:
            named = [f"{path}: {problem}" for path, problem in list(kinds.items())[:_NAMED]]
            if len(kinds) > _NAMED:
                named.append(f"and {len(kinds) - _NAMED} more")
            log.warning(
                "fields missing or unreadable, their values are left out",
                extra={
                    **self._fields,
                    "fields": "; ".join(named),
                    "action": "the API's answer may have changed shape; look for a newer release",
                },
            )
        elif self._logged and not kinds:
            log.info("all fields readable again", extra=self._fields)
        self._logged = frozenset(kinds)


def _kinds(unreadable: tuple[Unreadable, ...]) -> dict[str, str]:
    """Problems by path, the rows of a list taken as one."""
    return {_INDEX.sub("[]", field.path): field.problem for field in unreadable}
