"""How refusals slow the polls down, and whom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exporter.api.errors import MAX_RETRY_AFTER
from tests.ledger.api_model import Books
from tests.poll.rig import INTERVAL, TODAY, Rig, rig_of
from tests.poll.vobiz import older_shape


@pytest.fixture
def rig() -> Iterator[Rig]:
    with rig_of(Books(today=TODAY), periods=["today"]) as rig:
        yield rig


@pytest.mark.parametrize("status", [401, 403, 429])
def test_each_refusal_doubles_the_wait_up_to_ten_intervals(rig: Rig, status: int) -> None:
    rig.vobiz.refusals["dashboard"] = (status, {})
    waits = []
    for _ in range(6):
        assert rig.poll() == ["dashboard"]
        waits.append(rig.wait / INTERVAL)
    assert waits == [1, 2, 4, 8, 10, 10]
    del rig.vobiz.refusals["dashboard"]
    rig.poll()
    assert rig.wait == INTERVAL
    rig.vobiz.refusals["dashboard"] = (status, {})
    rig.poll()
    assert rig.wait == INTERVAL


@pytest.mark.parametrize(
    ("asked_for", "wait"), [("130", 3 * INTERVAL), ("5", INTERVAL), ("86400", MAX_RETRY_AFTER), ("soon", INTERVAL)]
)
def test_a_rate_limit_is_kept_for_up_to_a_quarter_of_an_hour(rig: Rig, asked_for: str, wait: float) -> None:
    rig.vobiz.refusals["dashboard"] = (429, {"Retry-After": asked_for})
    rig.poll()
    assert rig.wait == wait
    assert rig.snapshot.next_poll is not None
    assert rig.snapshot.next_poll.elapsed == rig.elapsed + wait


@pytest.mark.parametrize("status", [500, 404, 302])
def test_other_failures_do_not_slow_down(rig: Rig, status: int) -> None:
    rig.vobiz.refusals["dashboard"] = (status, {})
    for _ in range(3):
        rig.poll()
        assert rig.wait == INTERVAL


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_analytics_alone_does_not_slow_the_dashboard(rig: Rig, status: int) -> None:
    rig.poll()
    rig.vobiz.refusals["analytics"] = (status, {})
    asked = []
    for _ in range(12):
        asked.append(len(rig.poll()) - 1)
        assert rig.wait == INTERVAL
        assert rig.health("dashboard").up
        assert not rig.health("analytics").up
    assert asked == [1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("status", [401, 403])
def test_nor_does_it_where_the_day_has_to_be_learnt_from_analytics(rig: Rig, status: int) -> None:
    rig.vobiz.change = older_shape
    rig.vobiz.refusals["analytics"] = (status, {})
    asked = []
    for _ in range(8):
        asked.append(len(rig.poll()) - 1)
        assert rig.wait == INTERVAL
    assert asked == [1, 1, 0, 1, 0, 0, 0, 1]


def test_analytics_is_asked_again_once_it_was_allowed(rig: Rig) -> None:
    rig.vobiz.refusals["analytics"] = (403, {})
    rig.poll()
    del rig.vobiz.refusals["analytics"]
    rig.poll()
    assert rig.health("analytics").up
    rig.vobiz.refusals["analytics"] = (403, {})
    rig.poll()
    assert len(rig.poll()) == 2


def test_a_rate_limit_on_analytics_slows_the_whole_partner(rig: Rig) -> None:
    rig.vobiz.refusals["analytics"] = (429, {"Retry-After": "200"})
    assert rig.poll() == ["dashboard", "2026-07-01"]
    assert rig.wait == 4 * INTERVAL


def test_after_a_refusal_of_the_dashboard_analytics_is_not_asked_and_shows_as_down(rig: Rig) -> None:
    rig.poll()
    rig.vobiz.refusals["dashboard"] = (401, {})
    assert rig.poll() == ["dashboard"]
    assert (rig.health("dashboard").up, rig.health("analytics").up) == (False, False)


def test_after_any_other_failure_of_the_dashboard_analytics_is_still_asked(rig: Rig) -> None:
    rig.poll()
    rig.vobiz.refusals["dashboard"] = (503, {})
    assert rig.poll()[-1] == "2026-07-01"
    assert (rig.health("dashboard").up, rig.health("analytics").up) == (False, True)
