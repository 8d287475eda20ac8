"""A simulated Vobiz with a past: the real exporter polls it through the days before now, then at the pace of life.

What it exported in the past is written as OpenMetrics, for ``promtool tsdb create-blocks-from openmetrics``; from then
on Prometheus scrapes it, and sees the same series go on.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server

from exporter.clock import Clock
from exporter.commands.past_days import Day, days_of_dashboard
from exporter.config import EXTRAS, AuthId, AuthToken, Config, load_config
from exporter.daemon import Environment, Partner, make_client
from exporter.metrics import SnapshotCollector
from exporter.simulator import DemoServer, DemoSettings

JOB, INSTANCE = "vobiz", "localhost:10147"
"""What prometheus.example.yml makes of a scraped series."""

Series = dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[float, float]]]


class World:
    """The simulated API, the exporter's pollers and its page, all on one clock that is moved by hand until ``live``."""

    def __init__(self, settings: DemoSettings, names: Sequence[str], *, begin: float) -> None:
        self._now = begin
        self._real = False
        self._environment = Environment(clock=Clock(wall=self.now, elapsed=self.now), proxies=False)
        store, telemetry = self._environment.store, self._environment.telemetry
        telemetry.reloaded(at=begin)
        self._registry = CollectorRegistry(auto_describe=False)
        for collector in (SnapshotCollector(store, self.now), telemetry.polls, telemetry.process):
            self._registry.register(collector)
        self.api = DemoServer(dataclasses.replace(settings, partners=len(names)), clock=self.now)
        self._names = names
        self._runners: list[Partner] = []
        self._past: Series = {}

    def now(self) -> float:
        """Its time, in seconds since 1970."""
        return time.time() if self._real else self._now

    def __enter__(self) -> World:
        self.api.start()
        self._config = config = _config(self.api, self._names)
        self._runners = [Partner(partner, config, self._environment) for partner in config.partners]
        return self

    def __exit__(self, *_: object) -> None:
        for runner in self._runners:
            runner.stop()
            runner.wait(5)
        self.api.close()

    def live_through(self, moments: Iterable[float]) -> None:
        """Poll at each of these moments, and remember what a scrape right after it would have seen."""
        for moment in moments:
            self._now = moment
            self.poll()
            for family in self._registry.collect():
                for sample in family.samples:
                    key = (sample.name, tuple(sample.labels.items()))
                    self._past.setdefault(key, []).append((sample.value, moment))
            self._past.setdefault(("up", ()), []).append((1.0, moment))

    def days(self) -> Iterator[Day]:
        """The days before, as ``vobiz-exporter backfill`` would write them."""
        for partner in self._config.partners:
            with closing(make_client(partner, self._config, proxies=False)) as client:
                yield from days_of_dashboard(partner.name, client.dashboard())

    def poll(self) -> None:
        """Poll all partners once."""
        for runner in self._runners:
            runner.poll()

    def write_past(self, path: Path) -> None:
        """What was seen so far, as OpenMetrics; each series in the order of time, of one name together."""
        with path.open("w", encoding="utf-8") as file:
            for (name, labels), points in sorted(self._past.items()):
                text = ",".join(f'{key}="{value}"' for key, value in (("job", JOB), ("instance", INSTANCE), *labels))
                file.writelines(f"{name}{{{text}}} {value} {moment:.3f}\n" for value, moment in points)
            file.write("# EOF\n")

    @contextmanager
    def live(self, interval: float) -> Iterator[int]:
        """From now on by the real clock: polls at an interval, and serves the page on a loopback port, yielded."""
        self._real = True
        over = threading.Event()
        thread = threading.Thread(target=_repeat, args=(self.poll, interval, over), name="polls")
        with ExitStack() as stack:
            server, serving = start_http_server(0, "127.0.0.1", registry=self._registry)
            stack.callback(serving.join)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            thread.start()
            stack.callback(thread.join)
            stack.callback(over.set)
            yield server.server_address[1]


def past(until: float, *, days: float, fine: float, step: float = 240.0, fine_step: float = 60.0) -> list[float]:
    """Moments of the days before: ``step`` seconds apart, in the last ``fine`` seconds ``fine_step`` apart.

    Prometheus takes a series for gone after five minutes without a sample, so a step is shorter than that.
    """
    begin, turn = until - days * 86400, until - fine
    coarse = [begin + step * number for number in range(int((turn - begin) / step))]
    return coarse + [turn + fine_step * number for number in range(int(fine / fine_step))]


def _config(api: DemoServer, names: Sequence[str]) -> Config:
    auth_id, token = api.partners[0]
    config = load_config(None, environ={"VOBIZ_AUTH_ID": auth_id, "VOBIZ_AUTH_TOKEN": token})
    partners = tuple(
        dataclasses.replace(
            config.partners[0],
            name=name,
            auth_id=AuthId(auth_id),
            auth_token=AuthToken(token),
            collect=EXTRAS,
            customers=dataclasses.replace(config.customers, interval=3600.0, lowest=5),
        )
        for name, (auth_id, token) in zip(names, api.partners, strict=True)
    )
    return dataclasses.replace(
        config,
        partners=partners,
        api=dataclasses.replace(config.api, base_url=api.url),
        poll=dataclasses.replace(config.poll, slow_interval=3600.0),
    )


def _repeat(action: Callable[[], None], interval: float, over: threading.Event) -> None:
    while not over.wait(interval):
        action()
