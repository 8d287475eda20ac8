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

MAX_PAST = 5
"""Failures that are over that are kept."""

MAX_NAMED = 8
"""Unreadable fields named in one log line; the rest is a number."""

_INDEX = re.compile(r"\[\d+\]")


class EndpointHealth:
    """The health of one endpoint of one partner, from poll to poll; ``known`` is that before a reload."""

    def __init__(self, partner: str, endpoint: str, known: Health) -> None:
        self._fields = {"partner": partner, "endpoint": endpoint}
        self._logged = set(_kinds(known.unreadable))
        self._wrong_window = False
        self.current = known

    def worked(self, at: Moment, unreadable: tuple[Unreadable, ...]) -> None:
        """The endpoint delivered."""
        failure, past = self.current.failure, self.current.past
        if failure is not None:
            down = round(at.elapsed - failure.since.elapsed)
            log.info("vobiz answers again", extra={**self._fields, "failed_for_seconds": down})
            past = (PastFailure(failure=failure, until=at), *past)[:MAX_PAST]
        elif self.current.up is None:
            log.info("vobiz answers", extra=self._fields)
        self._log_unreadable(_kinds(unreadable))
        up_since = self.current.up_since or at
        self.current = Health(up=True, up_since=up_since, last_success=at, unreadable=unreadable, past=past)

    def failed(self, at: Moment, error: ApiError) -> None:
        """The endpoint did not deliver, or was not asked for the same reason."""
        failure, outcome = self.current.failure, error.outcome.value
        if failure is None or failure.outcome != outcome:
            problem = {"outcome": outcome, "problem": error.reason, "action": error.remedy}
            log.warning("vobiz poll failed", extra={**self._fields, **problem})
        failure = Failure(outcome=outcome, message=str(error), since=at if failure is None else failure.since)
        self.current = replace(self.current, up=False, up_since=None, failure=failure)

    def covered(self, *, other_days: bool) -> None:
        """Whether an answer of this poll was about other days than it was asked for, and so of no use."""
        if other_days and not self._wrong_window:
            action = "the API may have changed what from_date and to_date mean; report it"
            fields = {**self._fields, "action": action}
            log.warning("answer covers other days than it was asked for, it is not used", extra=fields)
        elif self._wrong_window and not other_days:
            log.info("answers cover the days that were asked for again", extra=self._fields)
        self._wrong_window = other_days

    def _log_unreadable(self, kinds: dict[str, str]) -> None:
        if kinds.keys() - self._logged:
            named = [f"{path}: {problem}" for path, problem in list(kinds.items())[:MAX_NAMED]]
            if len(kinds) > MAX_NAMED:
                named.append(f"and {len(kinds) - MAX_NAMED} more")
            action = "the API's answer may have changed shape; look for a newer release"
            fields = {**self._fields, "fields": "; ".join(named), "action": action}
            log.warning("fields missing or unreadable, their values are left out", extra=fields)
        elif self._logged and not kinds:
            log.info("all fields readable again", extra=self._fields)
        self._logged = set(kinds)


def _kinds(unreadable: tuple[Unreadable, ...]) -> dict[str, str]:
    """Problems by path, the rows of a list taken as one."""
    return {_INDEX.sub("[]", field.path): field.problem for field in unreadable}
