"""The status page in a real browser."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.poll.snapshot import Snapshot
from exporter.web import App, Request, Response, WebServer
from exporter.web.app import Route, application
from exporter.web.status import status_page
from exporter.web.status.style import POLICY
from tests.rig.tools import tool
from tests.web.status_kit import (
    CALM,
    CLOCK,
    NEVER_POLLED,
    Element,
    failing,
    named,
    readings,
    store_of,
    tree,
)

Serve = Callable[[App], WebServer]
Browse = Callable[[App], tuple[str, list[str]]]

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--enable-logging=stderr",
    "--v=0",
)


@pytest.fixture
def browse(serve: Serve, tmp_path: Path) -> Browse:
    """The page of an app as the browser holds it, and what the browser says in its console."""
    chromium = tool("chromium")

    def load(app: App) -> tuple[str, list[str]]:
        url = serve(app).url + "/"
        command = [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", url]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
        return ran.stdout, [line for line in ran.stderr.splitlines() if "CONSOLE" in line]

    return load


def app_of(*snapshots: Snapshot) -> App:
    page = status_page(store=store_of(snapshots), clock=CLOCK, telemetry_path="/metrics")
    return application({"/": Route(handlers={"GET": page})})


def loaded(browse: Browse, *snapshots: Snapshot) -> Element:
    """The page's tree, once the browser had nothing to complain of."""
    text, console = browse(app_of(*snapshots))
    assert console == []
    return tree(text)


def test_the_browser_shows_a_calm_partner_and_has_nothing_to_complain_of(browse: Browse) -> None:
    page = loaded(browse, CALM)
    assert page.one("head").one("title").text == "OK - Vobiz exporter"
    assert page.one("h1").text == "● OK: acme"
    assert "1,003,058.82 INR" in page.one("main").text


def test_the_browser_shows_trouble_and_what_to_do(browse: Browse) -> None:
    low = replace(CALM, recent=readings((100, 82), (500, 100)))
    page = loaded(browse, named("calm"), named("low", low), named("<b>x</b>", failing("unauthorized")))
    assert page.one("head").one("title").text == "PROBLEM - Vobiz exporter"
    assert page.one("h1").text == "▲ Problem: 2 of 3 partners"
    findings = [finding.text for finding in page.all("li", **{"class": "finding problem"})]
    assert any("far below usual" in finding for finding in findings)
    assert any("check" in finding.lower() for finding in findings)
    assert "<b>x</b>" in [heading.text for heading in page.all("h2")]


@pytest.mark.parametrize("snapshot", [CALM, NEVER_POLLED, failing("tls")], ids=["calm", "never polled", "trouble"])
def test_those_who_do_not_see_the_page_find_their_way_in_it(browse: Browse, snapshot: Snapshot) -> None:
    page = loaded(browse, snapshot, named("other"))
    assert page.one("html").attributes["lang"] == "en"
    for landmark in ("h1", "main", "header", "footer", "nav"):
        assert len(list(page.all(landmark))) == 1
    identifiers = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(identifiers) == len(set(identifiers))
    for labelled in page.all():
        for reference in labelled.attributes.get("aria-labelledby", "").split():
            assert reference in identifiers
    assert all(drawing.attributes.get("role") == "img" for drawing in page.all("svg"))
    assert all("aria-labelledby" in drawing.attributes for drawing in page.all("svg"))
    assert all(head.attributes.get("scope") in ("row", "col") for head in page.all("th"))
    assert all("aria-labelledby" in section.attributes for section in page.all("section"))
    assert all(link.text for link in page.all("a"))


def test_a_browser_that_has_to_refuse_something_says_so_and_this_is_noticed(browse: Browse) -> None:
    """Guards the check above: without it a browser that is silent about everything would pass."""
    headers = (("Content-Type", "text/html"), ("Content-Security-Policy", POLICY))

    def page(_: Request) -> Response:
        return Response(headers=headers, body=b"<p style='color:red'>x</p><script>alert(1)</script>")

    _, console = browse(application({"/": Route(handlers={"GET": page})}))
    assert any("Content Security Policy" in line for line in console)
