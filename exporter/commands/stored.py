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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """All values of one partner from one scrape of one exporter."""

    timestamp: float
    values: Mapping[Key, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What the counters grew by since the previous poll that was scraped, and the gauges as they were then."""

    timestamp: float
    growth: Mapping[Key, float]
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
        series = self._get("query", {"query": selector, "time": f"{end:.3f}"})["result"]
        found: dict[tuple[float, str], dict[Key, float]] = {}
        for one in series:
            labels = one["metric"]
            source = ",".join(f"{name}={value}" for name, value in sorted(labels.items()) if _names_source(name))
            key = (labels["__name__"], next((labels[name] for name in _VALUE_LABELS if name in labels), ""))
            for timestamp, value in one["values"]:
                # Prometheus 2 also returns the sample at the chunk's start, which the previous chunk had.
                if timestamp > start:
                    found.setdefault((timestamp, source), {})[key] = float(value)
        for (timestamp, source), values in sorted(found.items()):
            yield source, Scrape(timestamp=timestamp, values=values)

    def _get(self, path: str, query: dict[str, str]) -> Any:
        try:
            answer = self._session.get(f"{self._url}/api/v1/{path}", params=query, timeout=60)
            body = answer.json()
        except requests.JSONDecodeError:
            problem = f"answered {answer.status_code} and no JSON"
            raise StartError(f"--prometheus.url {self._url}: {problem}; give the address of Prometheus") from None
        except requests.RequestException as error:
            raise StartError(
                f"--prometheus.url {self._url}: no answer ({type(error).__name__}); give the address of Prometheus"
            ) from None
        if body.get("status") != "success":
            raise StartError(f"--prometheus.url {self._url}: {body.get('error', 'refused the query')}")
        return body["data"]


def _names_source(label: str) -> bool:
    return label not in ("__name__", "partner", *_VALUE_LABELS)


@dataclass(slots=True)
class _Source:
    """One exporter: its last scrape up to which it was followed, and those it has had since."""

    base: Scrape
    pending: list[Scrape] = field(default_factory=list)


def followed(scrapes: Iterator[tuple[str, Scrape]]) -> Iterator[tuple[Scrape, Scrape]]:
    """Pairs of consecutive scrapes, of one exporter at a time."""
    sources: dict[str, _Source] = {}
    leader = ""
    followed_to = float("-inf")
    for name, scrape in scrapes:
        if name not in sources:
            sources[name] = _Source(base=scrape)
            if not leader:
                leader, followed_to = name, scrape.timestamp
            continue
        source = sources[name]
        source.pending.append(scrape)
        if name != leader and scrape.timestamp - followed_to > TAKEOVER:
            leader = name
        if name == leader:
            for later in source.pending:
                yield source.base, later
                source.base = later
            source.pending.clear()
            followed_to = scrape.timestamp
            _catch_up(sources, followed_to)


def _catch_up(sources: Mapping[str, _Source], moment: float) -> None:
    """Exporters that are not followed go on from the moment that the followed one has reached."""
    for source in sources.values():
        while source.pending and source.pending[0].timestamp <= moment:
            source.base = source.pending.pop(0)


def polls(pairs: Iterator[tuple[Scrape, Scrape]]) -> Iterator[Poll]:
    """One a poll that worked: scrapes between two polls show the same counters again, and say nothing of silence.

    A counter that went back was reset: what it shows is what came since. A series that is new counts from its next
    value on.
    """
    growth: dict[Key, float] = {}
    for before, now in pairs:
        for key, value in now.values.items():
            if key[0].endswith("_total") and key in before.values:
                grown = value - before.values[key]
                growth[key] = growth.get(key, 0.0) + (grown if grown >= 0 else value)
        success = ("vobiz_last_success_timestamp_seconds", "dashboard")
        if now.values.get(success) is None or now.values[success] != before.values.get(success):
            gauges = {key: value for key, value in now.values.items() if not key[0].endswith("_total")}
            yield Poll(timestamp=now.values.get(success, now.timestamp), growth=growth, gauges=gauges)
            growth = {}
