"""The counters of one partner as Prometheus has stored them, poll by poll, for :mod:`exporter.commands.replay`.

Raw samples are read in chunks, so that memory does not grow with the time that is replayed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any

import requests

from exporter.config.errors import StartError

CHUNK = 6 * 3600.0
"""Seconds that are read at a time: 1,440 scrapes at an interval of 15 s."""

TAKEOVER = 300.0
"""Seconds of silence after which another exporter's series are followed."""

SERIES = (
    "vobiz_(product_)?(calls|answered_calls|call_seconds)_total|vobiz_cost_total"
    "|vobiz_last_success_timestamp_seconds|vobiz_poll_interval_seconds|vobiz_period_end_timestamp_seconds"
    "|vobiz_answer_ratio_baseline|vobiz_calls_per_day_baseline"
)
_VALUE_LABELS = ("direction", "product", "currency", "endpoint", "period")

Values = Mapping[tuple[str, str], float]
"""By name of the metric, and value of its one label beside partner: a direction, product, currency, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """All values of one partner from one scrape of one exporter, ``source``."""

    timestamp: float
    source: str
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What the counters grew by since the previous poll that was scraped, and the gauges as they were then."""

    timestamp: float
    growth: Values
    gauges: Values

    @property
    def day(self) -> date:
        """The server's day as the exporter stated it, else the day in UTC."""
        stated = self.gauges.get(("vobiz_period_end_timestamp_seconds", "today"), self.timestamp)
        return datetime.fromtimestamp(stated, timezone.utc).date()


class Prometheus:
    """Its HTTP API. Raises :class:`~exporter.config.errors.StartError` with what to do."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self.shown = re.sub("//.*@", "//", self._url)
        """The URL without user and password."""

    def partners(self, first: float, last: float) -> list[str]:
        """The partners that have counters in this time."""
        query = {"match[]": "vobiz_calls_total", "start": str(first), "end": str(last)}
        return sorted(self._get("label/partner/values", query))

    def scrapes(self, partner: str, first: float, last: float) -> Iterator[Scrape]:
        """What was scraped of a partner, by time."""
        quoted = re.sub(r'(["\\])', r"\\\1", partner)
        while first < last:
            start, first = first, min(first + CHUNK, last)
            selector = f'{{__name__=~"{SERIES}",partner="{quoted}"}}[{round((first - start) * 1000)}ms]'
            found: dict[tuple[float, str], dict[tuple[str, str], float]] = {}
            for series in self._get("query", {"query": selector, "time": f"{first:.3f}"})["result"]:
                labels = series["metric"]
                name = labels.pop("__name__")
                lane = next((labels.pop(label) for label in _VALUE_LABELS if label in labels), "")
                source = str(sorted(labels.items()))
                for timestamp, value in series["values"]:
                    # Prometheus 2 also returns the sample at the chunk's start, which the previous chunk had.
                    if timestamp > start:
                        found.setdefault((timestamp, source), {})[name, lane] = float(value)
            for (timestamp, source), values in sorted(found.items()):
                yield Scrape(timestamp=timestamp, source=source, values=values)

    def _get(self, path: str, query: dict[str, str]) -> Any:
        try:
            answer = self._session.get(f"{self._url}/api/v1/{path}", params=query, timeout=60)
            body = answer.json()
            if body["status"] == "success":
                return body["data"]
            problem = body["error"]
        except (requests.JSONDecodeError, KeyError, TypeError):
            problem = f"answered {answer.status_code}, not as Prometheus does; give the address of Prometheus"
        except (requests.RequestException, ValueError) as error:  # the latter for some hosts that cannot be
            remedy = "give the address of Prometheus, such as http://localhost:9090"
            problem = f"no answer ({type(error).__name__}); {remedy}"
        raise StartError(f"--prometheus.url {self.shown}: {problem}")


def followed(scrapes: Iterator[Scrape]) -> Iterator[tuple[Scrape, Scrape]]:
    """Pairs of consecutive scrapes, of one exporter at a time, so that no call is seen twice.

    Where several polled the same partner, one is followed until it has been silent for a while; another one then goes
    on from where it stood itself when the first one was last seen.
    """
    latest: dict[str, Scrape] = {}
    bases: dict[str, Scrape] = {}
    leader, seen = "", 0.0
    for scrape in scrapes:
        if scrape.timestamp - seen > TAKEOVER:
            leader = scrape.source
        latest[scrape.source] = scrape
        if scrape.source == leader:
            if leader in bases:
                yield bases[leader], scrape
            bases, seen = latest.copy(), scrape.timestamp


def polls(pairs: Iterator[tuple[Scrape, Scrape]]) -> Iterator[Poll]:
    """One a poll that worked: scrapes between two polls show the same counters again, and say nothing of silence.

    A counter that went back was reset: what it shows is what came since. A series that is new counts from its next
    value on.
    """
    growth: dict[tuple[str, str], float] = defaultdict(float)
    success = ("vobiz_last_success_timestamp_seconds", "dashboard")
    for before, now in pairs:
        for series, value in now.values.items():
            if series[0].endswith("_total") and series in before.values:
                grown = value - before.values[series]
                growth[series] += grown if grown >= 0 else value
        if success not in now.values or now.values[success] != before.values.get(success):
            gauges = {series: value for series, value in now.values.items() if not series[0].endswith("_total")}
            yield Poll(timestamp=now.values.get(success, now.timestamp), growth=growth, gauges=gauges)
            growth = defaultdict(float)
