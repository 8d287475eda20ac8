"""What ``/metrics`` must show of a partner, worked out from the truth by itself: nothing of the exporter is used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from math import isclose
from statistics import median
from typing import TypeAlias

from tests.faults.vobiz import balance
from tests.ledger.api_model import DIRECTIONS, PRODUCTS, SHOWN_DAYS, Books, Tally

Key: TypeAlias = tuple[str, frozenset[tuple[str, str]]]
"""A metric's name, and its labels without the partner."""

Values: TypeAlias = Mapping[Key, float]

FIGURES = re.compile(
    r"vobiz_(balance|accounts|accounts_limit|partner_info|period_(?!last_success).*|(product_)?(answered_)?calls_total"
    r"|(product_)?(call_seconds|cost)_total|.*_baseline)"
)
"""Names of what stems from the API's values, gauges and counters."""

BY_ENDPOINT = {"dashboard": ("vobiz_balance", "30d"), "analytics": ("vobiz_period_calls", "today")}
"""For each endpoint a gauge and the period of it that show whether its values are on the page."""

_BASELINE_DAYS = 14
_SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def key(name: str, **labels: str) -> Key:
    """What distinguishes a series from others."""
    return name, frozenset(labels.items())


def samples(page: str) -> dict[str, dict[Key, float]]:
    """All ``vobiz_`` samples of a page by partner; those without one are under the empty name."""
    found: dict[str, dict[Key, float]] = {}
    for line in page.splitlines():
        if not line.startswith("vobiz_"):
            continue
        match = _SAMPLE.fullmatch(line)
        if match is None:
            raise ValueError(f"not a sample: {line}")
        labels = dict(_LABEL.findall(match[2] or ""))
        found.setdefault(labels.pop("partner", ""), {})[match[1], frozenset(labels.items())] = float(match[3])
    return found


def expected(books: Books, base: Books, auth_id: str) -> dict[Key, float]:
    """Gauges of ``books`` and counters since ``base``, the books as they were at the first poll."""
    today = books.today
    values = {
        key("vobiz_balance", currency="INR"): float(balance(books)),
        key("vobiz_accounts", status="active"): 2.0,
        key("vobiz_accounts", status="inactive"): 1.0,
        key("vobiz_accounts_limit"): 500.0,
        key("vobiz_partner_info", auth_id=auth_id, slug="test-partner", currency="INR", billing_model="direct"): 1.0,
        **_period(books, "today", today, today),
        **_period(books, "30d", today - timedelta(days=SHOWN_DAYS), today),
        **_baselines(books),
    }
    for name, value in _counters(books).items():
        values[name] = value - _counters(base).get(name, 0.0)
    return values


def close(one: float, other: float) -> bool:
    """Whether two values are the same number."""
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)


def shown(page: Values) -> dict[Key, float]:
    """The part of a partner's samples that stems from the API's values."""
    return {name: value for name, value in page.items() if FIGURES.fullmatch(name[0])}


def wrong(page: Values, allowed: Iterable[Values]) -> list[str]:
    """The values on a page that no truth of these has. What is absent is not wrong, be it a series or a label."""
    truths = list(allowed)
    return [
        f"{_written(name)} {value:g}"
        for name, value in shown(page).items()
        if not any(close(value, true) for truth in truths for true in _candidates(name, truth))
    ]


def missing(page: Values, truth: Values) -> list[str]:
    """What a page lacks of the truth, or has otherwise."""
    values = shown(page)
    return [_written(name) for name, value in truth.items() if name not in values or not close(values[name], value)]


def of_endpoint(page: Values, endpoint: str) -> bool:
    """Whether values of an endpoint are on a page."""
    name, period = BY_ENDPOINT[endpoint]
    return any(series == name and (period == "30d" or ("period", period) in labels) for series, labels in page)


def _candidates(name: Key, truth: Values) -> list[float]:
    """What a series may say: the truth's, or that of a series with more labels where this one's are empty."""
    if name in truth:
        return [truth[name]]
    known = {label for label in name[1] if label[1]}
    if len(known) == len(name[1]):
        return []
    return [value for (other, labels), value in truth.items() if other == name[0] and known <= labels]


def _written(name: Key) -> str:
    return name[0] + "{" + ",".join(f"{label}={value}" for label, value in sorted(name[1])) + "}"


def _period(books: Books, period: str, first: date, last: date) -> dict[Key, float]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    values = {
        key("vobiz_period_start_timestamp_seconds", period=period): _midnight(first),
        key("vobiz_period_end_timestamp_seconds", period=period): _midnight(last),
    }
    calls, answered, _, _ = books.sum(days)
    if calls:
        values[key("vobiz_period_answer_ratio", period=period, direction="all")] = answered / calls
    for direction in DIRECTIONS:
        values |= _lane("vobiz_period_", books.sum(days, direction=direction), period=period, direction=direction)
    for product in PRODUCTS:
        values |= _lane("vobiz_period_product_", books.sum(days, product=product), period=period, product=product)
    return values


def _lane(prefix: str, tally: Tally, **labels: str) -> dict[Key, float]:
    calls, answered, tenths, cost = tally
    lane = {
        key(f"{prefix}calls", **labels): float(calls),
        key(f"{prefix}answered_calls", **labels): float(answered),
        key(f"{prefix}minutes", **labels): tenths / 10,
        key(f"{prefix}cost", currency="INR", **labels): cost / 100,
    }
    if calls:
        lane[key(f"{prefix}answer_ratio", **labels)] = answered / calls
    return lane


def _counters(books: Books) -> dict[Key, float]:
    counters = {key("vobiz_cost_total", currency="INR"): books.sum(books.days)[3] / 100}
    for direction in DIRECTIONS:
        calls, answered, tenths, _ = books.sum(books.days, direction=direction)
        counters |= _counted("vobiz_", calls, answered, tenths, direction=direction)
    for product in PRODUCTS:
        calls, answered, tenths, cost = books.sum(books.days, product=product)
        counters |= _counted("vobiz_product_", calls, answered, tenths, product=product)
        counters[key("vobiz_product_cost_total", product=product, currency="INR")] = cost / 100
    return counters


def _counted(prefix: str, calls: int, answered: int, tenths: int, **labels: str) -> dict[Key, float]:
    return {
        key(f"{prefix}calls_total", **labels): float(calls),
        key(f"{prefix}answered_calls_total", **labels): float(answered),
        key(f"{prefix}call_seconds_total", **labels): float(Decimal(tenths * 6)),
    }


def _baselines(books: Books) -> dict[Key, float]:
    """Of the last 14 complete days; one with fewer than 20 calls says nothing of the answer rate."""
    days = [books.today - timedelta(days=ago) for ago in range(1, _BASELINE_DAYS + 1)]
    values: dict[Key, float] = {}
    if not books.sum(days)[0]:
        return values
    for direction in DIRECTIONS:
        tallies = [books.sum([day], direction=direction) for day in days]
        ratios = [answered / calls for calls, answered, _, _ in tallies if calls >= 20]
        values[key("vobiz_answer_ratio_baseline", direction=direction)] = median(ratios)
        values[key("vobiz_calls_per_day_baseline", direction=direction)] = sum(calls for calls, *_ in tallies) / 14
    return values


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()
