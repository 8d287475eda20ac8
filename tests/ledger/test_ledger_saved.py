"""A ledger written down and read again. That it is the same one, and goes on as before: the histories."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.ledger import Ledger, LedgerDataError, Observation, dump_ledger, load_ledger
from tests.ledger.examples import TIMEOUT, examples

pytestmark = pytest.mark.timeout(TIMEOUT)

DAY = date(2026, 7, 1)
KEYS = (("inbound", "calls"), ("all", "cost/INR"), ("inbound", "seconds"))


def _ledger(*values: int | str | Decimal) -> Ledger:
    ledger = Ledger()
    for value in values:
        days = ((DAY, tuple((key, Decimal(value)) for key in KEYS)),)
        ledger.record(
            Observation(group="directions", first=DAY, last=DAY, complete=True, days=days, currency="INR"), today=DAY
        )
    return ledger


def _data(*values: int) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(dump_ledger(_ledger(*values)))
    return data


def _loaded(data: object) -> Ledger:
    return load_ledger(json.dumps(data).encode())


def test_nothing_is_rounded_on_the_way() -> None:
    ledger = load_ledger(dump_ledger(_ledger(0, "123456789012345.123456789012")))
    assert ledger.totals[KEYS[0]] == Decimal("123456789012345.123456789012")


def test_amounts_are_written_as_people_read_them() -> None:
    assert json.loads(dump_ledger(_ledger("0", "1e3")))["totals"]["inbound"] == {
        "calls": "1000",
        "answered_calls": "0",
        "seconds": "1000",
    }


# fmt: off
DAMAGE: dict[str, Any] = {
    "since": [5, "tomorrow", None, 20260701],
    "today": [5, "tomorrow", None],
    "span": [None, -1, "9", True, 1.5],
    "corrections": [None, -1, "9", True, 1.5],
    "days_lost": [None, -1, "9"],
    "currency": [None, {"sideways": "INR"}, {"directions": 5}],
    "opening": [5, {"inbound": {"calls": "-1"}}],
    "totals": [
        None, [], {"inbound": None}, {"inbound": {"calls": "-1"}}, {"inbound": {"calls": "NaN"}},
        {"inbound": {"calls": "1E+999999999"}}, {"inbound": {"calls": "1" * 25}}, {"inbound": {"callz": "1"}},
        {"inbound": {"calls": "1\n"}}, {"inbound": {"cost/INR": "1"}}, {"sideways": {"calls": "1"}},
        {"all": {"calls": "1"}},
    ],
    "remainder": [None, {"inbound": {"calls": "--1"}}],
    "doubted": [None, {"sideways": {}}, {"directions": {"someday": {}}}],
    "days": [
        None, {"someday": {}}, {"2026-07-01": {"marks": {"inbound": {"calls": "many"}}}},
        {"2026-07-01": {"marks": {"x": {"y": "1"}}}}, {"2026-07-01": {"given": {"inbound": {"calls": "1"}}}},
        {"2026-07-01": {"moved": {"inbound": {"calls": "sNaN"}}}},
        {"2026-07-01": {"covered": {"sideways": "2026-07-01"}}},
        {"2026-07-01": {"asked": {"directions": "never"}}}, {"2026-07-01": {"other": 1}},
    ],
}
# fmt: on


@pytest.mark.parametrize(("part", "value"), [(part, value) for part, values in DAMAGE.items() for value in values])
def test_damaged_data_is_refused(part: str, value: object) -> None:
    with pytest.raises(LedgerDataError, match=r"^not a saved ledger: "):
        _loaded({**_data(5, 9, 7), part: value})


@pytest.mark.parametrize("part", list(DAMAGE))
def test_data_that_lacks_a_part_is_refused(part: str) -> None:
    data = _data(5, 9)
    del data[part]
    with pytest.raises(LedgerDataError, match=f"missing required field `{part}`"):
        _loaded(data)


@pytest.mark.parametrize("content", [b"", b"[" * 100_000, b"\xff", b"[]", b"null"])
def test_what_is_no_ledger_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(LedgerDataError):
        load_ledger(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@examples(400)
@given(st.sampled_from(list(DAMAGE)), JSON)
def test_data_of_any_shape_is_either_refused_or_can_be_counted_on_with(part: str, value: object) -> None:
    try:
        ledger = _loaded({**_data(5, 9, 7), part: value})
    except LedgerDataError:
        return
    days = ((DAY, tuple((key, Decimal(20)) for key in KEYS)),)
    ledger.record(Observation(group="directions", first=DAY, last=DAY, complete=True, days=days, currency="INR"))
    assert load_ledger(dump_ledger(ledger)).totals == ledger.totals
