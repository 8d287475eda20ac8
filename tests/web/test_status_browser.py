"""The status page in a real browser: what axe-core says of it, and how its script renews it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from exporter.poll.snapshot import Slot, Snapshot, SnapshotStore
from exporter.web.http import Handler, application
from exporter.web.server import WebServer
from exporter.web.status.page import status_page
from tests.rig.tools import tool
from tests.web.status_kit import CALM, CLOCK, DROPPED, NEVER_POLLED, NOW, failing, judged, named, store_of

Serve = Callable[[Handler], WebServer]

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)

pytestmark = pytest.mark.process
WCAG_A_AND_AA = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=tool("chromium"), args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab that fails the test if the browser has anything to complain of."""
    complaints: list[str] = []
    context = browser.new_context()
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def app_of(store: SnapshotStore) -> Handler:
    page = status_page(store=store, clock=CLOCK, telemetry_path="/metrics")
    return application({"/": page})


SLOTS = tuple(
    Slot(start=NOW.wall - back * 900, polls=15, failed=back % 7 == 0, score=[0.1, 0.7, 1.2][back % 3])
    for back in range(90)
)
TROUBLE = (
    named("calm", replace(CALM, slots=SLOTS)),
    named("low", replace(CALM, judgements=judged(outbound=DROPPED), slots=SLOTS)),
    named("refused", failing("unauthorized")),
    named("refused too", failing("unauthorized")),
    named("new", NEVER_POLLED),
    named("x" * 100, failing("unauthorized")),
)


@pytest.mark.process
@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("snapshots", [(CALM,), (NEVER_POLLED,), TROUBLE], ids=["calm", "never polled", "trouble"])
def test_the_page_violates_no_rule_of_wcag_a_or_aa(
    browser: Browser, serve: Serve, snapshots: tuple[Snapshot, ...], theme: str, width: int
) -> None:
    viewport = {"width": width, "height": 900}
    context = browser.new_context(bypass_csp=True, color_scheme=theme, viewport=viewport)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(serve(app_of(store_of(snapshots))).url + "/")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    results = Axe().run(page, options=WCAG_A_AND_AA)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert results.violations_count == 0, results.generate_report()


def test_renewing_keeps_what_is_open_where_the_focus_is_and_how_far_one_has_scrolled(page: Page, serve: Serve) -> None:
    store = store_of([named("a"), named("b")])
    page.clock.install()
    page.set_viewport_size({"width": 800, "height": 400})
    page.goto(serve(app_of(store)).url + "/")
    summary = page.locator("#p2 > summary")
    summary.click()
    page.locator("#p2-days > summary").click()
    scrolled = page.evaluate("window.scrollTo(0, 300); window.scrollY")
    assert scrolled > 0
    store.publish(named("b", replace(CALM, polls=126, judgements=judged(outbound=DROPPED))))
    store.publish(named("a", failing("tls")))
    page.clock.run_for(16_000)
    expect(page).to_have_title("PROBLEM - Vobiz exporter")
    assert page.locator("#p2").get_attribute("open") is not None
    assert page.locator("#p2-days").get_attribute("open") is not None
    assert page.evaluate("document.activeElement.parentElement.id") == "p2-days"
    assert page.evaluate("window.scrollY") == scrolled


def test_a_page_whose_exporter_is_gone_says_that_it_is_old(browser: Browser, serve: Serve) -> None:
    page = browser.new_page()
    page.clock.install()
    server = serve(app_of(store_of([CALM])))
    page.goto(server.url + "/")
    assert page.title() == "OK - Vobiz exporter"
    server.close()
    page.clock.run_for(16_000)
    expect(page).to_have_title("OLD - OK - Vobiz exporter")
    assert page.locator("header").get_attribute("class") == "unknown"
    assert "does not answer" in page.locator("#stale").inner_text()
    page.close()
