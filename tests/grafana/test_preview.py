"""What the previews are drawn from, and the pictures themselves."""

from __future__ import annotations

from pathlib import Path

import promql_parser as promql
import pytest

from grafana.preview.recorded import recordings
from tests.grafana.boards import ROOT
from tests.grafana.known import RULES, alerts, rules

IMAGES = sorted((ROOT / "docs" / "images").glob("preview-*.png"))
LARGEST = 180 * 1024
ALL = 4 * 1024 * 1024


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


def test_all_pictures_together_are_small() -> None:
    assert sum(path.stat().st_size for path in IMAGES) < ALL
