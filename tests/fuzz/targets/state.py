"""The state database: read as what it says, or put aside whole; and the daemon goes on counting from there."""

from __future__ import annotations

import json
import stat
from contextlib import suppress
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.ledger.ledger import Ledger
from exporter.ledger.observation import observations
from exporter.ledger.state import LedgerState, dump_state, load_state
from exporter.ledger.store import LedgerStore
from tests.fuzz.answers import ANALYTICS, DASHBOARD
from tests.fuzz.target import Target, split

NOW = 1_782_900_000.0
_SEEN = observations(parse_dashboard(DASHBOARD), [parse_analytics(ANALYTICS)])


def target(directory: Path) -> Target:
    """The target; it opens, saves and opens again in a directory of its own."""
    with TemporaryDirectory() as made:
        path = Path(made) / "state.db"
        _record(path)
        whole = path.read_bytes()
    return Target(
        holds="the daemon starts: what is readable goes on, what is not is put aside whole; no counter is lowered",
        check=partial(_check, directory / "state.db"),
        seeds=(whole, whole[:-30], whole.replace(b"PA_1", b"PA_2"), whole.replace(b'"calls":"', b'"calls":"9'), b""),
        words=split(b"PA_1|ledger|manifest|SQLite format 3|CREATE TABLE|\x00\x00\x00\x01", b"\xff\xff\xff\xff|{|}|0|9"),
        max_length=65_536,
    )


def _check(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o600)
    try:
        before = _record(path)
        aside = [other for other in path.parent.iterdir() if ".unusable-" in other.name]
        assert len(aside) <= 1
        assert all(other.read_bytes() == data for other in aside), "what was put aside has changed"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert _record(path) == before, "the counters are others after a restart"
    finally:
        for left in path.parent.iterdir():
            left.unlink()


def _record(path: Path) -> dict[tuple[str, str], Decimal]:
    """Open, load, record a poll, and close; the counters."""
    store = LedgerStore(path, configured=["PA_1"], now=NOW)
    try:
        ledger = Ledger(_saved(store))
        loaded = dict(ledger.totals)
        # an answer that contradicts the ledger is believed when it is given twice
        for _ in range(2):
            ledger.record(*_SEEN)
        assert store.save("PA_1", {"ledger": dump_state(ledger)}, now=NOW)
        totals = ledger.totals
        assert all(totals[key] >= value for key, value in loaded.items()), "a counter was lowered"
        assert all(value.is_finite() and value >= 0 for value in totals.values())
        assert json.loads(dump_state(load_state(dump_state(ledger))))
        return dict(totals)
    finally:
        store.close()


def _saved(store: LedgerStore) -> LedgerState | None:
    """The ledger as far as it can be read; one that cannot starts again."""
    data = store.load("PA_1", "ledger")
    with suppress(ValueError):
        return None if data is None else load_state(data)
    return None
