"""A day of call records read from the simulator, with restarts and pages that shift, against its truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exporter.clock import Clock
from exporter.config.load import load_config
from exporter.daemon.daemon import open_state
from exporter.daemon.partners import Environment, Partner
from exporter.metrics.collector import SnapshotCollector
from exporter.poll.counting import Ledgers
from exporter.simulator import DemoServer, DemoSettings
from tests.simulator.world import FakeClock, World

INTERVAL = 1800.0
POLLS = 48
RESTARTS = (3, 10, 11, 30)
"""Polls before which the exporter is started again; the pause before the last of them is an hour."""


class ShiftingClock(FakeClock):
    """Moves on by some seconds at each request: records come while pages are read."""

    step = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@dataclass
class Day:
    """One simulated Vobiz, and an exporter that is polled by hand, with its state on disk."""

    world: World
    clock: ShiftingClock
    config: Path

    @contextmanager
    def exporter(self) -> Iterator[tuple[Partner, Environment]]:
        """From a start to its end."""
        config = load_config(self.config, environ={})
        clock = Clock(wall=lambda: self.clock.now, elapsed=lambda: self.clock.now)
        state = open_state(config, clock)
        assert state is not None
        environment = Environment(clock=clock, ledgers=Ledgers(state))
        partner = Partner(config.partners[0], config, environment)
        try:
            yield partner, environment
        finally:
            partner.stop()
            partner.wait(5)
            state.close()

    def truth(self) -> Counter[tuple[str, ...]]:
        """Records written since the start of the simulator by direction, answered, cause, source."""
        rows = self.world.truth()["records"]["by_cause"]
        found: Counter[tuple[str, ...]] = Counter()
        for row in rows:
            found[row["direction"], str(row["answered"]).lower(), row["cause"], row["source"]] += row["calls"]
        return found


def samples(environment: Environment) -> dict[str, dict[tuple[str, ...], float]]:
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in SnapshotCollector(environment.store, environment.clock.elapsed).collect():
        for sample in family.samples:
            labels = tuple(value for name, value in sample.labels.items() if name != "partner")
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


@contextmanager
def day_of(tmp_path: Path, *, pages: int) -> Iterator[Day]:
    clock = ShiftingClock()
    with DemoServer(DemoSettings(volume=150.0), clock=clock) as server:
        server.start()
        world = World(server, clock)
        config = tmp_path / "config.yaml"
        auth_id, token = server.partners[0]
        config.write_text(
            f"partners: [{{name: acme, auth_id: {auth_id}, auth_token: {token}}}]\n"
            f"api: {{base_url: '{server.url}'}}\npoll: {{interval: 30m, periods: [today]}}\n"
            f"state: {{path: {tmp_path / 'state.db'}}}\ncollect: [causes]\ncauses: {{pages: {pages}}}\n"
        )
        yield Day(world, clock, config)


def run(day: Day) -> tuple[dict[str, Any], Counter[tuple[str, ...]]]:
    """Poll for a day, ending at rest; the exporter's samples, and the truth since its first poll."""
    day.clock.pass_time(60)
    before: Counter[tuple[str, ...]] | None = None
    lives = (*RESTARTS, POLLS)
    for first, last in zip((0, *lives), lives, strict=False):
        if first == RESTARTS[-1]:
            day.clock.pass_time(3600)
        with day.exporter() as (partner, environment):
            for _ in range(first, last):
                partner.poll()
                if before is None:
                    before = day.truth()
                    day.clock.step = 3.0
                day.clock.pass_time(INTERVAL)
            if last == lives[-1]:
                day.clock.step = 0.0
                partner.poll()
                shown = samples(environment)
    assert before is not None
    return shown, day.truth() - before


@pytest.mark.process
def test_every_record_of_a_day_is_counted_once_by_its_cause(tmp_path: Path) -> None:
    with day_of(tmp_path, pages=20) as day:
        day.world.incident(kind="out-of-credits", after=36_000, duration="2h")
        day.world.incident(kind="carrier-reject", after=60_000, duration="1h")
        shown, truth = run(day)
    assert shown["vobiz_cdr_calls_total"] == truth
    assert truth["outbound", "false", "Canceled (Out Of Credits)", "Vobiz"] > 20
    assert truth["outbound", "false", "Rejected", "Carrier"] > 20
    assert shown["vobiz_cdrs_unread_total"] == {(): 0}


@pytest.mark.process
def test_what_the_page_limit_leaves_out_of_a_day_is_about_what_is_missing(tmp_path: Path) -> None:
    with day_of(tmp_path, pages=1) as day:
        shown, truth = run(day)
    counted, unread = sum(shown["vobiz_cdr_calls_total"].values()), shown["vobiz_cdrs_unread_total"][()]
    assert unread > 500
    assert counted + unread == pytest.approx(truth.total(), rel=0.03)
