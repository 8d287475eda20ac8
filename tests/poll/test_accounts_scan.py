"""A scan that does not say it shifted has everyone, each once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exporter.api.model import Account, Page
from exporter.clock import Moment
from exporter.poll.accounts import AccountsScan

SIZE = 4
START = Moment(wall=0.0, elapsed=0.0)

_PLACES = st.integers(min_value=0, max_value=30)
_INSERTS = st.tuples(st.just("insert"), _PLACES, _PLACES)
_REMOVALS = st.tuples(st.just("remove"), _PLACES, _PLACES)
_MOVES = st.tuples(st.just("move"), _PLACES, _PLACES)


def changes(kind: st.SearchStrategy[tuple[str, int, int]]) -> st.SearchStrategy[list[list[tuple[str, int, int]]]]:
    """What happens before each page, the first one included."""
    return st.lists(st.lists(kind, max_size=2), max_size=8)


def apply(customers: list[str], change: tuple[str, int, int], fresh: str) -> None:
    kind, place, other = change
    if kind == "insert":
        customers.insert(place % (len(customers) + 1), fresh)
    elif customers:
        moved = customers.pop(place % len(customers))
        if kind == "move":
            customers.insert(other % (len(customers) + 1), moved)


def read(customers: list[str], happening: list[list[tuple[str, int, int]]]) -> AccountsScan:
    scan = AccountsScan(began=START, max_pages=100)
    while not scan.done:
        for number, change in enumerate(happening[scan.pages] if scan.pages < len(happening) else ()):
            apply(customers, change, f"new-{scan.pages}-{number}")
        ids = customers[scan.pages * SIZE : (scan.pages + 1) * SIZE]
        accounts = tuple(Account(auth_id=auth_id) for auth_id in ids)
        scan.add(Page(items=accounts, rows=len(ids), total=len(customers)))
    return scan


@given(count=st.integers(min_value=0, max_value=20), happening=changes(_INSERTS) | changes(_REMOVALS) | changes(_MOVES))
def test_a_scan_has_everyone_or_says_that_it_shifted(count: int, happening: list[list[tuple[str, int, int]]]) -> None:
    customers = [f"old-{number}" for number in range(count)]
    scan = read(customers, happening)
    assert scan.shifted or set(scan.accounts) == set(customers)


@given(count=st.integers(min_value=0, max_value=20))
def test_a_scan_in_which_nothing_happens_never_says_so_and_asks_for_no_page_too_many(count: int) -> None:
    scan = read([f"old-{number}" for number in range(count)], [])
    assert not scan.shifted
    assert scan.pages == max(1, -(-count // SIZE))
