"""The page: every label set as the catalogue has it, nothing stale, nothing twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric as Family

from exporter.api.model import Account, Wallet
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.clock import Moment
from exporter.detect.judgements import AnswerRate, Direction, Judgements, Spend, Verdict
from exporter.metrics.catalogue import CATALOGUE
from exporter.metrics.collector import SnapshotCollector
from exporter.metrics.telemetry import Telemetry
from exporter.poll.causes import Causes, CauseShare, Distribution
from exporter.poll.customers import Customers
from exporter.poll.evidence import Baseline
from exporter.poll.snapshot import Dated, Health, Snapshot, SnapshotStore

DATA = Path(__file__).parents[1] / "data"
NOW = Moment(wall=1782900000.0, elapsed=1000.0)

CUSTOMERS = Customers(
    below=2,
    limit=Decimal(100),
    unread=0,
    by_status=(("active", 3), ("disabled", 1)),
    by_kyc=(("verified", 4),),
    shown=(Account(auth_id="MA_1", balance=Decimal("1.5"), name="Customer One"),),
    dropped=0,
)


CAUSES = Causes(
    calls={("outbound", "false", "User Busy", "Carrier"): 7},
    unread=0,
    ring={"outbound": Distribution(bounds=(2.0, 5.0), counts=(1, 2, 4), total=80.0)},
    mos={"outbound": Distribution(bounds=(3.6,), counts=(0, 2), total=8.4)},
    shares=(CauseShare(direction="outbound", cause="User Busy", calls=7, now=0.5, usual=0.2),),
    customers=(("MA_1", 7),),
)

RATE = AnswerRate(verdict=Verdict.DROPPED, score=1.1, since=NOW.wall - 600, calls=50, answered=5, expected_ratio=0.88)
JUDGEMENTS = Judgements(
    directions={
        "outbound": Direction(
            answer_rate=RATE, calls_per_hour_expected=300.0, traffic_drop_score=0.1, minutes_spike_score=0.2
        )
    },
    products={"voice_api": RATE},
    currencies={"INR": Spend(cost_per_hour_expected=120.0, spend_spike_score=0.3)},
)


def snapshot(partner: str = "acme") -> Snapshot:
    report = parse_dashboard((DATA / "dashboard.json").read_bytes())
    today = parse_analytics((DATA / "analytics-today.json").read_bytes())
    return Snapshot(
        partner=partner,
        interval=60.0,
        polls=1,
        dashboard=Dated(value=report, at=NOW, expires_after=300.0),
        baselines={"inbound": Baseline(answer_ratio=0.88, calls_per_day=200.0)},
        periods={
            "today": Dated(value=today, at=NOW, expires_after=300.0),
            "30d": Dated(value=report, at=NOW, expires_after=300.0),
        },
        mismatches=Dated(value={"day_sum": False}, at=NOW, expires_after=300.0),
        totals={
            ("inbound", "calls"): Decimal(3),
            ("inbound", "answered_calls"): Decimal(2),
            ("inbound", "seconds"): Decimal("61.5"),
            ("all", "cost/INR"): Decimal("0.25"),
            ("product/voice_api", "calls"): Decimal(3),
            ("product/voice_api", "answered_calls"): Decimal(2),
            ("product/voice_api", "seconds"): Decimal("61.5"),
            ("product/voice_api", "cost/INR"): Decimal("0.25"),
        },
        taken_back={
            ("inbound", "calls"): Decimal(1),
            ("inbound", "answered_calls"): Decimal(1),
            ("inbound", "seconds"): Decimal(6),
            ("all", "cost/INR"): Decimal("0.01"),
            ("product/voice_api", "calls"): Decimal(1),
            ("product/voice_api", "answered_calls"): Decimal(1),
            ("product/voice_api", "seconds"): Decimal(6),
            ("product/voice_api", "cost/INR"): Decimal("0.01"),
        },
        corrections=1,
        days_lost=0,
        judgements=Dated(value=JUDGEMENTS, at=NOW, expires_after=300.0),
        health={
            "dashboard": Health(up=True, last_success=NOW),
            "analytics": Health(up=False, last_success=NOW),
        },
        wallet=Dated(value=Wallet(balance=Decimal("2500.5")), at=NOW, expires_after=600.0),
        customers=Dated(value=CUSTOMERS, at=NOW, expires_after=1200.0),
        series_dropped=0,
        causes=Dated(value=CAUSES, at=NOW, expires_after=300.0),
        thresholds={"answer_drop_score": 1.0},
    )


def by_name(*snapshots: Snapshot, elapsed: float = NOW.elapsed) -> dict[str, Family]:
    store = SnapshotStore()
    for snapshot in snapshots:
        store.publish(snapshot)
    return {family.name: family for family in SnapshotCollector(store, lambda: elapsed).collect()}


def exposed() -> list[Family]:
    telemetry = Telemetry()
    telemetry.add_partner("acme")
    telemetry.reloaded(at=1.0)
    families = [*telemetry.polls.collect(), *telemetry.process.collect()]
    own = [family for family in families if family.name.startswith("vobiz_")]
    return [*by_name(snapshot()).values(), *own]


def test_a_full_page_has_every_metric_of_the_catalogue_and_no_other() -> None:
    names = {family.name + ("_total" if family.type == "counter" else "") for family in exposed()}
    assert names == {metric.name for metric in CATALOGUE}


def test_every_sample_has_exactly_the_labels_of_the_catalogue() -> None:
    labels = {metric.name.removesuffix("_total"): set(metric.labels) for metric in CATALOGUE}
    for family in exposed():
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == labels[family.name], sample.name


def test_a_distribution_becomes_a_classic_histogram() -> None:
    ring: dict[tuple[str, str | None], float] = {
        (sample.name.removeprefix("vobiz_cdr_ring_seconds"), sample.labels.get("le")): sample.value
        for sample in by_name(snapshot())["vobiz_cdr_ring_seconds"].samples
    }
    buckets: dict[tuple[str, str | None], float] = {
        ("_bucket", "2.0"): 1,
        ("_bucket", "5.0"): 3,
        ("_bucket", "+Inf"): 7,
    }
    assert ring == {**buckets, ("_count", None): 7, ("_sum", None): 80}


def test_no_series_is_on_the_page_twice() -> None:
    page = [*exposed(), *by_name(snapshot("other")).values()]
    series = [(sample.name, *sorted(sample.labels.items())) for family in page for sample in family.samples]
    assert len(series) == len(set(series))


def test_figures_leave_the_page_when_they_are_too_old_and_counters_stay() -> None:
    fresh, stale = by_name(snapshot(), elapsed=1300.0), by_name(snapshot(), elapsed=1300.1)
    gone = fresh.keys() - stale.keys()
    assert {
        "vobiz_answer_drop_score",
        "vobiz_balance",
        "vobiz_accounts",
        "vobiz_period_calls",
        "vobiz_answer_ratio_baseline",
    } <= gone
    kept = {"vobiz_up", "vobiz_last_success_timestamp_seconds", "vobiz_calls", "vobiz_cost", "vobiz_corrections"}
    assert kept <= stale.keys()
    assert not gone & kept


def test_a_partner_never_polled_has_no_figures_and_no_zeros() -> None:
    page = by_name(Snapshot(partner="acme", interval=60.0))
    assert set(page) == {"vobiz_poll_interval_seconds"}


def test_an_answer_rate_without_calls_is_absent() -> None:
    bare = snapshot()
    today = bare.periods["today"]
    empty = replace(
        today.value, total=replace(today.value.total, calls=0, answered_calls=0), directions=(), products=()
    )
    page = by_name(replace(bare, periods={"today": replace(today, value=empty)}))
    assert "vobiz_period_answer_ratio" not in page


def test_inactive_accounts_are_unknown_when_the_total_is() -> None:
    bare = snapshot()
    assert bare.dashboard is not None
    report = bare.dashboard.value
    unknown = replace(report, accounts=replace(report.accounts, total=None))
    page = by_name(replace(bare, dashboard=replace(bare.dashboard, value=unknown)))
    assert [sample.labels["status"] for sample in page["vobiz_accounts"].samples] == ["active"]


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_every_help_text_is_a_sentence_of_one_line(metric: object) -> None:
    text = getattr(metric, "help", "")
    assert text.endswith(".")
    assert "\n" not in text


def test_a_page_seen_while_snapshots_change_is_all_of_one_moment() -> None:
    store = SnapshotStore()
    store.publish(snapshot("a"))
    before = store.current()
    store.publish(replace(snapshot("a"), polls=2))
    store.publish(snapshot("b"))
    assert [item.polls for item in before] == [1]
    assert [(item.partner, item.polls) for item in store.current()] == [("a", 2), ("b", 1)]
    store.remove("a")
    assert [item.partner for item in store.current()] == ["b"]
