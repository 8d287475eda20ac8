from __future__ import annotations

from datetime import datetime, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from exporter.api.errors import MAX_RETRY_AFTER
from exporter.api.failures import retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc).timestamp()


def asked(**headers: str) -> float | None:
    return retry_after(CaseInsensitiveDict({k.replace("_", "-"): v for k, v in headers.items()}), now=NOW)


def http_date(seconds_from_now: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW + seconds_from_now, timezone.utc), usegmt=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 30 ", 30),
        ("1.5", 1.5),
        (http_date(90), 90),
        (str(int(NOW) + 45), 45),
        (str((int(NOW) + 45) * 1000), 45),
    ],
    ids=["seconds", "padded", "fraction", "date", "Unix time", "Unix time in milliseconds"],
)
@pytest.mark.parametrize("header", ["Retry_After", "X_RateLimit_Reset", "retry_after"])
def test_a_wait_is_read_in_each_of_its_forms(header: str, text: str, seconds: float) -> None:
    assert asked(**{header: text}) == seconds


@pytest.mark.parametrize("text", ["901", "99999999", "9" * 20, http_date(86400), str(int(NOW) + 86400)])
def test_a_long_wait_is_cut_to_a_quarter_of_an_hour(text: str) -> None:
    assert asked(Retry_After=text) == MAX_RETRY_AFTER == 900


@pytest.mark.parametrize(
    "text",
    ["", "0", "-5", "NaN", "inf", "1e3", "soon", "１２", http_date(-60), str(int(NOW) - 60), "120, 120", "9" * 100],
)
def test_what_asks_for_no_wait_one_can_read_is_as_if_it_were_not_there(text: str) -> None:
    assert asked(Retry_After=text) is None
    assert asked(Retry_After=text, X_RateLimit_Reset="20") == 20


def test_retry_after_goes_before_the_reset_of_the_rate_limit() -> None:
    assert asked(Retry_After="10", X_RateLimit_Reset="20") == 10


def test_a_date_without_a_zone_is_in_utc() -> None:
    assert asked(Retry_After="Sun, 01 Mar 2026 12:01:00") == 60


@given(st.text() | st.from_regex(r"\A[A-Z]{3}, [0-9]{1,6} (Jan|Dec) [0-9]{1,9} [0-9:.+-]{1,12}( [A-Z+0-9-]{1,6})?\Z"))
def test_whatever_a_header_holds_gives_a_wait_within_bounds_or_none(text: str) -> None:
    seconds = asked(Retry_After=text)
    assert seconds is None or 0 < seconds <= MAX_RETRY_AFTER
