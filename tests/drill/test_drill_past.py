"""What the exporter knows of the partners before anything is broken."""

from __future__ import annotations

import pytest

from exporter.simulator.climate import Climate
from tests.drill.past import taught

NOW = 1_784_980_800.0
CALLS_AN_HOUR = 3_000.0


@pytest.mark.parametrize("shift", [0.0, -3 * 3_600.0])
def test_silence_and_spend_have_a_usual_hour_to_be_compared_with(shift: float) -> None:
    climate = Climate(seed=1, auth_id="PA_DEMO0001", volume=CALLS_AN_HOUR)
    usual = taught(climate, now=NOW, shift=shift).judgements
    now = {direction: climate.lane(direction, NOW + shift).calls * 3_600 for direction in usual.directions}
    assert set(now) == {"inbound", "outbound"}
    for direction, judged in usual.directions.items():
        assert judged.calls_per_hour_expected == pytest.approx(now[direction], rel=0.5)
        assert judged.traffic_drop_score is not None
        assert judged.traffic_drop_score < 0.5
    assert usual.currencies["INR"].spend_spike_score is not None
    assert usual.currencies["INR"].spend_spike_score < 1
