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

from exporter.commands import show_progress
from exporter.commands.stored import Growth, Poll, Prometheus, followed, polls
from exporter.config.errors import StartError
from exporter.detect import AnswerRate, Counts, Day, Detector, History, Increments, Judgements, Thresholds

EVIDENCES = (10.0, 11.0, 12.0, 13.0, 14.0)
SHIPPED = Thresholds().answer_drop_evidence
LEARNING = 30 * 86_400.0
"""Seconds before ``--from`` that are read to learn what is usual."""

KEEP_FIRING = 300.0
"""As in the alert rules: a page that comes back within five minutes is the same one."""

_COUNTED = ("calls_total", "answered_calls_total", "call_seconds_total")


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
        raise StartError("--from must be in the past, and before --to")
    prometheus = Prometheus(args.prometheus_url)
    known = prometheus.partners(first, last)
    partners = [args.partner] if args.partner else known
    if not known or (args.partner and args.partner not in known):
        raise StartError(
            f"--prometheus.url {args.prometheus_url}: no vobiz_calls_total of "
            f"{'that partner' if args.partner else 'any partner'} in this time; partners: {', '.join(known) or 'none'}"
        )
    replays = [Replay(partner, paging_from=first) for partner in partners]
    for number, replay in enumerate(replays, 1):
        name = f"{replay.partner} ({number} of {len(replays)})"
        start = first - LEARNING
        for poll in polls(followed(prometheus.scrapes(replay.partner, start, last))):
            if replay.observe(poll):
                show_progress(name, (poll.timestamp - start) / (last - start), str(poll.day))
        show_progress(name, 1, "done")
    pages = {evidence: [page for replay in replays for page in replay.pages[evidence]] for evidence in EVIDENCES}
    days = sum(len(replay.polled) for replay in replays)
    print("\n".join(_report(pages, days)))
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
        self._days: dict[date, dict[str, dict[str, float]]] = {}

    def observe(self, poll: Poll) -> bool:
        """Feed one poll; before ``paging_from`` it only teaches. Whether it begins a day."""
        interval = poll.gauges.get(("vobiz_poll_interval_seconds", ""), 60.0)
        self._detectors = self._detectors or {
            evidence: Detector(interval=interval, thresholds=Thresholds(answer_drop_evidence=evidence))
            for evidence in EVIDENCES
        }
        begins = poll.day not in self._days
        if begins:
            history = self._history(poll)
            for detector in self._detectors.values():
                detector.learn(history)
            self._days = dict(sorted(self._days.items())[-30:])
            self._days[poll.day] = defaultdict(lambda: defaultdict(float))
        for name, lanes in poll.growth.items():
            for lane, grown in lanes.items():
                self._days[poll.day][name][lane] += grown
        increments = _increments(poll)
        for evidence, detector in self._detectors.items():
            detector.observe(increments)
            if poll.timestamp >= self._paging_from:
                self._page(self.pages[evidence], detector.judgements, poll.timestamp)
        if poll.timestamp >= self._paging_from:
            self.polled.add(datetime.fromtimestamp(poll.timestamp, timezone.utc).date())
        return begins

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
                for lane in poll.growth.get("vobiz_product_calls_total", ())
            },
            total=[Day(weekday=day.weekday(), cost=dict(sums.get("vobiz_cost_total", {}))) for day, sums in days],
        )


def _scores(judged: Judgements) -> Iterator[tuple[str, float | None, str]]:
    """What may be wrong, its score, and the evidence in words."""
    for name, direction in judged.directions.items():
        yield f"{name} answer rate", direction.answer_rate.score, _evidence(direction.answer_rate)
        expected = f"{direction.calls_per_hour_expected or 0:,.0f} calls an hour expected"
        yield f"{name} silence", direction.traffic_drop_score, expected
        yield f"{name} minutes spike", direction.minutes_spike_score, "far above usual"
    for name, rate in judged.products.items():
        yield f"{name} answer rate", rate.score, _evidence(rate)
    for currency, spend in judged.currencies.items():
        usual = f"{spend.cost_per_hour_expected or 0:,.0f} {currency} an hour expected"
        yield f"{currency} spend spike", spend.spend_spike_score, usual


def _evidence(rate: AnswerRate) -> str:
    expected = "" if rate.expected_answered is None else f", {rate.expected_answered:,.0f} expected"
    return f"{rate.answered:,} of {rate.calls:,} answered{expected}"


def _increments(poll: Poll) -> Increments:
    at = datetime.fromtimestamp(poll.timestamp, timezone.utc)
    directions, products = (
        {lane: _counts(poll.growth, prefix, lane) for lane in poll.growth.get(f"{prefix}calls_total", ())}
        for prefix in ("vobiz_", "vobiz_product_")
    )
    return Increments(
        timestamp=poll.timestamp,
        weekday=poll.day.weekday(),
        minute_of_day=at.hour * 60 + at.minute + at.second / 60,
        directions=directions,
        products=products,
        cost=poll.growth.get("vobiz_cost_total", {}),
    )


def _day(day: date, sums: Growth, prefix: str, lane: str) -> Day:
    counts = _counts(sums, prefix, lane)
    return Day(weekday=day.weekday(), calls=counts.calls, answered=counts.answered, seconds=counts.seconds)


def _counts(growth: Growth, prefix: str, lane: str) -> Counts:
    calls, answered, seconds = (growth.get(prefix + name, {}).get(lane, 0.0) for name in _COUNTED)
    return Counts(calls=calls, answered=answered, seconds=seconds)


def _first_history(poll: Poll) -> History:
    """Two weeks of the day that the exporter had exported as usual: all that is known before the stored time."""
    directions = {}
    for lane in ("inbound", "outbound"):
        calls = poll.gauges.get(("vobiz_calls_per_day_baseline", lane))
        ratio = poll.gauges.get(("vobiz_answer_ratio_baseline", lane))
        if calls and ratio is not None:
            directions[lane] = [Day(weekday=day % 7, calls=calls, answered=calls * ratio) for day in range(14)]
    return History(directions=directions)


def _report(pages: Mapping[float, Sequence[Page]], days: int) -> Iterator[str]:
    """The table of pages at the shipped evidence, and the number of pages at each."""
    shipped = sorted(pages[SHIPPED], key=lambda page: (page.first, page.partner))
    if shipped:
        rows = [("partner", "what", "from (UTC)", "minutes", "evidence")]
        for page in shipped:
            began = datetime.fromtimestamp(page.first, timezone.utc)
            minutes = f"{(page.last - page.first) / 60:.0f}"
            rows.append((page.partner, page.what, f"{began:%Y-%m-%d %H:%M}", minutes, page.evidence))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield ""
    yield f"{len(shipped)} pages in {days} days with polls, at alerts.answer_drop_evidence {SHIPPED:g}."
    yield "\nevidence  pages  per 30 days"
    for evidence, found in pages.items():
        yield f"{evidence:8g}  {len(found):5}  {len(found) * 30 / days if days else 0:11.2f}"


def _seconds(day: date) -> float:
    return datetime.combine(day, time(), tzinfo=timezone.utc).timestamp()
