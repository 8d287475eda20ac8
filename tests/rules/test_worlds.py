"""Which alerts each fault fires, at each poll interval, with one exporter or two."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.worlds import EXPECTED, HOUR, MINUTE, ONSET, World, firing

pytestmark = pytest.mark.process

INTERVALS = {"15s": 15, "1m": MINUTE, "5m": 5 * MINUTE, "15m": 15 * MINUTE, "1h": HOUR}


@pytest.mark.parametrize("interval", INTERVALS.values(), ids=INTERVALS)
def test_each_fault_fires_its_alerts_and_no_other_at_every_poll_interval(interval: int, tmp_path: Path) -> None:
    world = World(interval=interval)
    calm = list(range(0, ONSET, 25 * MINUTE))
    # between two polls, too: an alert that comes and goes with each poll is no alert
    lasting = [world.end - 13 * MINUTE, world.end - 6 * MINUTE, world.end]
    found = firing(world, calm + lasting, tmp_path)
    assert [at for at in calm if found[at]] == []
    assert {at: found[at] for at in lasting} == dict.fromkeys(lasting, EXPECTED)


def test_losing_one_of_two_exporters_neither_pages_nor_hides_a_fault(tmp_path: Path) -> None:
    world = World(interval=MINUTE, exporters=2)
    found = firing(world, [ONSET - MINUTE, ONSET + 5 * MINUTE, world.end], tmp_path)
    assert found[ONSET - MINUTE] == {}
    assert "none" not in found[ONSET + 5 * MINUTE]
    assert found[world.end] == EXPECTED
