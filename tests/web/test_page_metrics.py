"""The metrics page: what the client library would have rendered, prepared once and never out of date."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from exporter.api.errors import Outcome
from exporter.metrics import SnapshotCollector
from exporter.metrics.telemetry import Telemetry
from exporter.poll.snapshot import SnapshotStore
from exporter.web.http import Request, Response
from exporter.web.metrics_page import MOST_KEPT, MetricsPage
from tests.metrics.test_metrics import NOW, snapshot

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Page:
    """A page over a store that a test fills, at a moment that a test sets."""

    def __init__(self) -> None:
        self.elapsed = NOW.elapsed
        self.store, self.telemetry = SnapshotStore(), Telemetry()
        self.store.publish(snapshot())
        self.telemetry.add_partner("acme")
        self._page = MetricsPage(
            store=self.store,
            polls=self.telemetry.polls,
            process=self.telemetry.process,
            elapsed=lambda: self.elapsed,
        )

    def get(self, query: str = "", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._page(Request(method="GET", path="/metrics", query=query, headers=named))

    def parts(self, query: str = "", **headers: str) -> tuple[bytes, ...]:
        body = self.get(query, **headers).body
        assert isinstance(body, tuple)
        return body

    def text(self, query: str = "", **headers: str) -> str:
        return b"".join(self.parts(query, **headers)).decode()

    def oracle(self) -> CollectorRegistry:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(SnapshotCollector(self.store, lambda: self.elapsed))
        registry.register(self.telemetry.polls)
        registry.register(self.telemetry.process)
        return registry


def ours(page: str) -> list[str]:
    """The lines that do not change by themselves."""
    return [line for line in page.splitlines() if "process_" not in line and "python_gc" not in line]


@pytest.fixture
def page() -> Page:
    return Page()


def test_the_page_is_what_the_client_library_would_have_rendered(page: Page) -> None:
    assert ours(page.text()) == ours(generate_latest(page.oracle()).decode())
    openmetrics = generate_openmetrics(page.oracle()).decode()  # type: ignore[no-untyped-call]
    assert ours(page.text(accept=OPENMETRICS)) == ours(openmetrics)


@pytest.mark.parametrize("name", ['a"quoted"', "back\\slash", "two\nlines", "{braces} %s", "☎ भारत"])
def test_a_label_value_may_hold_any_character(name: str, page: Page) -> None:
    page.telemetry.add_partner(name)
    page.store.publish(snapshot(name))
    assert ours(page.text()) == ours(generate_latest(page.oracle()).decode())


@pytest.mark.parametrize(
    "value", [0.1 + 0.2, 1e6 - 1, 1e6, 1763910000.25, 1e21, 1e-9, float("inf"), float("nan"), -7.5]
)
def test_a_value_is_written_as_the_client_library_writes_it(value: float, page: Page) -> None:
    page.store.publish(replace(snapshot(), thresholds={"answer_drop_score": value}))
    assert ours(page.text()) == ours(generate_latest(page.oracle()).decode())


def test_requests_of_every_outcome_and_duration_are_shown_as_the_client_library_would(page: Page) -> None:
    for number, outcome in enumerate(Outcome):
        page.telemetry.request("acme", "dashboard", outcome, 0.05 * 2**number)
    assert ours(page.text()) == ours(generate_latest(page.oracle()).decode())


def test_gzip_is_the_same_page_in_two_members(page: Page) -> None:
    assert dict(page.get(accept_encoding="gzip").headers)["Content-Encoding"] == "gzip"
    members = page.parts(accept_encoding="gzip")
    assert len(members) == 2
    unpacked = gzip.decompress(b"".join(members)).decode()
    assert ours(unpacked) == ours(page.text())


@pytest.mark.parametrize("header", ["", "identity", "deflate, br", "gzip;q=0", "gzip; q=0.0, identity"])
def test_who_does_not_take_gzip_is_not_given_it(header: str, page: Page) -> None:
    assert "Content-Encoding" not in dict(page.get(accept_encoding=header).headers)
    assert page.text(accept_encoding=header).startswith("# HELP")


def test_a_poll_is_seen_by_the_next_scrape(page: Page) -> None:
    page.text()
    page.telemetry.request("acme", "dashboard", Outcome.SUCCESS, 0.1)
    page.store.publish(replace(snapshot(), corrections=7))
    assert 'vobiz_corrections_total{partner="acme"} 7.0' in page.text()
    counted = 'vobiz_api_requests_total{endpoint="dashboard",outcome="success",partner="acme"} 1.0'
    assert counted in page.text()


def test_a_poll_of_one_of_many_partners_changes_its_lines_alone(page: Page) -> None:
    for number in range(300):
        page.store.publish(snapshot(f"partner-{number}"))
    before = ours(page.text())
    page.store.publish(replace(snapshot("partner-7"), corrections=7))
    page.store.remove("partner-8")
    after = ours(page.text())
    assert after == ours(generate_latest(page.oracle()).decode())
    assert set(after) - set(before) == {'vobiz_corrections_total{partner="partner-7"} 7.0'}
    gone = {line for line in before if 'partner="partner-8"' in line}
    assert set(before) - set(after) == {'vobiz_corrections_total{partner="partner-7"} 1.0', *gone}


def test_a_figure_that_is_too_old_leaves_the_page_of_a_partner_that_was_not_polled(page: Page) -> None:
    page.store.publish(snapshot("other"))
    page.text()
    page.elapsed += 1e6
    page.store.publish(replace(snapshot("another"), corrections=7))
    text = page.text()
    assert 'vobiz_balance{currency="INR",partner="other"}' not in text
    assert ours(text) == ours(generate_latest(page.oracle()).decode())


def test_between_polls_the_same_bytes_are_given_again(page: Page) -> None:
    assert page.parts()[0] is page.parts()[0]


def test_a_figure_that_becomes_too_old_leaves_without_a_poll(page: Page) -> None:
    assert "vobiz_balance" in page.text()
    page.elapsed += 301
    assert "vobiz_balance" not in page.text()
    assert "vobiz_calls_total" in page.text()


def test_what_tells_of_the_process_is_fresh_at_each_scrape(page: Page) -> None:
    page.text()
    page.telemetry.state_write_failed()
    assert "vobiz_exporter_state_write_failures_total 1.0" in page.text()


def test_names_restrict_the_page_in_every_format(page: Page) -> None:
    for accept in ("", OPENMETRICS):
        text = page.text("name[]=vobiz_balance&name[]=vobiz_up&name[]=process_open_fds", accept=accept)
        names = {line.partition("{")[0].partition(" ")[0] for line in text.splitlines() if not line.startswith("#")}
        assert names == {"vobiz_balance", "vobiz_up", "process_open_fds"}


@pytest.mark.parametrize(
    "accept", ["application/openmetrics-text; version=x.y", "text/plain;version=", ";;;,,,", "*/*"]
)
def test_an_accept_header_that_makes_no_sense_gets_the_plain_format(accept: str, page: Page) -> None:
    response = page.get(accept=accept)
    assert dict(response.headers)["Content-Type"].startswith(("text/plain", "application/openmetrics-text"))
    assert "vobiz_balance" in page.text(accept=accept)


def test_asking_for_every_way_there_is_keeps_no_more_than_a_few(page: Page) -> None:
    plain = page.parts()[0]
    ways = ("underscores", "dots", "values", "allow-utf-8")
    for version in ("application/openmetrics-text; version=1.0.0", "text/plain; version=1.0.0"):
        for escaping in ways[: MOST_KEPT // 2]:
            page.text(accept=f"{version}; escaping={escaping}")
    assert page.parts()[0] is not plain
