"""The status page's facts as JSON, at ``/api/v1/status``; docs/status-api.md has an example of each key.

Keys are stable: some may be added, none renamed. Numbers are numbers, ratios 0 to 1, times RFC 3339 in UTC, unknown is
null and never 0. Values that are too old for /metrics are null here as well. ``days`` is only there for ``?days=1``:
thirty rows a partner are most of the answer.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from exporter import __version__
from exporter.api.model import DayRow, Rollup
from exporter.clock import Clock, Moment
from exporter.detect.judgements import AnswerRate
from exporter.poll.customers import Customers
from exporter.poll.evidence import Baseline
from exporter.poll.snapshot import Failure, Health, SnapshotStore
from exporter.web.http import Handler, Request, Response, text
from exporter.web.status.facts import Calls, Facts
from exporter.web.status.findings import Finding, Judged, overview
from exporter.web.status.words import rfc3339


def status_api(*, store: SnapshotStore, clock: Clock) -> Handler:
    """The handler of ``/api/v1/status``."""

    def api(request: Request) -> Response:
        seen = overview(store.current(), clock.now())
        with_days = parse_qs(request.query).get("days") == ["1"]
        partners = [_partner(partner, with_days=with_days) for partner in seen.partners]
        document = {"version": __version__, "generated_at": seen.now, "state": seen.state, "partners": partners}
        return text(200, json.dumps(document, allow_nan=False, default=_plain), content_type="application/json")

    return api


def _plain(value: object) -> object:
    """A value that the json module does not know, as one that it does."""
    if isinstance(value, Rollup):
        names = ("calls", "answered_calls", "minutes", "answer_ratio")
        return {name: getattr(value, name) for name in names}
    if isinstance(value, Finding):
        return {"state": value.state, "text": value.text, "to_do": value.to_do, "alert": value.alert or None}
    if isinstance(value, (Baseline, DayRow)):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    if isinstance(value, Moment):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value)} is no part of the status")


def _partner(partner: Judged, *, with_days: bool) -> dict[str, Any]:
    facts, snapshot, now = partner.facts, partner.facts.snapshot, partner.facts.now
    next_poll, report, wallet = snapshot.next_poll, facts.report, facts.wallet
    accounts, today, recent, lanes = report.accounts, facts.today, facts.recent, facts.lanes
    document: dict[str, Any] = {
        "name": facts.name,
        "state": partner.state,
        "findings": partner.findings,
        "poll": {
            "count": snapshot.polls,
            "interval_seconds": snapshot.interval,
            "next_at": next_poll,
            "next_in_seconds": None if next_poll is None else round(next_poll.elapsed - now.elapsed, 3),
        },
        "endpoints": {endpoint: _endpoint(health) for endpoint, health in snapshot.health.items()},
        "values": {"at": facts.values_at, "age_seconds": _age(facts.values_at, now), "fresh": facts.fresh},
        "balance": report.balance,
        "currency": report.currency,
        "accounts": {"active": accounts.active, "total": accounts.total, "limit": report.partner.max_accounts},
        "wallet": {"balance": wallet.balance, "currency": wallet.currency} if "me" in snapshot.health else None,
        "customers": _customers(facts.customers) if "accounts" in snapshot.health else None,
        "today": {"day": today.day, **_calls(today, now), "directions": {lane.direction: lane.today for lane in lanes}},
        "recent": {
            "seconds": None if recent.seconds is None else round(recent.seconds, 3),
            **_calls(recent, now),
            "directions": {lane.direction: lane.recent for lane in lanes},
        },
        "usual": {lane.direction: lane.usual for lane in facts.lanes},
        "judged": _judged(facts),
    }
    if with_days:
        document["days"] = report.every_day
    return document


def _customers(customers: Customers | None) -> dict[str, Any]:
    keys = {"below_balance": "below", "balance_limit": "limit", "unread": "unread"}
    return {key: getattr(customers, name, None) for key, name in keys.items()}


def _calls(calls: Calls, now: Moment) -> dict[str, Any]:
    return {"at": calls.at, "age_seconds": _age(calls.at, now), "total": calls.total}


def _judged(facts: Facts) -> dict[str, Any]:
    return {
        "directions": {
            lane.direction: {
                **_rate(lane.judged.answer_rate),
                "traffic_drop_score": lane.judged.traffic_drop_score,
                "minutes_spike_score": lane.judged.minutes_spike_score,
                "calls_per_hour_expected": lane.judged.calls_per_hour_expected,
            }
            for lane in facts.lanes
        },
        "products": {name: _rate(rate) for name, rate in facts.judgements.products.items()},
        "spend": {
            currency: {"score": spend.spend_spike_score, "cost_per_hour_expected": spend.cost_per_hour_expected}
            for currency, spend in facts.judgements.currencies.items()
        },
    }


def _rate(rate: AnswerRate) -> dict[str, Any]:
    return {**asdict(rate), "since": None if rate.since is None else Moment(wall=rate.since, elapsed=0)}


def _endpoint(health: Health) -> dict[str, Any]:
    return {
        "up": health.up,
        "since": health.since,
        "last_success": health.last_success,
        "unreadable_fields": None if health.last_success is None else len(health.unreadable),
        "failure": None if health.failure is None else _failure(health.failure, None),
        "past_failures": [_failure(past.failure, past.until) for past in health.past],
    }


def _failure(failure: Failure, until: Moment | None) -> dict[str, Any]:
    return {"outcome": failure.outcome, "since": failure.since, "until": until}


def _age(moment: Moment | None, now: Moment) -> float | None:
    return None if moment is None else round(now.elapsed - moment.elapsed, 3)
