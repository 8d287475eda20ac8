"""Asking ``/analytics`` day by day, politely."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Protocol, TypeVar

from exporter.api.errors import ApiError, RateLimited, RequestTimeout, ServerError
from exporter.api.model import Window
from exporter.api.reports import parse_analytics
from exporter.commands.backfilling.days import Day, day_of_report

T = TypeVar("T")

APART = 0.5
"""Seconds between two requests: the API's limits are not published."""

TRIES = 5
LONGEST_WAIT = 900.0


class BackfillError(Exception):
    """A day could not be had; one line that says why."""


class Client(Protocol):
    """What is asked of :class:`exporter.api.PartnerClient`."""

    def analytics(self, decode: Callable[[bytes], T], *, first: date | None, last: date | None) -> T:
        """The decoded answer for these days. Raises ApiError."""


def fetch_days(partner: str, client: Client, days: Sequence[date], *, sleep: Callable[[float], None]) -> Iterator[Day]:
    """Each day in turn. Raises :class:`BackfillError` for a day that the API will not give, or gives wrongly."""
    for number, day in enumerate(days):
        if number:
            sleep(APART)
        yield _fetch(partner, client, day, sleep)


def _fetch(partner: str, client: Client, day: date, sleep: Callable[[float], None]) -> Day:
    for wait in (2.0**tries for tries in range(1, TRIES)):
        try:
            return _ask(partner, client, day)
        except RateLimited as error:
            sleep(min(error.retry_after if error.retry_after is not None else 15 * wait, LONGEST_WAIT))
        except (ServerError, RequestTimeout):
            sleep(wait)
        except ApiError as error:
            raise BackfillError(f"{partner}, {day}: {error}") from None
    try:
        return _ask(partner, client, day)
    except ApiError as error:
        raise BackfillError(f"{partner}, {day}, tried {TRIES} times: {error}") from None


def _ask(partner: str, client: Client, day: date) -> Day:
    report = client.analytics(parse_analytics, first=day, last=day)
    if report.window not in (None, Window(first=day, last=day)):
        raise BackfillError(f"{partner}, {day}: the API answered for other days; ask Vobiz how far back it goes")
    return day_of_report(partner, day, report)
