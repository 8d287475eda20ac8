"""Retry-After and X-RateLimit-Reset: a wait within bounds, or none."""

from __future__ import annotations

from pathlib import Path

from exporter.api.failures import MAX_RETRY_AFTER, retry_after
from tests.fuzz.target import Target, split

NOW = 1_782_900_000.0

_SEEDS = (
    b"120\n",
    b"\n1782900060",
    b"Wed, 01 Jul 2026 10:00:30 GMT\n",
    b"Wed, 01 Jul 2026 10:00:30 +0530\n1782900060000",
    b"Wednesday, 01-Jul-26 10:00:30 GMT\n0.5",
    b"Wed Jul  1 10:00:30 2026\n-1",
    b"1e3\nNaN",
)
_WORDS = (
    *split(
        b"Mon, |Tue, |Wed Jul  1 |01 Jul 2026 |31 Dec 9999 |23:59:60|00:00:00 |GMT|UTC|EST|+2400", b"-9999| 0000 |69|"
    ),
    *split(b"Retry|inf|nan|1e999|0x10|99999999999999999999|1000000000|1000000000000|\xb2|\xd9\xa1", b"\x00|(|)|;|,"),
)


def target(_: Path) -> Target:
    """The target: two header values, on two lines."""
    return Target(
        holds="None, or more than 0 and at most 900 seconds",
        check=_check,
        seeds=_SEEDS,
        words=_WORDS,
        max_length=256,
    )


def _check(data: bytes) -> None:
    # As http.client hands them over: Latin-1, without line ends.
    first, _, second = data.decode("latin-1").partition("\n")
    for headers in ({"Retry-After": first, "X-RateLimit-Reset": second}, {"Retry-After": second}):
        seconds = retry_after(headers, now=NOW)
        assert seconds is None or 0 < seconds <= MAX_RETRY_AFTER
