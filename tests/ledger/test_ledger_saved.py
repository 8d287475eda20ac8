"""A ledger written down and read again. That it is the same one, and goes on as before: the histories."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exporter.ledger.ledger import Ledger
from exporter.ledger.observation import Observation
from exporter.ledger.state import dump_state, load_state

DAY = date(2026, 7, 1)
KEYS = (("inbound", "calls"), ("all", "cost/INR"), ("product/voice_api", "seconds"))


def _ledger(*values: int | str) -> Ledger:
    ledger = Ledger()
    for value in values:
        days = {DAY: {key: Decimal(value) for key in KEYS}}
        ledger.record(
            Observation(group="directions", first=DAY, last=DAY, complete=True, days=days, currency="INR"), today=DAY
        )
    return ledger


def test_nothing_is_rounded_on_the_way() -> None:
    ledger = Ledger(load_state(dump_state(_ledger(0, "123456789012345.123456789012"))))
    assert ledger.totals[KEYS[0]] == Decimal("123456789012345.123456789012")


def test_people_can_read_what_is_written() -> None:
    saved = json.loads(dump_state(_ledger(5, "12.50")))
    assert saved["totals"]["all cost/INR"] == "7.50"
    assert saved["days"]["2026-07-01"]["marks"]["product/voice_api seconds"] == "12.50"


DAMAGE: list[Any] = [
    None,
    [],
    {"since": "tomorrow"},
    {"days_lost": 1.5},
    {"opening": 5},
    {"totals": {"inbound calls": "many"}},
    {"totals": {"inbound": "1"}},
    {"totals": {"inbound calls now": "1"}},
    {"days": {"someday": {}}},
    {"days": {"2026-07-01": {"marks": {"inbound calls": None}}}},
    {"claims": {"currency": {"directions": 5}}},
]


@pytest.mark.parametrize("content", [b"", b"[" * 100_000, b"\xff", *(json.dumps(data).encode() for data in DAMAGE)])
def test_what_no_ledger_wrote_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not a saved ledger: "):
        load_state(content)
