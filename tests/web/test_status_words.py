"""Numbers, lengths of time and moments in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exporter.clock import Moment
from exporter.web.status import words
from tests.web.status_kit import NOW, before


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-3.0, "0 s"),
        (0.0, "0 s"),
        (59.9, "59 s"),
        (60.0, "1 min"),
        (3_599.0, "59 min"),
        (3_600.0, "1 h"),
        (11_100.0, "3 h 5 min"),
        (86_399.0, "23 h 59 min"),
        (86_460.0, "1 d"),
        (187_200.0, "2 d 4 h"),
    ],
)
def test_a_length_of_time_is_shown_in_its_largest_units(seconds: float, expected: str) -> None:
    assert words.span(seconds) == expected


def test_what_is_unknown_is_called_so_and_a_known_zero_is_a_zero() -> None:
    assert words.number(None) == words.percent(None) == words.money(None, "INR") == "unknown"
    assert words.number(0) == "0"
    assert words.percent(0.0) == "0.0%"
    assert words.money(Decimal(0), "INR") == "0.00 INR"


def test_a_moment_has_its_date_only_if_it_was_not_today() -> None:
    assert words.ago(before(600), NOW) == "09:50 UTC, 10 min ago"
    assert words.ago(before(36_060), NOW) == "30 Jun 23:59 UTC, 10 h 1 min ago"


def test_a_moment_for_machines_is_rfc_3339_to_the_millisecond() -> None:
    assert words.rfc3339(Moment(wall=1782900000.25, elapsed=0)) == "2026-07-01T10:00:00.250Z"
