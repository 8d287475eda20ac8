"""Alert thresholds: defaults, overlaid by the file's, overlaid by the partner's."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import pytest

from exporter.config.thresholds import Alerts
from tests.config.config_kit import PARTNER, load, problems


def test_a_partner_has_its_own_thresholds_over_those_of_the_file_over_the_defaults(tmp_path: Path) -> None:
    content = """\
partners:
  - {auth_id: PA_1, auth_token: a}
  - {auth_id: PA_2, auth_token: a, alerts: {balance_runway_low_hours: 12}}
alerts: {balance_runway_low_hours: 24.5}
"""
    one, other = load(tmp_path, content).partners
    assert one.alerts == Alerts(balance_runway_low_hours=24.5)
    assert other.alerts == Alerts(balance_runway_low_hours=12)


def test_a_threshold_is_applied_in_the_exporter_or_exported_for_the_rules_and_never_both(tmp_path: Path) -> None:
    alerts = load(tmp_path, PARTNER).partners[0].alerts
    exported, judged = alerts.exported(), alerts.judged()
    assert {*exported} | {*judged} == {field.name for field in fields(Alerts)}
    assert not {*exported} & {*judged}
    assert "answer_drop_evidence" in judged
    assert "balance_exhausted_at" in exported
    assert {**exported, **judged} == asdict(Alerts())


@pytest.mark.parametrize("written", ["1", "1.0", "+1", "1e0", ".1e1", "'${ONE}'"])
def test_a_threshold_is_a_decimal_number(tmp_path: Path, written: str) -> None:
    content = f"partners: [{{auth_id: PA_1, auth_token: a}}]\nalerts: {{page_warning: {written}}}"
    assert load(tmp_path, content, environ={"ONE": "1"}).alerts.page_warning == 1


@pytest.mark.parametrize(
    ("written", "reported"),
    [
        ("{spike_rati: 1}", ".spike_rati: unknown key; did you mean spike_ratio?"),
        ("{answer_drop_evidence: 5}", ".answer_drop_evidence: out of range; expected 6 to 30"),
        ("{balance_runway_low_hours: -1}", ".balance_runway_low_hours: out of range; expected 0 or more"),
        ("{page_warning: 1.5}", ".page_warning: out of range; expected 0 to 1"),
        ("{page_warning: .nan}", ".page_warning: not a finite decimal number; write one such as 0.5"),
        ("{page_warning: 1e999}", ".page_warning: not a finite decimal number; write one such as 0.5"),
        ("{page_warning: 0x1}", ".page_warning: not a finite decimal number; write one such as 0.5"),
        ("{page_warning: 1, page_warning: 2}", ".page_warning: given twice, first on line 2; keep one"),
    ],
)
def test_wrong_thresholds_are_reported(tmp_path: Path, written: str, reported: str) -> None:
    assert problems(tmp_path, f"{PARTNER}alerts: {written}") == [f"config.yaml:2: alerts{reported}"]


def test_thresholds_are_a_mapping(tmp_path: Path) -> None:
    [line] = problems(tmp_path, f"{PARTNER}alerts: [1]")
    assert line.startswith("config.yaml:2: alerts: found a list; expected a mapping of answer_drop_evidence, ")


def test_a_partners_wrong_threshold_is_reported_at_the_partner(tmp_path: Path) -> None:
    content = "partners: [{auth_id: PA_1, auth_token: a, alerts: {page_critical: 2}}]"
    assert problems(tmp_path, content) == [
        "config.yaml:1: partners[0].alerts.page_critical: out of range; expected 0 to 1"
    ]


def test_a_wrong_threshold_for_all_is_reported_once_and_not_at_each_partner(tmp_path: Path) -> None:
    content = "partners: [{auth_id: PA_1, auth_token: a}, {auth_id: PA_2, auth_token: a}]\nalerts: {page_critical: 2}"
    assert problems(tmp_path, content) == ["config.yaml:2: alerts.page_critical: out of range; expected 0 to 1"]
