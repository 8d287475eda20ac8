"""Books opened over an entry of the state file that no ledger can be made of."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from exporter.poll.books import Books
from exporter.state import StateFile

NOW = 1_782_900_000.0
STRANGE = {"auth_id": "PA_1", "ledger": {"totals": {"inbound": {"callz": "1"}}}}


def test_an_entry_that_cannot_be_used_is_kept_under_another_name_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.json"
    state = StateFile(path)
    state.open(configured=["acme"], now=NOW)
    state.save("acme", STRANGE)
    before = path.read_bytes()
    with caplog.at_level(logging.ERROR):
        books = Books(partner="acme", auth_id="PA_1", store=state)
    assert books.totals() == {}
    state.save("acme", {})
    state.close()
    aside = tmp_path / f"state.json.unusable-{int(NOW)}"
    assert aside.read_bytes() == before
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    [told] = caplog.records
    assert (told.getMessage(), vars(told)["put_aside_as"]) == ("saved counters unusable, they start afresh", aside)


def test_an_entry_that_cannot_even_be_copied_does_not_keep_the_counters_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = StateFile(path)
    state.open(configured=["acme"], now=NOW)
    state.save("acme", STRANGE)
    path.unlink()
    assert Books(partner="acme", auth_id="PA_1", store=state).totals() == {}
    state.close()
