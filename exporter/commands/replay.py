"""``vobiz-exporter replay``: what the detector would have paged, from what Prometheus has stored.

Nothing is written and no rule is evaluated: the stored counters go through the detector of this version, after up to
thirty days before ``--from`` that it only learns from.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone

from exporter.commands.stored import Poll, Prometheus, followed, polls
from exporter.config.errors import StartError
from exporter.detect import AnswerRate, Counts, Day, Detector, History, Increments, Thresholds

EVIDENCES = (10.0, 11.0, 12.0, 13.0, 14.0)
SHIPPED = Thresholds().answer_drop_evidence
LEARNING = 30 * 86_400.0
"""Seconds before ``--from`` that are read to learn what is usual."""

KEEP_FIRING = 300.0
"""As in the alert rules: a page that comes back within five minutes is the same one."""

_LANES = {"calls": "calls_total", "answered": "answered_calls_total", "seconds": "call_seconds_total"}


@dataclass(slots=True, kw_only=True)
class Page:
    """One page: ``what`` is wrong, from when to when (Unix seconds), and the evidence at its worst."""

    partner: str
    what: str
    first: float
    last: float
    evidence: str


@dataclass(slots=True)
class Pager:
    """Turns scores into pages."""

    partner: str
    pages: list[Page] = field(default_factory=list)
    _open: dict[str, Page] = field(default_factory=dict)

    def see(self, what: str, score: float | None, timestamp: float, evidence: str) -> None:
        """Take in one score; above 1 it pages, or goes on to."""
        if score is None or score <= 1:
            return
        page = self._open.get(what)
        if page is None or timestamp - page.last > KEEP_FIRING:
            page = Page(partner=self.partner, what=what, first=timestamp, last=timestamp, evidence=evidence)
            self._open[what] = page
            self.pages.append(page)
        page.last, page.evidence = timestamp, evidence


def main(args: argparse.Namespace, _environ: Mapping[str, str]) -> int:
    """Print the table of pages, and how many there would be at other evidence. Raises StartError."""
    now = datetime.now(timezone.utc).timestamp()
    first = _seconds(args.first)
    last = now if args.to is None else min(_seconds(args.to) + 86_400, now)
    if first >= last:
        raise StartError("--from must be in the past, and before --to")
    prometheus = Prometheus(args.prometheus_url)
    known = prometheus.partners(first, last)
    partners = [args.partner] if args.partner else known
    if not known or (args.partner and args.partner not in known):
        raise StartError(
            f"--prometheus.url {args.prometheus_url}: no vobiz_calls_total of "
            f"{'that partner' if args.partner else 'any partner'} in this time; partners: {', '.join(known) or 'none'}"
        )
    found: dict[float, list[Page]] = defaultdict(list)
    days = 0.0
    for number, partner in enumerate(partners):
        progress = _Progress(f"{partner} ({number + 1} of {len(partners)})", first - LEARNING, last)
        days += _replay(prometheus, partner, first, last, found, progress)
        progress.end()
    print(report(found[SHIPPED], {evidence: len(found[evidence]) for evidence in EVIDENCES}, days))
    return 0


def _replay(
    prometheus: Prometheus, partner: str, first: float, last: float, found: dict[float, list[Page]], progress: _Progress
) -> float:
    """Adds the pages of one partner by evidence; returns the days in which it was polled."""
    replays = {evidence: Replay(partner, evidence) for evidence in EVIDENCES}
    seen: set[date] = set()
    for poll in polls(followed(prometheus.scrapes(partner, first - LEARNING, last))):
        for replay in replays.values():
            replay.observe(poll, paging=poll.timestamp >= first)
        if poll.timestamp >= first:
            seen.add(datetime.fromtimestamp(poll.timestamp, timezone.utc).date())
        progress.at(poll.timestamp)
    for evidence, replay in replays.items():
        found[evidence] += replay.pager.pages
    return float(len(seen))


class Replay:
    """One partner's detector with one evidence, fed with stored polls instead of live ones."""

    def __init__(self, partner: str, evidence: float) -> None:
        self.pager = Pager(partner)
        self._thresholds = Thresholds(answer_drop_evidence=evidence)
        self._detector: Detector | None = None
        self._days: dict[date, dict[tuple[str, str], float]] = {}

    def observe(self, poll: Poll, *, paging: bool) -> None:
        """Feed one poll; ``paging`` False only learns."""
        if self._detector is None:
            interval = poll.gauges.get(("vobiz_poll_interval_seconds", ""), 60.0)
            self._detector = Detector(interval=interval, thresholds=self._thresholds)
            self._detector.learn(_first_history(poll))
        if poll.day not in self._days and self._days:
            self._detector.learn(self._history(poll))
            self._days = dict(sorted(self._days.items())[-30:])
        of_day = self._days.setdefault(poll.day, defaultdict(float))
        for key, grown in poll.growth.items():
            of_day[key] += grown
        self._detector.observe(_increments(poll))
        if paging:
            self._page(poll.timestamp)

    def _history(self, poll: Poll) -> History:
        """The complete days that were replayed so far; until there are some, what the exporter had called usual."""
        if len(self._days) < 14:
            return _first_history(poll)
        days = sorted(self._days.items())
        return History(
            directions={
                lane: [_day(day, sums, "vobiz_", lane) for day, sums in days] for lane in ("inbound", "outbound")
            },
            products={
                lane: [_day(day, sums, "vobiz_product_", lane) for day, sums in days]
                for lane in _lanes_of(poll.growth, "vobiz_product_calls_total")
            },
            total=[_day(day, sums, "vobiz_", "") for day, sums in days],
        )

    def _page(self, timestamp: float) -> None:
        if self._detector is None:
            return
        judged = self._detector.judgements
        for name, direction in judged.directions.items():
            rate = direction.answer_rate
            self.pager.see(f"{name} answer rate", rate.score, timestamp, _evidence(rate))
            expected = direction.calls_per_hour_expected or 0
            silence = f"{expected:,.0f} calls an hour expected"
            self.pager.see(f"{name} silence", direction.traffic_drop_score, timestamp, silence)
            self.pager.see(f"{name} minutes spike", direction.minutes_spike_score, timestamp, "far above usual")
        for name, rate in judged.products.items():
            self.pager.see(f"{name} answer rate", rate.score, timestamp, _evidence(rate))
        for currency, spend in judged.currencies.items():
            usual = f"{spend.cost_per_hour_expected or 0:,.0f} {currency} an hour expected"
            self.pager.see(f"{currency} spend spike", spend.spend_spike_score, timestamp, usual)


def _increments(poll: Poll) -> Increments:
    at = datetime.fromtimestamp(poll.timestamp, timezone.utc)
    return Increments(
        timestamp=poll.timestamp,
        weekday=poll.day.weekday(),
        minute_of_day=at.hour * 60 + at.minute + at.second / 60,
        directions={lane: _counts(poll, "vobiz_", lane) for lane in _lanes_of(poll.growth, "vobiz_calls_total")},
        products={
            lane: _counts(poll, "vobiz_product_", lane) for lane in _lanes_of(poll.growth, "vobiz_product_calls_total")
        },
        cost={lane: poll.growth["vobiz_cost_total", lane] for lane in _lanes_of(poll.growth, "vobiz_cost_total")},
    )


def _lanes_of(growth: Mapping[tuple[str, str], float], metric: str) -> list[str]:
    return [lane for name, lane in growth if name == metric]


def _counts(poll: Poll, prefix: str, lane: str) -> Counts:
    return Counts(**{field: poll.growth.get((prefix + name, lane), 0.0) for field, name in _LANES.items()})


def _day(day: date, sums: Mapping[tuple[str, str], float], prefix: str, lane: str) -> Day:
    counts = {field: sums.get((prefix + name, lane), 0.0) for field, name in _LANES.items()}
    currencies = [] if lane else _lanes_of(sums, "vobiz_cost_total")
    cost = {currency: sums["vobiz_cost_total", currency] for currency in currencies}
    return Day(weekday=day.weekday(), cost=cost, **counts)


def _first_history(poll: Poll) -> History:
    """Two weeks of the day that the exporter had exported as usual: all that is known before the stored time."""
    directions = {}
    for lane in ("inbound", "outbound"):
        calls = poll.gauges.get(("vobiz_calls_per_day_baseline", lane))
        ratio = poll.gauges.get(("vobiz_answer_ratio_baseline", lane))
        if calls and ratio is not None:
            directions[lane] = [Day(weekday=day % 7, calls=calls, answered=calls * ratio) for day in range(14)]
    return History(directions=directions)


def _evidence(rate: AnswerRate) -> str:
    expected = "" if rate.expected_answered is None else f", {rate.expected_answered:,.0f} expected"
    return f"{rate.answered:,} of {rate.calls:,} answered{expected}"


def report(pages: list[Page], by_evidence: Mapping[float, int], days: float) -> str:
    """The table of pages at the shipped evidence, and the number of pages at each."""
    lines = list(_table(pages))
    lines.append(f"{len(pages)} pages in {days:.0f} days with polls, at alerts.answer_drop_evidence {SHIPPED:g}.")
    lines += ["", "evidence  pages  per 30 days"]
    for evidence, count in by_evidence.items():
        lines.append(f"{evidence:8g}  {count:5}  {count * 30 / days if days else 0:11.2f}")
    return "\n".join(lines)


def _table(pages: list[Page]) -> Iterator[str]:
    if not pages:
        return
    rows = [("partner", "what", "from (UTC)", "minutes", "evidence")]
    for page in sorted(pages, key=lambda page: (page.first, page.partner)):
        at = datetime.fromtimestamp(page.first, timezone.utc)
        minutes = f"{(page.last - page.first) / 60:.0f}"
        rows.append((page.partner, page.what, f"{at:%Y-%m-%d %H:%M}", minutes, page.evidence))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""


class _Progress:
    """A bar on stderr while that is a terminal."""

    def __init__(self, name: str, first: float, last: float) -> None:
        self._name, self._first, self._last = name, first, last
        self._shown = -1

    def at(self, timestamp: float) -> None:
        """How far the replay is."""
        percent = int(100 * (timestamp - self._first) / (self._last - self._first))
        if percent != self._shown and sys.stderr.isatty():
            self._shown = percent
            print(f"\r{self._name} [{'#' * (percent // 4):25}] {percent} %", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the bar away."""
        if self._shown >= 0:
            print(f"\r{' ' * (len(self._name) + 36)}\r", end="", file=sys.stderr, flush=True)


def _seconds(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()
