"""When polls run: at once, on a steady grid, one at a time, whatever the clocks do."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest

from exporter.api.errors import Cancelled
from exporter.clock import Clock
from exporter.schedule import Schedule, SteadyTrigger


@pytest.fixture
def caplog(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What anybody logs: APScheduler must add nothing."""
    caplog.handler.filters.clear()
    return caplog


class FakeClock:
    """Two clocks that go as a test sets them."""

    def __init__(self) -> None:
        self.wall = 1_000_000.0
        self.elapsed = 5_000.0

    def clock(self) -> Clock:
        return Clock(wall=lambda: self.wall, elapsed=lambda: self.elapsed)

    def pass_time(self, seconds: float) -> None:
        self.wall += seconds
        self.elapsed += seconds

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.wall, timezone.utc)


def next_run(fake: FakeClock, trigger: SteadyTrigger) -> float:
    """Seconds until the next run, as APScheduler gets them."""
    return (trigger.get_next_fire_time(None, fake.now) - fake.now) / timedelta(seconds=1)


def test_runs_stay_on_the_grid_however_late_one_is() -> None:
    fake = FakeClock()
    trigger = SteadyTrigger(interval=60.0, start=fake.elapsed, clock=fake.clock())
    assert next_run(fake, trigger) == 60
    fake.pass_time(95)
    assert next_run(fake, trigger) == 25


def test_a_day_of_missed_runs_is_not_made_up_for() -> None:
    fake = FakeClock()
    trigger = SteadyTrigger(interval=60.0, start=fake.elapsed, clock=fake.clock())
    fake.pass_time(86_410)
    assert next_run(fake, trigger) == 50


def test_asking_twice_for_the_same_run_gives_the_same_answer() -> None:
    fake = FakeClock()
    trigger = SteadyTrigger(interval=60.0, start=fake.elapsed, clock=fake.clock())
    fake.pass_time(61)
    assert next_run(fake, trigger) == next_run(fake, trigger) == 59


def test_a_run_that_starts_a_moment_early_is_not_run_again() -> None:
    fake = FakeClock()
    trigger = SteadyTrigger(interval=60.0, start=fake.elapsed, clock=fake.clock())
    fake.pass_time(59.99)
    assert next_run(fake, trigger) == pytest.approx(60.01)


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0])
def test_setting_the_wall_clock_does_not_move_the_grid(jump: float) -> None:
    fake = FakeClock()
    trigger = SteadyTrigger(interval=60.0, start=fake.elapsed, clock=fake.clock())
    fake.pass_time(20)
    fake.wall += jump
    assert next_run(fake, trigger) == 40


def test_a_grid_from_now_on_keeps_the_interval() -> None:
    fake = FakeClock()
    trigger = SteadyTrigger(interval=60.0, start=fake.elapsed, clock=fake.clock())
    fake.pass_time(20)
    trigger.restart(fake.elapsed)
    assert (next_run(fake, trigger), trigger.lateness(), trigger.passed()) == (60, 0, 1)


def test_a_run_after_the_other_leaves_none_out() -> None:
    fake = FakeClock()
    trigger = SteadyTrigger(interval=60.0, start=fake.elapsed, clock=fake.clock())
    counted = [trigger.passed()]
    for seconds in (60, 59.9, 60.1, 89):
        fake.pass_time(seconds)
        counted.append(trigger.passed())
    assert counted == [1, 1, 1, 1, 1]


def test_every_point_of_the_grid_that_passed_without_a_run_is_counted() -> None:
    fake = FakeClock()
    trigger = SteadyTrigger(interval=60.0, start=fake.elapsed, clock=fake.clock())
    assert trigger.passed() == 1
    fake.pass_time(3600)
    assert trigger.passed() == 60


def test_a_run_is_as_late_as_the_point_of_the_grid_is_past() -> None:
    fake = FakeClock()
    trigger = SteadyTrigger(interval=60.0, start=fake.elapsed, clock=fake.clock())
    assert trigger.lateness() == 0
    fake.pass_time(62.5)
    assert trigger.lateness() == pytest.approx(2.5)
    fake.pass_time(57.4)
    assert trigger.lateness() == 0


@pytest.fixture
def schedule() -> Iterator[Schedule]:
    schedule = Schedule(clock=Clock())
    schedule.start()
    yield schedule
    schedule.stop()


class Polls:
    """Counts polls; ``wait_for`` is a condition with a deadline."""

    def __init__(self, action: Callable[[], None] = lambda: None) -> None:
        self.count = 0
        self._action = action
        self._changed = threading.Condition()

    def __call__(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()
        self._action()

    def wait_for(self, count: int, seconds: float = 10.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.count >= count, seconds)


def test_the_first_poll_comes_at_once_and_the_next_at_the_interval(schedule: Schedule) -> None:
    polls = Polls()
    schedule.add("acme", polls, interval=0.2)
    assert polls.wait_for(3)


def test_a_long_interval_does_not_delay_the_first_poll(schedule: Schedule) -> None:
    polls = Polls()
    schedule.add("acme", polls, interval=3600.0)
    assert polls.wait_for(1)


def test_a_defect_in_one_poll_is_logged_and_the_next_one_runs(
    schedule: Schedule, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("secret-looking text")

    polls = Polls(broken)
    schedule.add("acme", polls, interval=0.1)
    assert polls.wait_for(2)
    assert "poll broke off by a defect of the exporter" in caplog.text
    assert "secret-looking text" not in caplog.text


def test_a_defect_that_lasts_is_logged_once_and_so_is_its_end(
    schedule: Schedule, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    runs = itertools.count(1)

    def broken_thrice() -> None:
        if next(runs) <= 3:
            raise RuntimeError

    polls = Polls(broken_thrice)
    schedule.add("acme", polls, interval=0.1)
    assert polls.wait_for(5)
    logged = [record.getMessage() for record in caplog.records]
    assert logged == ["poll broke off by a defect of the exporter", "polls work again"]


def test_a_poll_without_memory_is_logged_once_wherever_it_ended(
    schedule: Schedule, caplog: pytest.LogCaptureFixture
) -> None:
    runs = itertools.count()

    def here() -> None:
        raise MemoryError

    def there() -> None:
        raise MemoryError

    polls = Polls(lambda: here() if next(runs) % 2 else there())
    schedule.add("acme", polls, interval=0.1)
    assert polls.wait_for(4)
    assert [record.getMessage() for record in caplog.records] == ["poll broke off, memory has run out"]


def test_a_cancelled_poll_is_no_defect(schedule: Schedule, caplog: pytest.LogCaptureFixture) -> None:
    def cancelled() -> None:
        raise Cancelled

    polls = Polls(cancelled)
    schedule.add("acme", polls, interval=0.1)
    assert polls.wait_for(2)
    assert "defect" not in caplog.text


def test_a_poll_that_hangs_costs_its_own_partner_only_and_is_counted() -> None:
    missed: list[str] = []
    schedule = Schedule(clock=Clock(), missed=lambda partner, _: missed.append(partner))
    schedule.start()
    release = threading.Event()

    def hanging() -> None:
        release.wait(20)

    other = Polls()
    try:
        schedule.add("slow", hanging, interval=0.1)
        schedule.add("quick", other, interval=0.1)
        assert other.wait_for(5)
        assert "slow" in missed
        assert "quick" not in missed
    finally:
        release.set()
        schedule.stop()


def test_as_many_partners_as_there_are_may_hang_and_the_others_are_polled() -> None:
    schedule = Schedule(clock=Clock())
    schedule.start()
    release = threading.Event()
    hanging = threading.Semaphore(0)

    def hang() -> None:
        hanging.release()
        release.wait(60)

    others = [Polls() for _ in range(20)]
    try:
        for number in range(80):
            schedule.add(f"slow {number}", hang, interval=600.0)
        assert all(hanging.acquire(timeout=30) for _ in range(80))
        for number, other in enumerate(others):
            schedule.add(f"quick {number}", other, interval=600.0)
        assert all(other.wait_for(1, 30) for other in others)
    finally:
        release.set()
        schedule.stop()


def test_polls_for_which_there_was_no_time_are_counted() -> None:
    offset = [0.0]
    real = Clock()
    suspended = Clock(wall=real.wall, elapsed=lambda: real.elapsed() + offset[0])
    missed: list[int] = []
    schedule = Schedule(clock=suspended, missed=lambda _, polls: missed.append(polls))
    schedule.start()
    polls = Polls()
    try:
        schedule.add("acme", polls, interval=0.5)
        assert polls.wait_for(1)
        offset[0] = 3600.0
        assert polls.wait_for(polls.count + 2)
        assert sum(missed) >= 7199
    finally:
        schedule.stop()


def test_a_poll_that_is_asked_for_now_does_not_wait_until_it_is_due(schedule: Schedule) -> None:
    polls = Polls()
    schedule.add("acme", polls, interval=3600.0)
    assert polls.wait_for(1)
    schedule.run_now("acme")
    assert polls.wait_for(2)
    schedule.run_now("nobody")


def test_a_removed_partner_is_no_longer_polled(schedule: Schedule) -> None:
    polls, other = Polls(), Polls()
    schedule.add("acme", polls, interval=0.1)
    assert polls.wait_for(1)
    schedule.remove("acme")
    seen = polls.count
    schedule.add("other", other, interval=0.1)
    assert other.wait_for(5)
    assert polls.count <= seen + 1


def test_polls_go_on_within_moments_after_the_clock_was_set_back_a_day() -> None:
    offset = [0.0]
    real = Clock()
    jumping = Clock(wall=lambda: real.wall() + offset[0], elapsed=real.elapsed)
    schedule = Schedule(clock=jumping)
    schedule.start()
    polls = Polls()
    try:
        # planned by a wall clock a day ahead of the one that APScheduler reads: what a clock set back looks like
        offset[0] = 86_400.0
        schedule.check_clock()
        schedule.add("acme", polls, interval=0.2)
        assert not polls.wait_for(1, 0.5)
        offset[0] = 0.0
        schedule.check_clock()
        assert polls.wait_for(2)
    finally:
        schedule.stop()


def test_the_poll_loop_is_alive_while_its_heart_beats() -> None:
    fake = FakeClock()
    schedule = Schedule(clock=fake.clock())
    assert schedule.alive()
    fake.pass_time(31)
    assert not schedule.alive()
