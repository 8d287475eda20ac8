"""The truth is what an observer who always looks would have counted, each call once."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from .conftest import Demo
from .world import FakeClock, World

EVENING = datetime(2026, 7, 1, 22, 30, tzinfo=timezone.utc).timestamp()
VALUES = {"total_calls": "calls", "answered_calls": "answered_calls", "total_minutes": "seconds", "total_cost": "cost"}


class Observer:
    """Counts what it sees of the days around midnight, by the highest value of each series."""

    def __init__(self, world: World, *days: str) -> None:
        self.world, self.days = world, days
        self.start: dict[tuple[str, str, str], Decimal] = {}
        self.highest: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        self.start = self.look()

    def look(self) -> dict[tuple[str, str, str], Decimal]:
        seen = {}
        for day in self.days:
            body = self.world.day(day)
            for series, values in {"total": body["calls"], **body["traffic"], **body["by_product"]}.items():
                for field, name in VALUES.items():
                    value = Decimal(str(values[field])) * (60 if name == "seconds" else 1)
                    seen[day, series, name] = value
                    self.highest[day, series, name] = max(value, self.highest[day, series, name])
        return seen

    def counted(self, series: str, name: str, *days: str) -> Decimal:
        return sum(
            (self.highest[day, series, name] - self.start[day, series, name] for day in days or self.days), Decimal(0)
        )

    def agrees_with(self, truth: Any) -> bool:
        series = {"total": truth, **truth["by_direction"], **truth["by_product"]}
        return all(
            self.counted(name, value) == Decimal(str(values[value]))
            for name, values in series.items()
            for value in VALUES.values()
        )


def test_it_starts_at_zero_and_adds_up_over_directions_and_products(demo: Demo) -> None:
    world = demo()
    assert world.truth()["calls"] == 0
    world.clock.pass_time(3_600)
    truth = world.truth()
    for split in ("by_direction", "by_product"):
        for value in ("calls", "answered_calls", "seconds"):
            assert sum(part[value] for part in truth[split].values()) == truth[value] > 0


def test_it_is_the_growth_of_the_visible_figures_across_midnight_late_records_on_yesterdays_row_included(
    demo: Demo,
) -> None:
    world = demo(clock=FakeClock(EVENING), volume=5_000)
    observer = Observer(world, "2026-07-01", "2026-07-02")
    at_midnight = None
    for _ in range(40):
        world.clock.pass_time(300)
        observer.look()
        if at_midnight is None and world.ask("/dashboard").json["period"]["to"] == "2026-07-02":
            at_midnight = observer.counted("total", "calls", "2026-07-01")
    assert at_midnight is not None
    assert observer.counted("total", "calls", "2026-07-01") > at_midnight
    assert observer.agrees_with(world.truth())


def test_a_correction_takes_nothing_off_it_and_calls_that_fill_the_gap_add_nothing(demo: Demo) -> None:
    world = demo(clock=FakeClock(EVENING - 12 * 3_600))
    observer = Observer(world, "2026-06-30", "2026-07-01")
    world.clock.pass_time(1_800)
    before, values = world.truth(), observer.look()
    world.incident(kind="correction", depth=0.02)
    lowered = observer.look()
    assert {key: world.truth()[key] for key in ("calls", "cost")} == {key: before[key] for key in ("calls", "cost")}
    assert Decimal(world.truth()["balance"]) > Decimal(before["balance"])
    for day, share in (("2026-07-01", Decimal("0.02")), ("2026-06-30", Decimal("0.004"))):
        for series in ("inbound", "sip_trunking"):
            was, now = (seen[day, series, "calls"] for seen in (values, lowered))
            assert 0 <= was * share - (was - now) < 2
    world.clock.pass_time(60)
    assert world.truth()["calls"] == before["calls"]
    for _ in range(60):
        world.clock.pass_time(60)
        observer.look()
    assert world.truth()["calls"] > before["calls"]
    assert world.truth()["by_direction"]["outbound"]["calls"] < (
        before["by_direction"]["outbound"]["calls"]
        + observer.look()["2026-07-01", "outbound", "calls"]
        - lowered["2026-07-01", "outbound", "calls"]
    )


def test_while_paused_the_truth_is_exactly_what_the_api_shows(demo: Demo) -> None:
    world = demo(volume=20_000, speed=60)
    observer = Observer(world, "2026-07-01")
    world.clock.pass_time(7)
    assert world.send("POST", "/_demo/pause").json == {"paused": True}
    world.clock.pass_time(100)
    observer.look()
    truth = world.truth()
    assert truth["calls"] > 0
    assert observer.agrees_with(truth)
    assert world.ask("/dashboard").json["total_balance"] == truth["balance"]
    assert world.send("POST", "/_demo/resume").json == {"paused": False}
    assert world.truth() == truth
    world.clock.pass_time(1)
    assert world.truth()["calls"] > truth["calls"]


def test_simulated_time_runs_at_its_speed_and_not_back_when_the_real_clock_is_set_back(demo: Demo) -> None:
    world = demo(speed=60)

    def now() -> str:
        return str(world.send("GET", "/_demo/truth").json["now"])

    world.clock.pass_time(10)
    assert now() == "2026-07-01T12:10:00.000Z"
    world.clock.pass_time(-3_600)
    assert now() == "2026-07-01T12:10:00.000Z"
    world.clock.pass_time(1)
    assert now() == "2026-07-01T12:11:00.000Z"


def test_the_servers_midnight_comes_when_it_was_ordered(demo: Demo) -> None:
    world = demo(midnight_in=120)
    world.clock.pass_time(119)
    assert world.ask("/dashboard").json["period"]["to"] == "2026-07-01"
    world.clock.pass_time(1)
    assert world.ask("/dashboard").json["period"]["to"] == "2026-07-02"
