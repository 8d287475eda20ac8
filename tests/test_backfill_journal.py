"""What an interrupted backfill left behind: the days that can be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from exporter.commands.past_days import Journal

WHOLE = b'{"partner":"acme","day":"2026-06-30","samples":[["vobiz_period_calls",["acme","today","inbound"],15.0]]}\n'


@pytest.mark.parametrize(
    "damaged",
    [WHOLE[:-20], WHOLE.replace(b"today", b"\xff"), b"\x00" * 512, b'{"x":' + b"[" * 100_000, b'{"partner": 1}'],
    ids=["cut short", "not UTF-8", "zeros", "nested without end", "something else"],
)
def test_a_line_that_cannot_be_read_is_a_day_to_fetch_again(damaged: bytes, tmp_path: Path) -> None:
    file = tmp_path / "past.om.resume"
    file.write_bytes(damaged + b"\n" + WHOLE)
    assert list(Journal(file).days) == [("acme", date(2026, 6, 30))]
