"""The past that Prometheus is given, and the state that the exporter goes on from."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from exporter.ledger import LedgerStore, load_ledger
from tests.drill.history import History
from tests.drill.past import moments

NOON = 1_784_980_800.0
HOURS = 3
LABELS = {"job": "vobiz", "instance": "localhost:10147"}


@pytest.fixture
def written(tmp_path: Path) -> tuple[list[Sample], Path]:
    history = History(partners={"acme": "PA_DEMO0001"}, seed=1, volume=3_000.0, shift=0.0, labels=LABELS)
    state = tmp_path / "state.db"
    files = history.write(start=NOON - HOURS * 3_600, end=NOON, directory=tmp_path, state=state)
    found = [
        sample
        for file in sorted(files)
        for family in text_string_to_metric_families(file.read_text())  # type: ignore[no-untyped-call]
        for sample in family.samples
    ]
    return found, state


def of(samples: list[Sample], name: str, **labels: str) -> list[float]:
    return [one.value for one in samples if one.name == name and labels.items() <= one.labels.items()]


def test_the_counters_go_on_where_the_past_ends(written: tuple[list[Sample], Path]) -> None:
    samples, state = written
    store = LedgerStore(state, configured=["PA_DEMO0001"], now=NOON)
    ledger = load_ledger(store.load("PA_DEMO0001", "ledger") or b"")
    store.close()
    assert float(ledger.totals["outbound", "calls"]) == of(samples, "vobiz_calls_total", direction="outbound")[-1]
    assert float(ledger.totals["all", "cost/INR"]) == of(samples, "vobiz_cost_total", currency="INR")[-1]


def test_a_day_of_the_past_has_the_calls_that_are_usual(written: tuple[list[Sample], Path]) -> None:
    samples, _ = written
    calls = sum(of(samples, "vobiz_calls_total", direction=way)[-1] for way in ("inbound", "outbound"))
    assert 3_000 * HOURS / 3 < calls < 3_000 * HOURS * 4


def test_products_and_directions_add_up(written: tuple[list[Sample], Path]) -> None:
    samples, _ = written
    directions = sum(of(samples, "vobiz_answered_calls_total", direction=way)[-1] for way in ("inbound", "outbound"))
    products = sum(
        of(samples, "vobiz_product_answered_calls_total", product=kind)[-1] for kind in ("sip_trunking", "voice_api")
    )
    assert directions == pytest.approx(products, abs=2)


def test_no_counter_ever_goes_down(written: tuple[list[Sample], Path]) -> None:
    samples, _ = written
    for name in {one.name for one in samples if one.name.endswith("_total")}:
        for labels in {tuple(sorted(one.labels.items())) for one in samples if one.name == name}:
            values = of(samples, name, **dict(labels))
            assert values == sorted(values)


def test_every_series_has_the_labels_of_a_scrape(written: tuple[list[Sample], Path]) -> None:
    samples, _ = written
    assert all(one.labels["partner"] == "acme" and LABELS.items() <= one.labels.items() for one in samples)


def test_samples_are_never_further_apart_than_prometheus_looks_back() -> None:
    times = list(moments(NOON - 10_000, NOON))
    assert times[-1] == NOON
    assert all(0 < later - earlier <= 300 for earlier, later in pairwise(times))
