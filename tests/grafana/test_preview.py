"""What the previews are drawn from, and the pictures themselves."""

from __future__ import annotations

import re
from pathlib import Path

import promql_parser as promql
import pytest

from grafana.preview.recorded import levels, recordings
from tests.grafana.boards import ROOT
from tests.grafana.known import RULES, alerts, rules

IMAGES = sorted((ROOT / "docs" / "images").glob("preview-*.png"))
LARGEST = 300 * 1024


def test_a_rule_is_evaluated_after_those_that_it_reads() -> None:
    last = {"record": "vobiz:c", "expr": "vobiz:b + vobiz:a"}
    first, other = ({"record": "vobiz:a", "expr": "up", "labels": {"n": n}} for n in "12")
    middle = {"record": "vobiz:b", "expr": "sum(vobiz:a)"}
    assert list(levels([last, first, middle, other])) == [[first, other], [middle], [last]]


def test_rules_that_read_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"vobiz:a.*vobiz:b"):
        list(levels([{"record": "vobiz:a", "expr": "vobiz:b"}, {"record": "vobiz:b", "expr": "vobiz:a"}]))


def test_the_past_has_every_recorded_series_and_every_alert_but_the_watchdog() -> None:
    recorded = list(recordings(RULES))
    assert {rule["record"] for rule in rules() if "record" in rule} <= {rule["record"] for rule in recorded}
    fired = {rule["labels"]["alertname"] for rule in recorded if rule["record"] == "ALERTS"}
    assert fired == alerts().keys() - {"VobizWatchdog"}
    for rule in recorded:
        promql.parse(rule["expr"])


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.stem)
def test_a_picture_is_small(path: Path) -> None:
    assert path.stat().st_size < LARGEST


def test_the_pictures_that_the_page_shows_are_there() -> None:
    page = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"images/(preview-[\w-]+\.png)", page))
    assert shown
    assert shown <= {path.name for path in IMAGES}
