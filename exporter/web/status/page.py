"""The status page at ``/``: what a person wants to see without Grafana, from templates that escape what they show."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from exporter import __version__
from exporter.api.errors import Outcome
from exporter.clock import Clock
from exporter.poll.snapshot import ENDPOINTS, SnapshotStore
from exporter.web.http import Handler, Request, Response, text
from exporter.web.status import chart, words
from exporter.web.status.facts import Facts
from exporter.web.status.findings import overview, rate_state
from exporter.web.status.past import ended, strip_of

if TYPE_CHECKING:
    import jinja2

MAX_SECTIONS = 30
"""Partners shown in full, the worst first; all of them are in the table."""

REPOSITORY = "https://github.com/vobiz-exporter/vobiz-exporter"


def status_page(*, store: SnapshotStore, clock: Clock, telemetry_path: str) -> Handler:
    """The page's handler. Values are those of the store at the moment of the request.

    ``?refresh=off`` leaves out the script that keeps the page current.
    """

    def page(request: Request) -> Response:
        seen = overview(store.current(), clock.now())
        renewing = parse_qs(request.query).get("refresh") != ["off"]
        body = _template().render(overview=seen, now=seen.now, metrics=telemetry_path, renewing=renewing)
        return text(200, body, *_headers(), content_type="text/html; charset=utf-8")

    return page


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
    return ("Content-Security-Policy", policy), ("Referrer-Policy", "no-referrer")


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
        *(words.number, words.percent, words.money, words.span, words.at, words.ago, words.clock, words.rfc3339),
        *(words.short_day, api_state, rate_state, ended, strip_of, chart.chart_of),
    )
    environment.filters.update({function.__name__: function for function in filters})
    environment.globals.update(
        outcome=Outcome,
        chart=chart,
        style=_asset("status.css"),
        script=_asset("status.js"),
        max_sections=MAX_SECTIONS,
        repository=REPOSITORY,
        version=__version__,
    )
    return environment.get_template("page.html")


def api_state(facts: Facts) -> str:
    """Whether the API is up, in a few words; an extra endpoint that was not asked yet says nothing of it."""
    health = facts.snapshot.health
    ups = {name: one.up for name, one in health.items() if one.up is not None or name in ENDPOINTS}
    if len(set(ups.values())) == 1:
        return {True: "Up", False: "Down", None: "Not polled yet"}[next(iter(ups.values()))]
    words_of = {True: "up", False: "down", None: words.UNKNOWN}
    return ", ".join(f"{endpoint} {words_of[up]}" for endpoint, up in ups.items())
