"""The status page at ``/``: what a person wants to see without Grafana, from templates that escape what they show."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

from exporter import __version__
from exporter.api.errors import FAILURES
from exporter.clock import Clock, Moment
from exporter.poll.snapshot import ENDPOINTS, SnapshotStore
from exporter.web.app import Handler
from exporter.web.http import Request, Response
from exporter.web.status import chart, words
from exporter.web.status.facts import Facts
from exporter.web.status.findings import State, rate_state
from exporter.web.status.overview import Overview, overview
from exporter.web.status.past import days_of, ended, strip_of

if TYPE_CHECKING:
    import jinja2

MAX_SECTIONS = 30
"""Partners shown in full, the worst first; all of them are in the table."""

REPOSITORY = "https://github.com/vobiz-exporter/vobiz-exporter"

TITLES = {State.PROBLEM: "PROBLEM", State.WARNING: "WARNING", State.UNKNOWN: "UNKNOWN", State.OK: "OK"}
COUNTED = {
    State.PROBLEM: "with a problem",
    State.WARNING: "with a warning",
    State.UNKNOWN: "that cannot be judged",
    State.OK: "OK",
}
LABELS = {
    State.PROBLEM: ("▲", "Problem"),
    State.WARNING: ("◆", "Warning"),
    State.UNKNOWN: ("○", "Unknown"),
    State.OK: ("●", "OK"),
}
"""A shape and a word beside each colour: for those who do not tell the colours apart."""

_ICONS = {
    State.PROBLEM: ("M8 1 15 15H1z", "#cf222e"),
    State.WARNING: ("M8 1 15 8 8 15 1 8z", "#bf8700"),
    State.UNKNOWN: ("M2 2H14V14H2zM5 5V11H11V5z", "#6e7781"),
    State.OK: ("M8 1A7 7 0 1 1 7.9 1z", "#1a7f37"),
}
_RATE_WORDS = {State.PROBLEM: "dropped", State.WARNING: "suspicious", State.UNKNOWN: "too few calls to tell"}


def status_page(*, store: SnapshotStore, clock: Clock, telemetry_path: str) -> Handler:
    """The page's handler. Values are those of the store at the moment of the request."""

    def page(request: Request) -> Response:
        renewing = parse_qs(request.query).get("refresh") != ["off"]
        body = render(overview(store.current(), clock.now()), telemetry_path=telemetry_path, renewing=renewing)
        return Response(status=200, headers=_headers(), body=body.encode())

    return page


def render(overview: Overview, *, telemetry_path: str, renewing: bool) -> str:
    """The whole page. ``renewing`` adds the script that keeps it current."""
    links = {
        "Metrics": "." + quote(telemetry_path),
        "This page as JSON": "./api/v1/status",
        "Healthy": "./-/healthy",
        "Ready": "./-/ready",
        "Documentation": f"{REPOSITORY}#readme",
    }
    return _template().render(
        overview=overview,
        now=overview.now,
        headline=_headline(overview),
        icon=_icon(overview.state),
        links=links,
        renewing=renewing,
    )


@lru_cache
def _asset(name: str) -> str:
    return files("exporter.web.status").joinpath(name).read_text(encoding="utf-8")


@lru_cache
def _headers() -> tuple[tuple[str, str], ...]:
    """The security policy allows the page's own style and script, by their hashes, and nothing else."""
    policy = (
        f"default-src 'none'; style-src {_hash('status.css')}; script-src {_hash('status.js')}; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    )


def _hash(name: str) -> str:
    digest = base64.b64encode(hashlib.sha256(_asset(name).encode()).digest()).decode()
    return f"'sha256-{digest}'"


@lru_cache
def _template() -> jinja2.Template:
    """Compiled when the page is first opened: a daemon that nobody looks at does without Jinja's 4 MiB."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: _asset(f"templates/{name}")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: tuple[Callable[..., object], ...] = (
        *(words.number, words.percent, words.money, words.span, words.at, words.rfc3339, words.short_day),
        *(api_state, api_since, values_age, next_poll, today, rate_state, ended, strip_of),
    )
    environment.filters.update({function.__name__: function for function in filters})
    environment.globals.update(
        titles=TITLES,
        counted=COUNTED,
        labels=LABELS,
        rate_words=_RATE_WORDS,
        failures=FAILURES,
        days_of=days_of,
        chart=chart,
        style=_asset("status.css"),
        script=_asset("status.js"),
        max_sections=MAX_SECTIONS,
        repository=REPOSITORY,
        version=__version__,
    )
    return environment.get_template("page.html")


def _headline(overview: Overview) -> str:
    state, partners = overview.state, overview.partners
    if not partners:
        return "starting, no partner yet"
    if len(partners) == 1:
        return partners[0].facts.name
    concerned, of = overview.counts[state], f"{words.number(len(partners))} partners"
    if concerned == len(partners):
        return "both partners" if concerned == 2 else f"all {of}"
    return f"{partners[0].facts.name}, 1 of {of}" if concerned == 1 else f"{words.number(concerned)} of {of}"


def _icon(state: State) -> str:
    """The state's shape for the browser's tab, as a data URL."""
    path, colour = _ICONS[state]
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        f'<path d="{path}" fill="{colour}" fill-rule="evenodd"/></svg>'
    )
    return "data:image/svg+xml," + quote(drawing, safe="")


def api_state(facts: Facts) -> str:
    """Whether the API is up, in a few words; an extra endpoint that was not asked yet says nothing of it."""
    ups = {name: health.up for name, health in facts.health.items() if health.up is not None or name in ENDPOINTS}
    if len(set(ups.values())) == 1:
        return {True: "Up", False: "Down", None: "Not polled yet"}[next(iter(ups.values()))]
    words_of = {True: "up", False: "down", None: words.UNKNOWN}
    return ", ".join(f"{endpoint} {words_of[up]}" for endpoint, up in ups.items())


def api_since(facts: Facts, now: Moment) -> str:
    """Since when all endpoints are up, or all are down."""
    since = [health.since for health in facts.health.values() if health.since is not None]
    if not since or len({health.up for health in facts.health.values()}) > 1:
        return ""
    return f"since {words.ago(max(since, key=lambda moment: moment.elapsed), now)}"


def values_age(facts: Facts, now: Moment) -> str:
    """How old the shown values are, or since when there are none."""
    if facts.values_at is None:
        return "None yet"
    if not facts.fresh:
        return f"None since {words.at(facts.values_at, now)}"
    return f"{words.span(now.elapsed - facts.values_at.elapsed)} old"


def next_poll(facts: Facts, now: Moment) -> str:
    """When the next poll is due."""
    if facts.next_poll is None:
        return "first poll under way"
    wait = facts.next_poll.elapsed - now.elapsed
    when = f"in {words.span(wait)}" if wait >= 1 else "due now"
    if wait < -facts.interval:
        when = f"overdue for {words.span(-wait)}"
    return f"next poll {when}, every {words.span(facts.interval)}"


def today(facts: Facts, now: Moment) -> str:
    """The heading of today's values: which day, and how old."""
    if facts.today_at is None:
        return "Today: unknown"
    day = "" if facts.day is None else f" ({words.short_day(facts.day)})"
    return f"Today{day}: {words.span(now.elapsed - facts.today_at.elapsed)} old"
