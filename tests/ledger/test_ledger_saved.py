"""A ledger written down and read again."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.ledger import Ledger, LedgerDataError, Observation, dump_ledger, load_ledger
from tests.ledger.examples import TIMEOUT, examples

pytestmark = pytest.mark.timeout(TIMEOUT)

DAY = date(2026, 7, 1)
KEYS = (("inbound", "calls"), ("all", "cost/INR"), ("product/voice_api", "seconds"))
AMOUNTS = st.integers(0, 10**15).map(lambda units: Decimal(units) / 1000)


def _ledger(*figures: int | str | Decimal) -> Ledger:
    ledger = Ledger()
    for value in figures:
        days = ((DAY, tuple((key, Decimal(value)) for key in KEYS)),)
        ledger.record(Observation(group="directions", first=DAY, last=DAY, complete=True, days=days))
    return ledger


def _read_back(ledger: Ledger) -> Ledger:
    return load_ledger(json.loads(json.dumps(dump_ledger(ledger))))


@examples(200)
@given(st.lists(st.tuples(st.integers(0, 80), st.sampled_from(KEYS), AMOUNTS, st.booleans()), max_size=12))
def test_a_ledger_read_back_is_the_same_ledger(polls: list[tuple[int, tuple[str, str], Decimal, bool]]) -> None:
    ledger = Ledger()
    for ahead, key, value, complete in polls:
        day = DAY + timedelta(days=ahead)
        group = "products" if key[0].startswith("product/") else "directions"
        ledger.record(Observation(group=group, first=day, last=day, complete=complete, days=((day, ((key, value),)),)))
    twin = _read_back(ledger)
    assert vars(twin) == vars(ledger)
    assert dump_ledger(twin) == dump_ledger(ledger)


def test_nothing_is_rounded_on_the_way() -> None:
    ledger = _ledger(0, "123456789012345.123456789012")
    assert _read_back(ledger).totals[KEYS[0]] == Decimal("123456789012345.123456789012")


def test_amounts_are_written_as_people_read_them() -> None:
    assert dump_ledger(_ledger("0", "1e3"))["totals"]["inbound"] == {"calls": "1000"}


# fmt: off
DAMAGE: dict[str, Any] = {
    "since": [None, 5, {"directions": "tomorrow"}, {"directions": None}, {"directions": 20260701}],
    "shown": [None, -1, "9", True, 1.5],
    "corrections": [None, -1, "9", True, 1.5],
    "totals": [
        None, [], {"inbound": None}, {"inbound": {"calls": "-1"}}, {"inbound": {"calls": "NaN"}},
        {"inbound": {"calls": "1E+999999999"}}, {"inbound": {"calls": "1" * 25}}, {"inbound": {"callz": "1"}},
        {"inbound": {"cost/INR": "1"}}, {"sideways": {"calls": "1"}}, {"all": {"calls": "1"}},
    ],
    "marks": [None, {"someday": {}}, {"2026-07-01": {"inbound": {"calls": "many"}}}, {"2026-07-01": {"x": {"y": "1"}}}],
    "lowered": [None, {"2026-07-01": {"inbound": {"calls": "sNaN"}}}, {"2026-07-02": {"inbound": {"calls": "1"}}}],
}
# fmt: on


@pytest.mark.parametrize(("part", "value"), [(part, value) for part, values in DAMAGE.items() for value in values])
def test_damaged_data_is_refused(part: str, value: object) -> None:
    data = dump_ledger(_ledger(5, 9, 7))
    with pytest.raises(LedgerDataError, match=r"^not a saved ledger: "):
        load_ledger({**data, part: value})


@pytest.mark.parametrize("part", list(DAMAGE))
def test_data_that_lacks_a_part_is_refused(part: str) -> None:
    data = dump_ledger(_ledger(5, 9))
    del data[part]
    with pytest.raises(LedgerDataError, match=r"^not a saved ledger: KeyError$"):
        load_ledger(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@examples(400)
@given(st.sampled_from(list(DAMAGE)), JSON)
def test_data_of_any_shape_is_either_refused_or_can_be_counted_on_with(part: str, value: object) -> None:
    data = deepcopy(dump_ledger(_ledger(5, 9, 7)))
    data[part] = value
    try:
        ledger = load_ledger(data)
    except LedgerDataError:
        return
    days = ((DAY, tuple((key, Decimal(20)) for key in KEYS)),)
    ledger.record(Observation(group="directions", first=DAY, last=DAY, complete=True, days=days))
    assert _read_back(ledger).totals == ledger.totals
