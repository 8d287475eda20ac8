"""How much of an answer is read, and how much memory it may take."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from exporter.api.errors import Outcome
from exporter.api.model import Report
from tests.api.client_kit import BALANCE, BODY, Observed, balance_of, client_of, failure_of
from tests.rig.raw_server import Peer, Script, after_request, always, answer, says, serving

pytestmark = pytest.mark.timeout(60)

LIMIT = 1_000_000
MIB = 1 << 20


def bomb(layers: int) -> bytes:
    """An answer of 16 MiB of blanks, packed, and packed again."""
    parts = [b" " * MIB] * 16
    for _ in range(layers):
        packer = zlib.compressobj(1, wbits=31)
        parts = [*[packer.compress(part) for part in parts], packer.flush()]
    encoding = ", ".join(["gzip"] * layers)
    return answer(b"".join(parts), headers=f"Content-Encoding: {encoding}\r\n")


def for_ever(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\n\r\n{")
    while True:
        peer.send(b" " * 65536)


def nothing_for_ever(peer: Peer) -> None:
    """Whole gzip members, each of which unpacks to nothing."""
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    members = (zlib.compressobj(9, wbits=31).flush()) * 1000
    while True:
        peer.send(members)


@pytest.mark.parametrize(
    ("script", "outcome", "timeout"),
    [
        (says(bomb(1)), Outcome.TOO_LARGE, 30.0),
        (says(bomb(2)), Outcome.MALFORMED, 30.0),
        (says(answer(b" " * 16 * MIB)), Outcome.TOO_LARGE, 30.0),
        (after_request(for_ever), Outcome.TOO_LARGE, 30.0),
        (after_request(nothing_for_ever), Outcome.TOO_LARGE, 30.0),
    ],
    ids=["bomb", "bomb in a bomb", "large body", "body without end", "packed nothing without end"],
)
def test_an_answer_takes_no_more_memory_than_a_few_times_the_limit(
    script: Script, outcome: Outcome, timeout: float
) -> None:
    observed = Observed()
    with (
        serving(script) as server,
        client_of(server.authority, observe=observed, max_body=LIMIT, timeout=timeout) as client,
    ):
        tracemalloc.start()
        try:
            failure = failure_of(lambda: balance_of(client))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert [failure.outcome] == observed.outcomes == [outcome]
    assert peak < 4 * LIMIT


def test_packed_parts_that_hold_nothing_are_not_all_unpacked() -> None:
    empty_parts = gzip.compress(b"") * 1000
    with serving(always(answer(empty_parts))) as server, client_of(server.authority) as client:
        assert failure_of(client.dashboard).reason == "the packed body is damaged or cut short"


@pytest.mark.parametrize(("size", "read"), [(LIMIT, True), (LIMIT + 1, False)])
def test_the_limit_is_the_largest_body_that_is_read(size: int, read: bool) -> None:
    body = BODY.ljust(size)
    with serving(always(answer(body))) as server, client_of(server.authority, max_body=LIMIT) as client:
        if read:
            assert balance_of(client) == BALANCE
        else:
            assert failure_of(lambda: balance_of(client)).reason == f"the body is larger than {LIMIT} bytes"


def test_an_answer_that_memory_does_not_suffice_for_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_body: bytes) -> Report:
        raise MemoryError

    monkeypatch.setattr("exporter.api.client.parse_dashboard", parse)
    observed = Observed()
    with serving(always(answer(BODY))) as server, client_of(server.authority, observe=observed) as client:
        failure = failure_of(client.dashboard)
    assert observed.outcomes == [Outcome.TOO_LARGE]
    assert str(failure) == "there was not enough memory for the answer; give the process more memory"
    assert failure.__context__ is None
