"""What a real Prometheus makes of the counters, over kills, midnight, a correction and restarts."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import pytest

from tests.e2e.conftest import StartExporter, StartPrometheus, StartVobiz
from tests.rig.counting import Counters, Series, true_counters
from tests.rig.prometheus import Prometheus
from tests.rig.simulated import SimulatedVobiz
from tests.rig.waiting import wait_for

pytestmark = pytest.mark.process

LONG = os.environ.get("VOBIZ_LONG_TESTS") == "1"
RUNS = 10 if LONG else 2
RUN = 5.0 if LONG else 3.0


@dataclass(frozen=True)
class Scraped:
    """All samples of one series, and what PromQL makes of them over just the time that they cover."""

    values: list[Decimal]
    increase: float
    resets: float
    extrapolated: float
    """By which factor ``increase`` may exceed the truth: it stretches what it sees to the whole range."""


def test_increase_equals_the_truth_over_kills_midnight_and_a_correction(
    start_vobiz: StartVobiz, start_exporter: StartExporter, start_prometheus: StartPrometheus
) -> None:
    vobiz = start_vobiz(seed=3, speed=600, volume=20_000, midnight_in="50m")
    vobiz.pause()
    exporter = start_exporter(vobiz)
    exporter.wait_for_next_polls()
    prometheus = start_prometheus(exporter.address)
    _wait_for_scrape(prometheus, after=time.time())
    at_start, first_day = _truth(vobiz), _today(vobiz)
    vobiz.resume()
    for _ in range(RUNS):
        exporter.run_for(RUN)
        vobiz.pause()
        exporter.wait_for_next_polls()
        vobiz.begin(kind="correction", depth=0.1)
        exporter.wait_for_next_polls()
        vobiz.resume()
        exporter.run_for(1.0)
        exporter.stop(signal.SIGKILL)
        exporter.start()
    vobiz.pause()
    exporter.wait_for_next_polls()
    _wait_for_scrape(prometheus, after=time.time())
    assert _today(vobiz) > first_day
    truth = {series: float(value - at_start[series]) for series, value in _truth(vobiz).items()}
    for series, seen in _all_scraped(prometheus, truth):
        assert all(later >= earlier for earlier, later in pairwise(seen.values)), series
        assert float(seen.values[-1] - seen.values[0]) == pytest.approx(truth[series], rel=1e-12)
        assert seen.resets == 0
        assert truth[series] * (1 - 1e-9) <= seen.increase <= truth[series] * seen.extrapolated * (1 + 1e-9)


def test_without_state_a_restart_is_one_reset_and_no_jump(
    start_vobiz: StartVobiz, start_exporter: StartExporter, start_prometheus: StartPrometheus
) -> None:
    vobiz = start_vobiz(seed=4, speed=600, volume=20_000, midnight_in="22h")
    vobiz.pause()
    exporter = start_exporter(vobiz, state=False)
    exporter.wait_for_next_polls()
    prometheus = start_prometheus(exporter.address)
    _wait_for_scrape(prometheus, after=time.time())
    at_start = _truth(vobiz)
    vobiz.resume()
    exporter.run_for(3.0)
    vobiz.pause()
    exporter.wait_for_next_polls()
    _wait_for_scrape(prometheus, after=time.time())
    exporter.stop(signal.SIGKILL)
    exporter.start()
    exporter.wait_for_next_polls()
    _wait_for_scrape(prometheus, after=time.time())
    vobiz.resume()
    exporter.run_for(2.0)
    vobiz.pause()
    exporter.wait_for_next_polls()
    _wait_for_scrape(prometheus, after=time.time())
    truth = {series: float(value - at_start[series]) for series, value in _truth(vobiz).items()}
    for series, seen in _all_scraped(prometheus, truth):
        assert seen.resets == 1, series
        assert truth[series] * (1 - 1e-9) <= seen.increase <= truth[series] * seen.extrapolated * (1 + 1e-9)


def _truth(vobiz: SimulatedVobiz) -> Counters:
    counters = true_counters(vobiz.truth(vobiz.partners[0][0]))
    return {series: value for series, value in counters.items() if series[0].endswith("_total")}


def _today(vobiz: SimulatedVobiz) -> str:
    return str(vobiz.truth(vobiz.partners[0][0])["today"])


def _all_scraped(prometheus: Prometheus, truth: dict[Series, float]) -> Iterator[tuple[Series, Scraped]]:
    for series in truth:
        name, label, value = series
        yield series, _scraped(prometheus, f'{name}{{{label}="{value}"}}')


def _scraped(prometheus: Prometheus, selector: str) -> Scraped:
    (found,) = prometheus.query(f"{selector}[1h]")
    samples = [(float(at), Decimal(value)) for at, value in found["values"]]
    first, last = samples[0][0], samples[-1][0]
    milliseconds = round((last - first) * 1000) + 1
    (increase,) = prometheus.query(f"increase({selector}[{milliseconds}ms])", at=last)
    (resets,) = prometheus.query(f"resets({selector}[{milliseconds}ms])", at=last)
    return Scraped(
        values=[value for _, value in samples],
        increase=float(increase["value"][1]),
        resets=float(resets["value"][1]),
        extrapolated=milliseconds / ((last - first) * 1000),
    )


def _wait_for_scrape(prometheus: Prometheus, *, after: float) -> None:
    """Until a scrape that began after this moment has landed."""

    def landed() -> bool:
        samples = prometheus.query("timestamp(vobiz_up)")
        return bool(samples) and min(float(sample["value"][1]) for sample in samples) > after

    wait_for(landed, "a scrape by Prometheus")
