"""The soak, shortened to a simulated day, and what its verdict is worth."""

from __future__ import annotations

import pytest

from tests.soak.__main__ import main
from tests.soak.plan import AWAY, CORRECTION, DAY, INCIDENTS, KILL, STEADY, TERM, plan
from tests.soak.usage import Usage, first_and_last, longest_life, slope


@pytest.mark.process
@pytest.mark.timeout(300)
def test_a_simulated_day_with_restarts_incidents_and_a_midnight_counts_every_call_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["--days=1", "--speed=7200", "--polls=300"])
    printed = capsys.readouterr().out
    assert code == 0, printed
    assert "1 midnights" in printed or "2 midnights" in printed
    assert "1 SIGTERM" in printed
    assert "Every call was counted once, and every bound holds." in printed


def test_a_month_has_every_kind_of_restart_and_incident() -> None:
    events = plan(30, seed=1)
    assert {event.what for event in events} == {TERM, KILL, AWAY, CORRECTION, *INCIDENTS}
    assert [event.at for event in events] == sorted(event.at for event in events)


@pytest.mark.parametrize("seed", range(5))
def test_for_half_of_a_month_nothing_is_restarted(seed: int) -> None:
    restarts = [event.at / DAY for event in plan(30, seed) if event.what in (TERM, KILL, AWAY)]
    assert not [at for at in restarts if STEADY[0] * 30 < at < STEADY[1] * 30]


def test_the_same_seed_makes_the_same_month() -> None:
    assert plan(30, seed=3) == plan(30, seed=3) != plan(30, seed=4)


def samples(memory: list[float], life: int = 1) -> list[Usage]:
    """One a simulated day."""
    return [
        Usage(at=day * DAY, life=life, memory=mebibytes, files=10, threads=5) for day, mebibytes in enumerate(memory)
    ]


def test_memory_that_grows_a_mebibyte_a_day_is_seen_so() -> None:
    assert slope(samples([40.0 + day for day in range(20)])) == pytest.approx(1.0)
    assert slope(samples([40.0, 41.0] * 10)) == pytest.approx(0.0, abs=0.02)


def test_only_the_longest_life_is_measured_and_not_its_beginning() -> None:
    life = longest_life([*samples([10.0] * 3, life=1), *samples([40.0] * 10, life=2), *samples([10.0] * 2, life=3)])
    assert [sample.life for sample in life] == [2] * 8


def test_what_is_taken_at_the_end_is_compared_with_what_was_taken_at_the_beginning() -> None:
    life = samples([40.0, 41.0, 42.0, 43.0, 44.0, 45.0, 46.0, 47.0])
    assert first_and_last(life, lambda sample: sample.memory) == (40.0, 46.0)
