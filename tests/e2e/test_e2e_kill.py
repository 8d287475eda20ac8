"""The daemon killed again and again while the simulated Vobiz goes on: not one call lost, not one counted twice."""

from __future__ import annotations

import os
import random
import signal

import pytest

from tests.e2e.conftest import StartExporter, StartVobiz
from tests.rig.counting import Counters, CountingExporter, true_counters
from tests.rig.simulated import SimulatedVobiz
from tests.rig.waiting import wait_for

pytestmark = pytest.mark.process

LONG = os.environ.get("VOBIZ_LONG_TESTS") == "1"
KILLS = 50 if LONG else 12
MAX_LIFE = 2.5


@pytest.mark.timeout(600)
def test_counters_equal_the_truth_after_kills_midnight_corrections_and_late_records(
    start_vobiz: StartVobiz, start_exporter: StartExporter
) -> None:
    seed = int(os.environ.get("VOBIZ_TEST_SEED", random.randrange(10**6)))
    print(f"VOBIZ_TEST_SEED={seed}")
    chance = random.Random(seed)
    vobiz = start_vobiz(seed=seed, speed=600, volume=60_000, midnight_in="90m")
    vobiz.pause()
    exporter = start_exporter(vobiz)
    exporter.wait_for_next_polls()
    assert set(exporter.counters()) == set(_truth(vobiz))
    at_start, first_day = _truth(vobiz), _today(vobiz)
    assert all(value == 0 for value in exporter.counters().values())
    vobiz.resume()
    for kill in range(1, KILLS + 1):
        exporter.run_for(chance.uniform(0.1, MAX_LIFE))
        exporter.stop(signal.SIGKILL)
        if kill % 5 == 2:
            vobiz.begin(kind="api-down", duration="20m", depth=0.5)
        if kill % 7 == 3:
            vobiz.begin(kind="malformed", duration="20m", depth=0.3)
        exporter.start()
        if kill % 4 == 0:
            _correct(vobiz, exporter)
    # lives that chance made short may all have ended before it
    wait_for(lambda: _today(vobiz) > first_day, "the server's midnight")
    _stand_still(vobiz, exporter)
    assert exporter.counters() == {series: value - at_start[series] for series, value in _truth(vobiz).items()}
    assert exporter.counters()["vobiz_calls_total", "direction", "outbound"] > 1000
    assert "defect" not in exporter.output


def _truth(vobiz: SimulatedVobiz) -> Counters:
    return true_counters(vobiz.truth(vobiz.partners[0][0]))


def _today(vobiz: SimulatedVobiz) -> str:
    return str(vobiz.truth(vobiz.partners[0][0])["today"])


def _correct(vobiz: SimulatedVobiz, exporter: CountingExporter) -> None:
    """Take values back at a moment when all of them have been seen: what nobody saw, nobody can count."""
    _stand_still(vobiz, exporter)
    vobiz.begin(kind="correction", depth=0.1)
    exporter.wait_for_next_polls()
    vobiz.resume()


def _stand_still(vobiz: SimulatedVobiz, exporter: CountingExporter) -> None:
    """Stop simulated time, and wait until all that happened before has been seen."""
    vobiz.end_all()
    vobiz.pause()
    exporter.wait_for_next_polls()
