"""The counters of one partner as Prometheus has stored them, poll by poll, for :mod:`exporter.commands.replay`.

Raw samples are read in chunks, so that memory does not grow with the time that is replayed. Where two exporters polled
the same partner, one of them is followed until it has been silent for five minutes; then another takes over from where
the first one stopped, so that no call is seen twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Any

import requests

from exporter.config.errors import StartError

CHUNK = 6 * 3600.0
"""Seconds that are read at a time: 1,440 scrapes at an interval of 15 s."""

TAKEOVER = 300.0
"""Seconds of silence after which another exporter's series are followed."""

COUNTERS = "vobiz_(product_)?(calls|answered_calls|call_seconds|cost)_total"
GAUGES = (
    "vobiz_last_success_timestamp_seconds|vobiz_poll_interval_seconds|vobiz_period_end_timestamp_seconds"
    "|vobiz_answer_ratio_baseline|vobiz_calls_per_day_baseline"
)
_VALUE_LABELS = ("direction", "product", "currency", "endpoint", "period")

Key = tuple[str, str]
"""Name of the metric, and the value of its one label beside partner: a direction, product, currency, ..."""

Growth = Mapping[str, Mapping[str, float]]
"""By the same two: what a counter grew by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """All values of one partner from one scrape of one exporter."""

    timestamp: float
    values: Mapping[Key, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What the counters grew by since the previous poll that was scraped, and the gauges as they were then."""

    timestamp: float
    growth: Growth
    gauges: Mapping[Key, float]

    @property
    def day(self) -> date:
        """The server's day as the exporter stated it, else the day in UTC."""
        stated = self.gauges.get(("vobiz_period_end_timestamp_seconds", "today"), self.timestamp)
        return datetime.fromtimestamp(stated, timezone.utc).date()


class Prometheus:
    """The query API of one Prometheus. Raises StartError with one line that says what to do."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()

    def partners(self, first: float, last: float) -> list[str]:
        """The partners that have counters in this time."""
        query = {"match[]": "vobiz_calls_total", "start": str(first), "end": str(last)}
        return sorted(self._get("label/partner/values", query))

    def scrapes(self, partner: str, first: float, last: float) -> Iterator[tuple[str, Scrape]]:
        """Which exporter, and what it was scraped for, by time."""
        start = first
        while start < last:
            end = min(start + CHUNK, last)
            yield from self._chunk(partner, start, end)
            start = end

    def _chunk(self, partner: str, start: float, end: float) -> Iterator[tuple[str, Scrape]]:
        quoted = re.sub(r'(["\\])', r"\\\1", partner)
        selector = f'{{__name__=~"{COUNTERS}|{GAUGES}",partner="{quoted}"}}[{round((end - start) * 1000)}ms]'
        found: dict[tuple[float, str], dict[Key, float]] = {}
        for series in self._get("query", {"query": selector, "time": f"{end:.3f}"})["result"]:
            labels = dict(sorted(series["metric"].items()))
            name = labels.pop("__name__")
            lane = next((labels[label] for label in _VALUE_LABELS if label in labels), "")
            of_exporter = labels.keys() - {"partner", *_VALUE_LABELS}
            source = ",".join(f"{label}={value}" for label, value in labels.items() if label in of_exporter)
            for timestamp, value in series["values"]:
                # Prometheus 2 also returns the sample at the chunk's start, which the previous chunk had.
                if timestamp > start:
                    found.setdefault((timestamp, source), {})[name, lane] = float(value)
        for (timestamp, source), values in sorted(found.items()):
            yield source, Scrape(timestamp=timestamp, values=values)

    def _get(self, path: str, query: dict[str, str]) -> Any:
        try:
            answer = self._session.get(f"{self._url}/api/v1/{path}", params=query, timeout=60)
            body = answer.json()
        except requests.JSONDecodeError:
            problem = f"answered {answer.status_code} and no JSON; give the address of Prometheus"
        except requests.RequestException as error:
            problem = f"no answer ({type(error).__name__}); give the address of Prometheus"
        else:
            if not isinstance(body, dict):
                body = {"error": "what answers is no Prometheus; give its address"}
            if body.get("status") == "success" and "data" in body:
                return body["data"]
            problem = body.get("error", "refused the query")
        # Without user and password, which the URL may have.
        raise StartError(f"--prometheus.url {re.sub('//[^/]*@', '//', self._url)}: {problem}")


@dataclass(slots=True)
class _Source:
    """One exporter: its last scrape up to which it was followed, and those it has had since."""

    base: Scrape
    pending: list[Scrape] = field(default_factory=list)


def followed(scrapes: Iterator[tuple[str, Scrape]]) -> Iterator[tuple[Scrape, Scrape]]:
    """Pairs of consecutive scrapes, of one exporter at a time."""
    sources: dict[str, _Source] = {}
    leader, followed_to = "", 0.0
    for name, scrape in scrapes:
        leader, followed_to = leader or name, followed_to or scrape.timestamp
        if name not in sources:
            sources[name] = _Source(base=scrape)
            continue
        source = sources[name]
        source.pending.append(scrape)
        if scrape.timestamp - followed_to > TAKEOVER:
            leader = name
        if name == leader:
            for later in source.pending:
                yield source.base, later
                source.base = later
            source.pending.clear()
            followed_to = scrape.timestamp
            for other in sources.values():
                # those that are not followed go on from the moment that the followed one has reached
                while other.pending and other.pending[0].timestamp <= followed_to:
                    other.base = other.pending.pop(0)


def polls(pairs: Iterator[tuple[Scrape, Scrape]]) -> Iterator[Poll]:
    """One a poll that worked: scrapes between two polls show the same counters again, and say nothing of silence.

    A counter that went back was reset: what it shows is what came since. A series that is new counts from its next
    value on.
    """
    growth: dict[str, dict[str, float]] = {}
    for before, now in pairs:
        for (name, lane), value in now.values.items():
            if name.endswith("_total") and (name, lane) in before.values:
                grown = value - before.values[name, lane]
                lanes = growth.setdefault(name, {})
                lanes[lane] = lanes.get(lane, 0.0) + (grown if grown >= 0 else value)
        success = ("vobiz_last_success_timestamp_seconds", "dashboard")
        if now.values.get(success) is None or now.values[success] != before.values.get(success):
            gauges = {key: value for key, value in now.values.items() if not key[0].endswith("_total")}
            yield Poll(timestamp=now.values.get(success, now.timestamp), growth=growth, gauges=gauges)
            growth = {}
