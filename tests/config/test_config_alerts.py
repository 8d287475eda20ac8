"""Alert thresholds: defaults, overlaid by the file's, overlaid by the partner's."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.config.thresholds import Threshold
from tests.config.config_kit import PARTNER, load, problems

KNOWN = {
    "balance_hours": Threshold(default=72, unit="hours", help="hours that the balance lasts"),
    "error_ratio": Threshold(default=0.3, unit="ratio", help="share of requests that fail", maximum=1),
}


def test_a_partner_has_its_own_thresholds_over_those_of_the_file_over_the_defaults(tmp_path: Path) -> None:
    content = """\
partners:
  - {auth_id: PA_1, auth_token: a}
  - {auth_id: PA_2, auth_token: a, alerts: {balance_hours: 12}}
alerts: {balance_hours: 24.5}
"""
    config = load(tmp_path, content, thresholds=KNOWN)
    one, other = config.partners
    assert config.thresholds(one) == {"balance_hours": 24.5, "error_ratio": 0.3}
    assert config.thresholds(other) == {"balance_hours": 12, "error_ratio": 0.3}


@pytest.mark.parametrize("written", ["1", "1.0", "+1", "1e0", ".1e1", "'${ONE}'"])
def test_a_threshold_is_a_decimal_number(tmp_path: Path, written: str) -> None:
    content = f"partners: [{{auth_id: PA_1, auth_token: a}}]\nalerts: {{error_ratio: {written}}}"
    assert load(tmp_path, content, environ={"ONE": "1"}, thresholds=KNOWN).alerts["error_ratio"] == 1


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{balance_hour: 1}", ".balance_hour: unknown threshold; did you mean balance_hours?"),
        ("{spend: 1}", ".spend: unknown threshold; known here: balance_hours, error_ratio"),
        ("{balance_hours: -1}", ".balance_hours: out of range; expected 0 or more"),
        ("{error_ratio: 1.5}", ".error_ratio: out of range; expected 0 to 1"),
        ("{error_ratio: .nan}", ".error_ratio: not a finite decimal number; write one such as 0.5"),
        ("{error_ratio: 1e999}", ".error_ratio: not a finite decimal number; write one such as 0.5"),
        ("{error_ratio: 0x1}", ".error_ratio: not a finite decimal number; write one such as 0.5"),
        ("{error_ratio: '1'}", ".error_ratio: found text in quotes; remove the quotes"),
        ("{error_ratio: 1, error_ratio: 2}", ".error_ratio: given twice, first on line 2; keep one"),
        ("[1]", ": found a list; expected a mapping of thresholds to numbers such as {balance_runway_low_hours: 48}"),
    ],
)
def test_wrong_thresholds_are_told(tmp_path: Path, written: str, told: str) -> None:
    assert problems(tmp_path, f"{PARTNER}alerts: {written}", thresholds=KNOWN) == [f"config.yaml:2: alerts{told}"]


def test_a_partners_wrong_threshold_is_told_at_the_partner(tmp_path: Path) -> None:
    content = "partners: [{auth_id: PA_1, auth_token: a, alerts: {error_ratio: 2}}]"
    assert problems(tmp_path, content, thresholds=KNOWN) == [
        "config.yaml:1: partners[0].alerts.error_ratio: out of range; expected 0 to 1"
    ]
