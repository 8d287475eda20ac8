"""One incident at every volume: at each minute the page, its JSON, the score and the alert rule say the same."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from exporter.clock import Clock, Moment
from exporter.detect.detector import Detector
from exporter.detect.observations import Counts, Day, History, Increments
from exporter.metrics.collector import SnapshotCollector
from exporter.poll.snapshot import Dated, Snapshot
from exporter.web.http import Request
from exporter.web.status.api import status_api
from exporter.web.status.page import status_page
from tests.rig.tools import tool
from tests.web.status_kit import CALM, NOW, REPORT, store_of

RULES = Path(__file__).parents[2] / "prometheus" / "rules" / "vobiz-answer-rate.yml"
VOLUMES = (20, 10_000)
"""Calls an hour."""
USUAL, LOST = 0.6, 0.0
"""Answer rates."""
BEFORE, DURING, AFTER = 30, 90, 30
"""Minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one minute looks like: in the metrics, in the JSON, and on the page."""

    score: float
    document: Mapping[str, object]
    title: str


def increments(volume: int, chance: random.Random) -> Iterator[Increments]:
    """What the polls bring, one a minute."""
    for minute in range(BEFORE + DURING + AFTER):
        ratio = LOST if BEFORE <= minute < BEFORE + DURING else USUAL
        calls = sum(chance.random() < 0.5 for _ in range(max(volume // 30, 1))) if volume > 30 else minute % 3 == 0
        answered = sum(chance.random() < ratio for _ in range(calls))
        yield Increments(
            timestamp=NOW.wall + 60 * minute,
            weekday=2,
            minute_of_day=600 + minute,
            directions={"outbound": Counts(calls=calls, answered=answered, seconds=60 * answered)},
        )


def snapshots(volume: int) -> Iterator[tuple[Snapshot, Moment]]:
    detector = Detector()
    calls = 24 * volume
    days = [Day(weekday=number % 7, calls=calls, answered=USUAL * calls) for number in range(30)]
    detector.learn(History(directions={"outbound": days}))
    for minute, increment in enumerate(increments(volume, random.Random(volume))):
        detector.observe(increment)
        now = Moment(wall=increment.timestamp, elapsed=NOW.elapsed + 60 * minute)
        yield (
            replace(
                CALM,
                partner=str(volume),
                dashboard=Dated(value=REPORT, at=now, expires_after=300),
                judgements=Dated(value=detector.judgements, at=now, expires_after=300),
            ),
            now,
        )


def seen(snapshot: Snapshot, now: Moment) -> Seen:
    clock = Clock(wall=lambda: now.wall, elapsed=lambda: now.elapsed)
    store, request = store_of([snapshot]), Request(method="GET", path="/", query="", headers={})
    page = status_page(store=store, clock=clock, telemetry_path="/metrics")(request).chunks[0].decode()
    families = SnapshotCollector(store, clock.elapsed).collect()
    (family,) = [one for one in families if one.name == "vobiz_answer_drop_score"]
    (sample,) = family.samples
    return Seen(
        score=sample.value,
        document=json.loads(status_api(store=store, clock=clock)(request).chunks[0])["partners"][0],
        title=page.partition("<title>")[2].partition("</title>")[0],
    )


@pytest.fixture(scope="module")
def incident() -> dict[int, list[Seen]]:
    """Each minute of the incident, by volume."""
    return {volume: [seen(snapshot, now) for snapshot, now in snapshots(volume)] for volume in VOLUMES}


@pytest.mark.parametrize("volume", VOLUMES)
def test_the_page_and_its_json_show_a_problem_exactly_while_the_score_is_above_1(
    volume: int, incident: dict[int, list[Seen]]
) -> None:
    minutes = incident[volume]
    above = [one.score > 1 for one in minutes]
    assert [one.document["state"] == "problem" for one in minutes] == above
    assert [one.title == "PROBLEM - Vobiz exporter" for one in minutes] == above
    assert any(above[BEFORE : BEFORE + DURING])
    assert not any(above[:BEFORE])
    for one in minutes:
        judged = one.document["judged"]["directions"]["outbound"]  # type: ignore[index]
        assert judged["score"] == one.score


@pytest.mark.process
def test_the_alert_rule_pages_at_the_same_minutes(incident: dict[int, list[Seen]], tmp_path: Path) -> None:
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    (expression,) = [rule["expr"] for rule in rules if rule.get("alert") == "VobizAnswerRateDrop"]
    labels = 'job="vobiz", partner="{}", direction="outbound"'
    test = {
        "interval": "1m",
        "input_series": [
            {
                "series": f'vobiz_answer_drop_score{{{labels.format(volume)}, instance="a"}}',
                "values": " ".join(repr(one.score) for one in minutes),
            }
            for volume, minutes in incident.items()
        ],
        "promql_expr_test": [
            {
                "expr": expression,
                "eval_time": f"{minute}m",
                "exp_samples": [
                    {"labels": f"{{{labels.format(volume)}}}", "value": minutes[minute].score}
                    for volume, minutes in incident.items()
                    if minutes[minute].document["state"] == "problem"
                ],
            }
            for minute in range(BEFORE + DURING + AFTER)
        ],
    }
    file = tmp_path / "incident.test.yml"
    file.write_text(json.dumps({"rule_files": [], "tests": [test]}))
    checked = subprocess.run([tool("promtool"), "test", "rules", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
