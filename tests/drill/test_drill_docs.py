"""docs/drill.md names the faults as they are."""

from __future__ import annotations

import re

from tests.drill import shipped
from tests.drill.faults import FAULTS
from tests.grafana.known import alerts


def test_the_document_lists_every_fault_and_its_alert() -> None:
    text = (shipped.ROOT.parent / "docs" / "drill.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w-]+)` \|.*\| `(Vobiz\w+)` \|$", text, re.MULTILINE)
    assert listed == [(fault.name, fault.alert) for fault in FAULTS]


def test_every_fault_has_an_alert_that_pages() -> None:
    assert {fault.alert for fault in FAULTS} <= {
        name for name, rule in alerts().items() if rule["labels"].get("page") == "true"
    }
