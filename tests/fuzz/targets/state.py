"""The state file: read as what it says, or put aside whole; and the daemon goes on counting from there."""

from __future__ import annotations

import stat
import zlib
from decimal import Decimal
from functools import partial
from pathlib import Path

import msgspec

from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.ledger import Ledger, directions_observed, dump_ledger, products_observed
from exporter.poll.books import Books
from exporter.state import StateFile
from exporter.state.document import encode_document
from tests.fuzz.answers import ANALYTICS, DASHBOARD
from tests.fuzz.target import Target, split

NOW = 1_782_900_000.0
RESTART_FOR_ONE_IN = 4
"""Inputs: a second start takes as long as the first."""
MAX_GROWTH = 64 * 1024
"""Bytes by which a file may grow when a small answer is recorded."""

_OBSERVED = tuple(
    observation
    for observation in (
        directions_observed(parse_dashboard(DASHBOARD)),
        products_observed(parse_analytics(ANALYTICS)),
    )
    if observation is not None
)


def target(directory: Path) -> Target:
    """The target; it opens, saves and opens again in a directory of its own."""
    whole = _whole()
    seeds = (
        whole,
        whole.replace(b'"PA_1"', b'"PA_2"'),
        whole.replace(b'"acme"', b'"former"'),
        whole[:-30],
        b"",
        _document(("acme", b'{"auth_id":"PA_1"}'), ("x", b'{"unconfigured_since":1e9}')),
    )
    words = (
        *split(
            b'"acme":|"ledger":|"since":|"shown":|"totals":|"marks":|"lowered":|"corrections":',
            b'"unconfigured_since":',
        ),
        *split(
            b'"directions"|"products"|"inbound"|"calls"|"cost/INR"|"2026-07-01"|"0001-01-01"', b'"9999-12-31"|"1e9"'
        ),
        *split(
            b'"NaN"|"1E+999999"|"1E-999999"|"-0"|"0x1"|1e308|null|true|{|}|[|]|,|:',
            b"99999999999999999999999|\\ud800|\xff",
        ),
    )
    return Target(
        holds="the daemon starts: what is readable goes on, what is not is put aside whole; no counter is lowered",
        check=partial(_check, directory / "state.json"),
        seeds=seeds,
        words=words,
        max_length=8192,
    )


def _whole() -> bytes:
    ledger = Ledger()
    ledger.record(*_OBSERVED)
    return _document(("acme", msgspec.json.encode({"auth_id": "PA_1", "ledger": dump_ledger(ledger)})))


def _document(*entries: tuple[str, bytes]) -> bytes:
    return b"".join(encode_document(entries))


def _check(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o600)
    try:
        before = _record(path)
        aside = [other for other in path.parent.iterdir() if ".unusable-" in other.name]
        assert len(aside) <= 1
        assert all(other.read_bytes() == data for other in aside), "what was put aside has changed"
        if before:
            assert path.stat().st_size <= len(data) + MAX_GROWTH, "the file has grown out of proportion"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if zlib.crc32(data) % RESTART_FOR_ONE_IN == 0:
            assert _record(path) == before, "the counters are others after a restart"
    finally:
        for left in path.parent.iterdir():
            left.unlink()


def _record(path: Path) -> dict[tuple[str, str], Decimal]:
    """Open, load, record a poll, and close; the counters."""
    state = StateFile(path)
    try:
        state.open(configured=["acme"], now=NOW)
        books = Books(partner="acme", auth_id="PA_1", store=state)
        loaded = {(total.lane, total.figure): total.value for total in books.totals()}
        books.record(*_OBSERVED)
        totals = {(total.lane, total.figure): total.value for total in books.totals()}
        assert all(totals[key] >= value for key, value in loaded.items()), "a counter was lowered"
        assert all(value.is_finite() and value >= 0 for value in totals.values())
        return totals
    finally:
        state.close()
