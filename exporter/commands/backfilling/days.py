"""One past day of one partner, as the page would have shown it at the day's end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timezone

from exporter.api.model import Report, Window
from exporter.metrics.sample import Sample
from exporter.metrics.samples import period_samples
from exporter.poll.periods import TODAY

_END_OF_DAY = time(23, 59, 59, tzinfo=timezone.utc)
"""The server states dates without a time zone, and its time stamps are UTC: so the day is taken to end there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The samples of one day; ``samples`` as :mod:`exporter.metrics.samples` has them."""

    partner: str
    day: date
    samples: tuple[Sample, ...]

    @property
    def timestamp(self) -> float:
        """The last second of the day, in seconds since the epoch."""
        return datetime.combine(self.day, _END_OF_DAY).timestamp()


def day_of_report(partner: str, day: date, report: Report) -> Day:
    """A day from an answer of ``/analytics`` for just this day."""
    return Day(partner=partner, day=day, samples=tuple(period_samples(partner, TODAY, report)))


def days_of_dashboard(partner: str, report: Report) -> tuple[Day, ...]:
    """The complete days that one answer of ``/dashboard`` holds; they have no products, and no cost by direction."""
    if report.window is None or report.days is None:
        return ()
    return tuple(
        day_of_report(
            partner,
            row.day,
            Report(
                window=Window(first=row.day, last=row.day),
                currency=report.currency,
                total=row.total,
                directions=(("inbound", row.inbound), ("outbound", row.outbound)),
            ),
        )
        for row in report.days
        if row.day < report.window.last
    )
