"""The status page's facts as JSON, at ``/api/v1/status``.

Keys are stable: some may be added, none renamed. Numbers are numbers, ratios 0 to 1, times RFC 3339 in UTC, unknown is
null and never 0. Values that are too old for /metrics are null here as well.

::

    {
      "version": "0.1.0", "generated_at": "2026-07-01T10:00:00.000Z", "state": "ok",
      "partners": [{                            in the order of the status page, worst first
        "name": "acme",
        "state": "ok",                          problem, warning, unknown (not polled yet) or ok
        "findings": [{"state": "problem", "text": "...", "to_do": "...", "alert": "VobizAuthFailed" or null}],
        "poll": {"count": 7, "interval_seconds": 60.0, "next_at": "...", "next_in_seconds": 12.3},
        "endpoints": {"dashboard": {
          "up": true, "since": "...",           since when it is up or down
          "last_success": "...", "unreadable_fields": 0,
          "failure": {"outcome": "timeout", "since": "...", "until": null} or null,
          "past_failures": [{"outcome": "timeout", "since": "...", "until": "..."}]
        }, "analytics": {...}},
        "values": {"at": "...", "age_seconds": 4.2, "fresh": true},
        "balance": 1003058.82, "currency": "INR",
        "accounts": {"active": 37, "total": 41, "limit": 500},
        "wallet": {"balance": 250000.5, "currency": "INR"} or null where it is not collected,
        "customers": {"below_balance": 3, "balance_limit": 100.0, "unread": 0} or null, likewise,
        "today": {
          "day": "2026-07-01", "at": "...", "age_seconds": 4.2,
          "total": ROLLUP, "directions": {"inbound": ROLLUP, "outbound": ROLLUP}
        },
        "recent": {"seconds": 840.0, "at": "...", "age_seconds": 4.2, "total": ROLLUP, "directions": {...}},
        "usual": {"inbound": {"answer_ratio": 0.82, "calls_per_day": 18342.5}, "outbound": {...}},
        "judged": {                             by the detector, as the alert rules have it: a score above 1 pages
          "directions": {"inbound": RATE and {"traffic_drop_score": 0.0, "minutes_spike_score": null,
                                              "calls_per_hour_expected": 412.0}, "outbound": {...}},
          "products": {"voice_api": RATE},
          "spend": {"INR": {"score": 0.1, "cost_per_hour_expected": 350.0}}
        },
        "days": [{"day": "2026-06-02", "total": ROLLUP, "inbound": ROLLUP, "outbound": ROLLUP}, ...]
      }]
    }

ROLLUP is ``{"calls": 210, "answered_calls": 178, "minutes": 351.5, "answer_ratio": 0.8476}``, RATE ``{"verdict":
"dropped", "score": 1.2, "since": "...", "calls": 61, "answered": 9, "expected_ratio": 0.56}``; verdicts are
``unknown``, ``too few calls``, ``usual``, ``suspicious`` and ``dropped``. ``days`` is only there for ``?days=1``:
thirty rows a partner are most of the answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from exporter import __version__
from exporter.api.model import Rollup
from exporter.clock import Clock, Moment
from exporter.detect import AnswerRate
from exporter.poll.snapshot import Health, SnapshotStore
from exporter.web.http import Handler, Request, Response
from exporter.web.status.facts import Facts, Lane
from exporter.web.status.overview import Judged, Overview, overview
from exporter.web.status.past import days_of
from exporter.web.status.words import rfc3339

_HEADERS = (
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)


def status_api(*, store: SnapshotStore, clock: Clock) -> Handler:
    """The handler of ``/api/v1/status``."""

    def api(request: Request) -> Response:
        with_days = parse_qs(request.query).get("days") == ["1"]
        document = as_document(overview(store.current(), clock.now()), with_days=with_days)
        return Response(status=200, headers=_HEADERS, body=json.dumps(document, allow_nan=False).encode())

    return api


def as_document(overview: Overview, *, with_days: bool) -> dict[str, Any]:
    """The whole answer."""
    return {
        "version": __version__,
        "generated_at": rfc3339(overview.now),
        "state": overview.state.value,
        "partners": [_partner(partner, overview.now, with_days) for partner in overview.partners],
    }


def _partner(partner: Judged, now: Moment, with_days: bool) -> dict[str, Any]:
    facts = partner.facts
    accounts = facts.accounts
    next_poll = facts.next_poll
    document: dict[str, Any] = {
        "name": facts.name,
        "state": partner.state.value,
        "findings": [
            {"state": found.state.value, "text": found.text, "to_do": found.to_do, "alert": found.alert or None}
            for found in partner.findings
        ],
        "poll": {
            "count": facts.polls,
            "interval_seconds": facts.interval,
            "next_at": _time(next_poll),
            "next_in_seconds": None if next_poll is None else round(next_poll.elapsed - now.elapsed, 3),
        },
        "endpoints": {endpoint: _endpoint(health) for endpoint, health in facts.health.items()},
        "values": {"at": _time(facts.values_at), "age_seconds": _age(facts.values_at, now), "fresh": facts.fresh},
        "balance": _number(facts.balance),
        "currency": facts.currency,
        "accounts": {"active": accounts.active, "total": accounts.total, "limit": facts.accounts_limit},
        "wallet": _wallet(facts),
        "customers": _customers(facts),
        **_calls(facts, now),
    }
    if with_days:
        document["days"] = [
            {
                "day": row.day.isoformat(),
                "total": _rollup(row.total),
                "inbound": _rollup(row.inbound),
                "outbound": _rollup(row.outbound),
            }
            for row in (() if facts.report is None else days_of(facts.report))
        ]
    return document


def _wallet(facts: Facts) -> dict[str, Any] | None:
    balance, currency = facts.wallet
    return {"balance": _number(balance), "currency": currency} if facts.collects("me") else None


def _customers(facts: Facts) -> dict[str, Any] | None:
    if not facts.collects("accounts"):
        return None
    customers = facts.customers
    return {
        "below_balance": None if customers is None else customers.below,
        "balance_limit": None if customers is None else float(customers.limit),
        "unread": None if customers is None else customers.unread,
    }


def _calls(facts: Facts, now: Moment) -> Mapping[str, Any]:
    return {
        "today": {
            "day": None if facts.day is None else facts.day.isoformat(),
            "at": _time(facts.today_at),
            "age_seconds": _age(facts.today_at, now),
            "total": _rollup(facts.today),
            "directions": {lane.direction: _rollup(lane.today) for lane in facts.lanes},
        },
        "recent": {
            "seconds": None if facts.recent_seconds is None else round(facts.recent_seconds, 3),
            "at": _time(facts.recent_at),
            "age_seconds": _age(facts.recent_at, now),
            "total": _rollup(facts.recent),
            "directions": {lane.direction: _rollup(lane.recent) for lane in facts.lanes},
        },
        "usual": {
            lane.direction: {"answer_ratio": lane.usual.answer_ratio, "calls_per_day": lane.usual.calls_per_day}
            for lane in facts.lanes
        },
        "judged": {
            "directions": {lane.direction: _judged(lane) for lane in facts.lanes},
            "products": {name: _rate(rate) for name, rate in facts.judgements.products.items()},
            "spend": {
                currency: {"score": spend.spend_spike_score, "cost_per_hour_expected": spend.cost_per_hour_expected}
                for currency, spend in facts.judgements.currencies.items()
            },
        },
    }


def _judged(lane: Lane) -> dict[str, Any]:
    return {
        **_rate(lane.judged.answer_rate),
        "traffic_drop_score": lane.judged.traffic_drop_score,
        "minutes_spike_score": lane.judged.minutes_spike_score,
        "calls_per_hour_expected": lane.judged.calls_per_hour_expected,
    }


def _rate(rate: AnswerRate) -> dict[str, Any]:
    return {
        "verdict": rate.verdict.value,
        "score": rate.score,
        "since": None if rate.since is None else rfc3339(Moment(wall=rate.since, elapsed=0)),
        "calls": rate.calls,
        "answered": rate.answered,
        "expected_ratio": rate.expected_ratio,
    }


def _endpoint(health: Health) -> dict[str, Any]:
    failure = health.failure
    return {
        "up": health.up,
        "since": _time(health.since),
        "last_success": _time(health.last_success),
        "unreadable_fields": None if health.last_success is None else len(health.unreadable),
        "failure": None if failure is None else _failure(failure.outcome, failure.since, None),
        "past_failures": [_failure(past.failure.outcome, past.failure.since, past.until) for past in health.past],
    }


def _failure(outcome: str, since: Moment, until: Moment | None) -> dict[str, Any]:
    return {"outcome": outcome, "since": _time(since), "until": _time(until)}


def _rollup(rollup: Rollup) -> dict[str, Any]:
    return {
        "calls": rollup.calls,
        "answered_calls": rollup.answered_calls,
        "minutes": _number(rollup.minutes),
        "answer_ratio": rollup.answer_ratio,
    }


def _time(moment: Moment | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _age(moment: Moment | None, now: Moment) -> float | None:
    return None if moment is None else round(now.elapsed - moment.elapsed, 3)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
