"""The status page at ``/``: what a person wants to see without Grafana. Rendered anew for each view; no scripts."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs, quote

from exporter import __version__
from exporter.clock import Clock
from exporter.poll.snapshot import SnapshotStore
from exporter.web.app import Handler
from exporter.web.http import Request, Response
from exporter.web.status import words
from exporter.web.status.findings import State
from exporter.web.status.overview import Judged, Overview, overview
from exporter.web.status.partner import REPOSITORY, api_state, badge, label, section
from exporter.web.status.style import DARK, LIGHT, POLICY, STYLE

REFRESH = 15
"""Seconds between reloads; ``?refresh=off`` stops them."""

MOST_SECTIONS = 30
"""Partners shown in full, the worst first; all of them are in the table."""

_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
_TITLES = {State.PROBLEM: "PROBLEM", State.WARNING: "WARNING", State.UNKNOWN: "STARTING", State.OK: "OK"}
_COUNTED = {
    State.PROBLEM: "with a problem",
    State.WARNING: "with a warning",
    State.UNKNOWN: "not polled yet",
    State.OK: "OK",
}
_ICONS = {
    State.PROBLEM: ("M8 1 15 15H1z", "problem"),
    State.WARNING: ("M8 1 15 8 8 15 1 8z", "warning"),
    State.UNKNOWN: ("M2 2H14V14H2zM5 5V11H11V5z", "unknown"),
    State.OK: ("M8 1A7 7 0 1 1 7.9 1z", "ok"),
}


def status_page(*, store: SnapshotStore, clock: Clock, telemetry_path: str) -> Handler:
    """The page's handler. Figures are those of the store at the moment of the request."""

    def page(request: Request) -> Response:
        refreshing = parse_qs(request.query).get("refresh") != ["off"]
        body = render(overview(store.current(), clock.now()), telemetry_path=telemetry_path, refreshing=refreshing)
        return Response(status=200, headers=_HEADERS, body=body.encode())

    return page


def render(overview: Overview, *, telemetry_path: str, refreshing: bool) -> str:
    """The whole page."""
    refresh = f'<meta http-equiv="refresh" content="{REFRESH}">' if refreshing else ""
    shown = overview.partners[:MOST_SECTIONS]
    sections = "".join(section(partner, overview.now, f"p{number}") for number, partner in enumerate(shown, 1))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{refresh}<title>{_TITLES[overview.state]} - Vobiz exporter</title>"
        f'<link rel="icon" href="{_icon(overview.state)}"><style>{STYLE}</style></head><body>'
        f"{_header(overview, refreshing)}<main>{_table(overview)}{sections}</main>{_footer(telemetry_path)}"
        "</body></html>\n"
    )


def _header(overview: Overview, refreshing: bool) -> str:
    clock = words.rfc3339(overview.now)
    again = (
        f'again every {REFRESH} s (<a href="?refresh=off">stop</a>)'
        if refreshing
        else 'not refreshed (<a href="?refresh=on">start</a>)'
    )
    counts = ", ".join(f"{words.number(count)} {_COUNTED[state]}" for state, count in overview.counts)
    partners = f"{counts}. " if len(overview.partners) > 1 else ""
    return (
        f'<header class="{overview.state.value}"><div><p>Vobiz exporter</p><h1>{_headline(overview)}</h1>'
        f'<p>{partners}As of <time datetime="{clock}">{clock[11:19]} UTC</time>, {again}.</p></div></header>'
    )


def _headline(overview: Overview) -> str:
    state, partners = overview.state, overview.partners
    if not partners:
        return f"{label(state)}: starting, no partner yet"
    if len(partners) == 1:
        return f"{label(state)}: {escape(partners[0].facts.name)}"
    concerned, of = dict(overview.counts)[state], f"{words.number(len(partners))} partners"
    if concerned == len(partners):
        return f"{label(state)}: {'both partners' if concerned == 2 else f'all {of}'}"
    if concerned == 1:
        return f"{label(state)}: {escape(partners[0].facts.name)}, 1 of {of}"
    return f"{label(state)}: {words.number(concerned)} of {of}"


def _table(overview: Overview) -> str:
    if len(overview.partners) < 2:
        return ""
    columns = (
        "Partner",
        "State",
        "Vobiz API",
        "Answered lately",
        "Answered today",
        "Calls today",
        "Balance",
        "Figures' age",
    )
    heads = "".join(f'<th scope="col">{column}</th>' for column in columns)
    rows = "".join(_row(partner, overview, number) for number, partner in enumerate(overview.partners, 1))
    note = (
        f'<p class="note">The first {MOST_SECTIONS} are shown in full below.</p>'
        if len(overview.partners) > MOST_SECTIONS
        else ""
    )
    return (
        '<section aria-labelledby="partners"><h2 id="partners">Partners, worst first</h2>'
        f'{note}<div class="scroll" role="region" aria-labelledby="partners" tabindex="0">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _row(partner: Judged, overview: Overview, number: int) -> str:
    facts = partner.facts
    name = escape(facts.name)
    age = words.UNKNOWN
    if facts.figures_at is not None:
        age = words.span(overview.now.elapsed - facts.figures_at.elapsed)
        age += "" if facts.figures_fresh else ", too old"
    cells = (
        badge(partner.state),
        escape(api_state(facts)),
        words.percent(facts.recent.answer_ratio),
        words.percent(facts.today.answer_ratio),
        words.number(facts.today.calls),
        escape(words.money(facts.balance, facts.currency)),
        age,
    )
    linked = f'<a href="#p{number}">{name}</a>' if number <= MOST_SECTIONS else name
    return f'<tr><th scope="row">{linked}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _footer(telemetry_path: str) -> str:
    links = (
        ("." + quote(telemetry_path), "Metrics"),
        ("./api/v1/status", "This page as JSON"),
        ("./-/healthy", "Healthy"),
        ("./-/ready", "Ready"),
        (f"{REPOSITORY}#readme", "Documentation"),
    )
    items = "".join(f'<li><a href="{escape(target)}">{text}</a></li>' for target, text in links)
    return (
        f'<footer><nav aria-label="More"><ul>{items}</ul></nav><p class="note">Version {escape(__version__)}. '
        "Usual: the two weeks before today. Times are in UTC; today is Vobiz's day.</p></footer>"
    )


def _icon(state: State) -> str:
    """The state's shape for the browser's tab, within the page."""
    path, role = _ICONS[state]
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        f'<path d="{path}" fill="{LIGHT[role]}" stroke="{DARK[role]}" fill-rule="evenodd"/></svg>'
    )
    return "data:image/svg+xml," + quote(drawing, safe="")
