"""The section of one partner on the status page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from exporter.api.errors import FAILURES
from exporter.api.model import Customers
from exporter.clock import Moment
from exporter.poll.snapshot import ENDPOINTS
from exporter.web.status import words
from exporter.web.status.chart import chart
from exporter.web.status.days import rows
from exporter.web.status.facts import Facts, Lane
from exporter.web.status.findings import Finding, State, rate_state
from exporter.web.status.history import ended
from exporter.web.status.overview import Judged

REPOSITORY = "https://github.com/vobiz-exporter/vobiz-exporter"

_LABELS = {
    State.PROBLEM: ("▲", "Problem"),
    State.WARNING: ("◆", "Warning"),
    State.UNKNOWN: ("○", "Unknown"),
    State.OK: ("●", "OK"),
}
_RATE_WORDS = {State.PROBLEM: "far below usual", State.WARNING: "below usual"}


def label(state: State) -> str:
    """The state as a shape and a word."""
    shape, word = _LABELS[state]
    return f'<span aria-hidden="true">{shape}</span> {word}'


def badge(state: State) -> str:
    """The same in its colours."""
    return f'<span class="badge {state.value}">{label(state)}</span>'


def section(partner: Judged, now: Moment, identifier: str) -> str:
    """Everything known of one partner. ``identifier`` is unique on the page."""
    facts = partner.facts
    found = "".join(_finding(finding) for finding in partner.findings)
    return (
        f'<section class="{partner.state.value}" id="{identifier}" aria-labelledby="{identifier}-name">'
        f'<div class="head"><h2 id="{identifier}-name">{escape(facts.name)}</h2><p>{badge(partner.state)}</p></div>'
        + (f'<ul class="findings">{found}</ul>' if found else "")
        + f'<dl class="tiles">{"".join(_tiles(facts, now))}</dl>'
        f'<div class="pair"><div>{_table(facts, now)}</div><div>{_days(facts, identifier)}</div></div>'
        f"{_past(facts, now)}</section>"
    )


def api_state(facts: Facts) -> str:
    """Whether the API is up, in one or a few words; an extra whose turn has not come yet says nothing of it."""
    ups = {
        endpoint: health.up
        for endpoint, health in facts.health.items()
        if health.up is not None or endpoint in ENDPOINTS
    }
    if len(set(ups.values())) == 1:
        return {True: "Up", False: "Down", None: "Not polled yet"}[next(iter(ups.values()))]
    return ", ".join(f"{endpoint} {_up_word(up)}" for endpoint, up in ups.items())


def _up_word(up: bool | None) -> str:
    return {True: "up", False: "down", None: words.UNKNOWN}[up]


def _finding(finding: Finding) -> str:
    link = f' <a href="{REPOSITORY}/blob/main/docs/runbooks/{finding.alert}.md">Runbook</a>' if finding.alert else ""
    return (
        f'<li class="finding {finding.state.value}"><b>{label(finding.state)}: {escape(finding.text)}</b>'
        f"{escape(finding.to_do)}{link}</li>"
    )


def _tiles(facts: Facts, now: Moment) -> Iterator[str]:
    accounts = facts.accounts
    minutes = facts.today.minutes
    yield _tile("Vobiz API", api_state(facts), _api_since(facts, now))
    yield _tile("Figures", _figures_age(facts, now), _next_poll(facts, now))
    yield _tile(
        f"Answer rate, {facts.lately(now)}",
        words.percent(facts.recent.answer_ratio),
        f"today {words.percent(facts.today.answer_ratio)}",
    )
    yield _tile("Calls today", words.number(facts.today.calls), f"{words.number(minutes)} minutes")
    yield _tile("Balance", words.money(facts.balance, facts.currency))
    yield _tile(
        "Active accounts",
        words.number(accounts.active),
        f"of {words.number(accounts.total)}; limit {words.number(facts.accounts_limit)}",
    )
    if facts.collects("me"):
        yield _tile("Own wallet", words.money(*facts.wallet))
    if facts.collects("accounts"):
        yield _customers(facts.customers)


def _customers(customers: Customers | None) -> str:
    if customers is None:
        return _tile("Customers running dry", words.UNKNOWN)
    unread = f"; {words.number(customers.unread)} not read" if customers.unread else ""
    note = f"active, prepaid, with less than {customers.limit:,.2f}{unread}"
    return _tile("Customers running dry", words.number(customers.below), note)


def _tile(name: str, value: str, note: str = "") -> str:
    more = f'<dd class="note">{escape(note)}</dd>' if note else ""
    return f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd>{more}</div>"


def _api_since(facts: Facts, now: Moment) -> str:
    """Since when the endpoints are in the state that they have in common."""
    since = [health.since for health in facts.health.values() if health.since is not None]
    if not since or len({health.up for health in facts.health.values()}) > 1:
        return ""
    return f"since {words.ago(max(since, key=lambda moment: moment.elapsed), now)}"


def _figures_age(facts: Facts, now: Moment) -> str:
    if facts.figures_at is None:
        return "None yet"
    if not facts.figures_fresh:
        return f"None since {words.at(facts.figures_at, now)}"
    return f"{words.span(now.elapsed - facts.figures_at.elapsed)} old"


def _next_poll(facts: Facts, now: Moment) -> str:
    if facts.next_poll is None:
        return "first poll under way"
    wait = facts.next_poll.elapsed - now.elapsed
    when = f"in {words.span(wait)}" if wait >= 1 else "due now"
    if wait < -facts.interval:
        when = f"overdue for {words.span(-wait)}"
    return f"next poll {when}, every {words.span(facts.interval)}"


def _table(facts: Facts, now: Moment) -> str:
    lately = facts.lately(now)
    lines: tuple[tuple[str, Callable[[Lane], str]], ...] = (
        (f"Answer rate, {lately}", _recent_rate),
        ("Answer rate today", lambda lane: words.percent(lane.today.answer_ratio)),
        ("Answer rate, usual", lambda lane: words.percent(lane.usual.answer_ratio)),
        (f"Calls, {lately}", lambda lane: words.number(lane.recent.calls)),
        ("Calls today", lambda lane: words.number(lane.today.calls)),
        ("Calls a day, usual", lambda lane: words.number(lane.usual.calls_per_day)),
        ("Minutes today", lambda lane: words.number(lane.today.minutes)),
    )
    heads = "".join(f'<th scope="col">{lane.direction.capitalize()}</th>' for lane in facts.lanes)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell(lane)}</td>" for lane in facts.lanes)}</tr>'
        for name, cell in lines
    )
    return (
        f'<table><caption>In and out</caption><thead><tr><th scope="col">{_today(facts, now)}</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _today(facts: Facts, now: Moment) -> str:
    if facts.today_at is None:
        return "Today: unknown"
    day = "" if facts.day is None else f" ({words.short_day(facts.day)})"
    return f"Today{day}: {words.span(now.elapsed - facts.today_at.elapsed)} old"


def _recent_rate(lane: Lane) -> str:
    if lane.recent.calls == 0:
        return "no calls"
    rate, state = words.percent(lane.recent.answer_ratio), rate_state(lane)
    if state is State.OK:
        return rate
    return f'<strong class="{state.value}">{rate}</strong><br>{_RATE_WORDS[state]}'


def _days(facts: Facts, identifier: str) -> str:
    days = () if facts.report is None else rows(facts.report)
    if not days:
        return "<p>The last 30 days: unknown.</p>"
    return chart(days, identifier)


def _past(facts: Facts, now: Moment) -> str:
    failures = ended(facts.health)
    if not failures:
        return ""
    items = "".join(
        f"<li>{escape(FAILURES[failure.outcome].happened)}: {escape(' and '.join(failure.endpoints))}, "
        f"from {words.at(failure.since, now)} for {words.span(failure.until.elapsed - failure.since.elapsed)}. "
        f'<span class="note">{escape(FAILURES[failure.outcome].to_do)}</span></li>'
        for failure in failures
    )
    return f'<h3>Failures that are over</h3><ul class="past">{items}</ul>'
