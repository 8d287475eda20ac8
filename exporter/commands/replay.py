"""``vobiz-exporter replay``: what the detector would have paged, from what Prometheus has stored.

Nothing is written and no rule is evaluated: the stored counters go through the detector of this version, after up to
thirty days before ``--from`` that it only learns from.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timezone

from exporter.api.model import DIRECTIONS
from exporter.commands.output import show_progress
from exporter.commands.stored import Poll, Prometheus, Values, followed, polls
from exporter.config.errors import StartError
from exporter.detect.detector import Detector
from exporter.detect.judgements import Judgements
from exporter.detect.observations import Counts, Day, History, Increments, Thresholds
from exporter.poll.evidence import BASELINE_DAYS

EVIDENCES = (10.0, 11.0, 12.0, 13.0, 14.0)
SHIPPED = Thresholds().answer_drop_evidence
LEARNING = 30 * 86_400.0
"""Seconds before ``--from`` that are read to learn what is usual."""

KEEP_FIRING = 300.0
"""As in the alert rules: a page that comes back within five minutes is the same one."""


@dataclass(slots=True, kw_only=True)
class Page:
    """One page: ``what`` is wrong, from when to when (Unix seconds), and the evidence at its worst."""

    partner: str
    what: str
    first: float
    last: float
    evidence: str


def main(args: argparse.Namespace, _environ: Mapping[str, str]) -> int:
    """Print the table of pages, and how many there would be at other evidence. Raises StartError."""
    now = datetime.now(timezone.utc).timestamp()
    first = _seconds(args.first)
    last = now if args.to is None else min(_seconds(args.to) + 86_400, now)
    if first >= last:
        raise StartError("--from must be in the past")
    prometheus = Prometheus(args.prometheus_url)
    known = prometheus.partners(first, last)
    replays = [Replay(partner, paging_from=first) for partner in known if args.partner in (None, partner)]
    if not replays:
        raise StartError(
            f"--prometheus.url {prometheus.shown}: no vobiz_calls_total of "
            f"{'that partner' if args.partner else 'any partner'} in this time; partners: {', '.join(known) or 'none'}"
        )
    start = first - LEARNING
    for number, replay in enumerate(replays, 1):
        name = f"{replay.partner} ({number} of {len(replays)})"
        for poll in polls(followed(prometheus.scrapes(replay.partner, start, last))):
            if replay.observe(poll):
                show_progress(name, (poll.timestamp - start) / (last - start), str(poll.day))
        show_progress(name, 1, "done")
    pages = {evidence: [page for replay in replays for page in replay.pages[evidence]] for evidence in EVIDENCES}
    print("\n".join(_report(pages, days=sum(len(replay.polled) for replay in replays))))
    return 0


class Replay:
    """One partner's detectors, one for each evidence, fed with stored polls instead of live ones.

    ``pages`` are by evidence; ``polled`` are the days from ``paging_from`` on, in UTC, that have polls.
    """

    def __init__(self, partner: str, *, paging_from: float) -> None:
        self.partner = partner
        self.pages: dict[float, list[Page]] = {evidence: [] for evidence in EVIDENCES}
        self.polled: set[date] = set()
        self._paging_from = paging_from
        self._detectors: dict[float, Detector] = {}
        self._days: dict[date, dict[tuple[str, str], float]] = {}

    def observe(self, poll: Poll) -> bool:
        """Feed one poll; before ``paging_from`` it only teaches. Whether it begins a day."""
        if begins := poll.day not in self._days:
            self._begin_day(poll)
        today, increments = self._days[poll.day], _increments(poll)
        for series, grown in poll.growth.items():
            today[series] += grown
        if pages := poll.timestamp >= self._paging_from:
            self.polled.add(datetime.fromtimestamp(poll.timestamp, timezone.utc).date())
        for evidence, detector in self._detectors.items():
            detector.observe(increments)
            if pages:
                self._page(self.pages[evidence], detector.judgements, poll.timestamp)
        return begins

    def _begin_day(self, poll: Poll) -> None:
        """The detectors learn from the days replayed so far; until there are two weeks, from the stored baselines."""
        if not self._detectors:
            interval = poll.gauges.get(("vobiz_poll_interval_seconds", ""), 60.0)
            for evidence in EVIDENCES:
                thresholds = Thresholds(answer_drop_evidence=evidence)
                self._detectors[evidence] = Detector(interval=interval, thresholds=thresholds)
        history = History(
            directions=_days(self._days),
            total=[Day(weekday=day.weekday(), cost=_cost(sums)) for day, sums in self._days.items()],
        )
        for detector in self._detectors.values():
            detector.learn(history if len(self._days) >= BASELINE_DAYS else _usual(poll))
        self._days = dict(sorted(self._days.items())[-30:])
        self._days[poll.day] = defaultdict(float)

    def _page(self, pages: list[Page], judged: Judgements, now: float) -> None:
        """A score above 1 pages, or goes on to."""
        for what, score, evidence in _scores(judged):
            if score is None or score <= 1:
                continue
            page = next((page for page in reversed(pages) if page.what == what), None)
            if page is None or now - page.last > KEEP_FIRING:
                page = Page(partner=self.partner, what=what, first=now, last=now, evidence=evidence)
                pages.append(page)
            page.last, page.evidence = now, evidence


def _scores(judged: Judgements) -> Iterator[tuple[str, float | None, str]]:
    """What may be wrong, its score, and the evidence in words."""
    rates = {name: direction.answer_rate for name, direction in judged.directions.items()}
    for name, rate in {**rates, **judged.products}.items():
        expected = "" if rate.expected_answered is None else f", {rate.expected_answered:,.0f} expected"
        yield f"{name} answer rate", rate.score, f"{rate.answered:,} of {rate.calls:,} answered{expected}"
    for name, direction in judged.directions.items():
        calls = f"{direction.calls_per_hour_expected or 0:,.0f} calls an hour expected"
        yield f"{name} silence", direction.traffic_drop_score, calls
        yield f"{name} minutes spike", direction.minutes_spike_score, "far above usual"
    for currency, spend in judged.currencies.items():
        usual = f"{spend.cost_per_hour_expected or 0:,.0f} {currency} an hour expected"
        yield f"{currency} spend spike", spend.spend_spike_score, usual


def _increments(poll: Poll) -> Increments:
    at = datetime.fromtimestamp(poll.timestamp, timezone.utc)
    return Increments(
        timestamp=poll.timestamp,
        weekday=poll.day.weekday(),
        minute_of_day=at.hour * 60 + at.minute + at.second / 60,
        directions=_counts(poll.growth, "vobiz_"),
        products=_counts(poll.growth, "vobiz_product_"),
        cost=_cost(poll.growth),
    )


def _usual(poll: Poll) -> History:
    """Two weeks of the day that the exporter called usual: all that is known of the time before the stored one."""
    directions = {}
    for lane in DIRECTIONS:
        calls = poll.gauges.get(("vobiz_calls_per_day_baseline", lane))
        ratio = poll.gauges.get(("vobiz_answer_ratio_baseline", lane))
        if calls and ratio is not None:
            usual = [Day(weekday=day % 7, calls=calls, answered=calls * ratio) for day in range(BASELINE_DAYS)]
            directions[lane] = usual
    return History(directions=directions)


def _days(days: Mapping[date, Values]) -> Mapping[str, Sequence[Day]]:
    """The days by direction."""
    found: dict[str, list[Day]] = defaultdict(list)
    for day, sums in days.items():
        for lane, counts in _counts(sums, "vobiz_").items():
            weekday, seconds = day.weekday(), counts.seconds
            found[lane].append(Day(weekday=weekday, calls=counts.calls, answered=counts.answered, seconds=seconds))
    return found


def _counts(values: Values, prefix: str) -> Mapping[str, Counts]:
    """What was counted by direction or product."""
    return {
        lane: Counts(
            calls=calls,
            answered=values.get((f"{prefix}answered_calls_total", lane), 0.0),
            seconds=values.get((f"{prefix}call_seconds_total", lane), 0.0),
        )
        for (name, lane), calls in values.items()
        if name == f"{prefix}calls_total"
    }


def _cost(values: Values) -> Mapping[str, float]:
    """What was spent by currency."""
    return {currency: cost for (name, currency), cost in values.items() if name == "vobiz_cost_total"}


def _report(pages: Mapping[float, Sequence[Page]], *, days: int) -> Iterator[str]:
    """The table of pages at the shipped evidence, and the number of pages at each."""
    for page in sorted(pages[SHIPPED], key=lambda page: (page.first, page.partner)):
        began = datetime.fromtimestamp(page.first, timezone.utc)
        minutes = f"{(page.last - page.first) / 60:.0f} minutes"
        yield f"{began:%Y-%m-%d %H:%M}  {minutes:>12}  {page.partner}: {page.what}, {page.evidence}"
    yield f"\n{len(pages[SHIPPED])} pages in {days} days with polls, at alerts.answer_drop_evidence {SHIPPED:g}."
    yield "\nevidence  pages  per 30 days"
    for evidence, found in pages.items():
        yield f"{evidence:8g}  {len(found):5}  {len(found) * 30 / days if days else 0:11.2f}"


def _seconds(day: date) -> float:
    return datetime.combine(day, time(), tzinfo=timezone.utc).timestamp()
