"""The list of alerts says what the rules say."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, text_of
from tests.grafana.known import alerts

PAGE = text_of(ROOT / "docs" / "alerts.md")


@pytest.mark.parametrize("alert", alerts())
def test_an_alert_is_listed_with_its_runbook_its_delays_and_its_severity(alert: str) -> None:
    rule = alerts()[alert]
    waits, kept = rule.get("for", "0"), rule.get("keep_firing_for")
    delays = f"{waits}, kept {kept}" if kept else waits
    row = re.search(rf"^\| \[{alert}\]\((\S+)\) \| .+ \| (.+) \| (\w+) \|$", PAGE, re.MULTILINE)
    assert row is not None
    assert row.groups() == (f"runbooks/{alert}.md", delays, rule["labels"]["severity"])
