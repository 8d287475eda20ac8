"""What the previews are drawn from, and the pictures themselves."""

from __future__ import annotations

import promql_parser as promql

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


def test_each_picture_is_small_and_so_are_all_together() -> None:
    sizes = {path.stem: path.stat().st_size for path in IMAGES}
    assert {name: size for name, size in sizes.items() if size >= LARGEST} == {}
    assert sum(sizes.values()) < ALL
