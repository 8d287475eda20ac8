"""The metrics page: what the client library would have rendered, prepared once and never out of date."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from exporter.api.errors import Outcome
from exporter.metrics.collector import SnapshotCollector
from exporter.metrics.telemetry import Telemetry
from exporter.poll.snapshot import SnapshotStore
from exporter.web.http import Request, Response
from exporter.web.metrics_page import MetricsPage
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

    def kept(self) -> int:
        return len(self._page._kept)

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


def test_between_polls_the_same_bytes_are_given_again(page: Page) -> None:
    assert page.parts()[0] is page.parts()[0]


def test_a_figure_that_becomes_too_old_leaves_without_a_poll(page: Page) -> None:
    assert "vobiz_balance" in page.text()
    page.elapsed += 301
    assert "vobiz_balance" not in page.text()
    assert "vobiz_calls_total" in page.text()


def test_metrics_of_the_process_are_fresh_at_each_scrape(page: Page) -> None:
    page.text()
    page.telemetry.state_write_failed()
    assert "vobiz_exporter_state_write_failures_total 1.0" in page.text()


def samples(page: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What Prometheus' own parser for Python reads."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)  # type: ignore[no-untyped-call]
        for sample in family.samples
        if sample.name.startswith("vobiz_")
    }


@pytest.mark.parametrize("escaping", ["underscores", "dots", "values", "allow-utf-8", "nonsense"])
@pytest.mark.parametrize("media_type", ["application/openmetrics-text", "text/plain"])
def test_every_escaping_scheme_gets_a_page_that_another_parser_reads(
    media_type: str, escaping: str, page: Page
) -> None:
    accept = f"{media_type};version=1.0.0;escaping={escaping}"
    text = page.text(accept=accept)
    content_type = dict(page.get(accept=accept).headers)["Content-Type"]
    assert "escaping" not in content_type
    if media_type == "text/plain":
        assert content_type == "text/plain; version=0.0.4; charset=utf-8"
        assert ours(text) == ours(page.text())
    else:
        assert content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        assert (
            samples(text).items()
            >= {("vobiz_calls_total", (("direction", "inbound"), ("partner", "acme"))): 3.0}.items()
        )


@pytest.mark.process
@pytest.mark.parametrize("accept", ["", "text/plain;version=1.0.0;escaping=dots"])
def test_promtool_finds_nothing_to_complain_of_but_minutes_and_days_that_are_counted(accept: str, page: Page) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    command = [promtool, "check", "metrics"]
    checked = subprocess.run(command, input=page.text(accept=accept), capture_output=True, text=True, check=False)
    # "days" is what vobiz_days_lost_total counts, and no unit
    expected = ("minutes", "vobiz_days_lost_total")
    complaints = [line for line in checked.stderr.splitlines() if not any(word in line for word in expected)]
    assert complaints == []


PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_3 = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)


@pytest.mark.parametrize("accept", [PROMETHEUS_2, PROMETHEUS_3, "Application/OpenMetrics-Text"])
def test_prometheus_gets_openmetrics(accept: str, page: Page) -> None:
    assert dict(page.get(accept=accept).headers)["Content-Type"].startswith(OPENMETRICS)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "text/html",
        "text/plain;version=0.0.4",
        "application/openmetrics-text;version=0.0.1",
        "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text; version=x.y",
        "text/plain;version=",
        ";;;,,,",
    ],
)
def test_a_client_that_asks_for_nothing_that_is_made_gets_text(accept: str, page: Page) -> None:
    assert dict(page.get(accept=accept).headers)["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("header", ["gzip", "GZIP", "gzip, deflate, br", "br;q=1.0, gzip;q=0.5"])
def test_a_client_that_takes_gzip_gets_it(header: str, page: Page) -> None:
    assert dict(page.get(accept_encoding=header).headers)["Content-Encoding"] == "gzip"


def test_only_as_many_pages_are_kept_as_there_are_formats_and_encodings(page: Page) -> None:
    kept = page.parts()[0]
    for number in range(100):
        page.text(accept=f"application/openmetrics-text;version=1.0.0;escaping={number}", accept_encoding=f"x{number}")
        page.text(accept=f"application/openmetrics-text;version={number}.1", accept_encoding="gzip;q=0")
    assert page.parts()[0] is kept
    assert page.kept() == 2


def test_many_scrapes_at_once_have_the_page_built_once(page: Page) -> None:
    started = threading.Barrier(8)

    def scrape() -> bytes:
        started.wait()
        return page.parts()[0]

    with ThreadPoolExecutor(8) as pool:
        pages = [future.result() for future in [pool.submit(scrape) for _ in range(8)]]
    assert all(one is pages[0] for one in pages)


def test_a_partner_that_is_added_has_every_outcome_at_0_and_one_that_is_removed_none(page: Page) -> None:
    page.telemetry.add_partner("new", ["dashboard", "me"])
    page.telemetry.add_partner("new", ["dashboard"])
    page.store.publish(snapshot("new"))
    counted = {
        tuple(dict(labels).values()): value
        for (name, labels), value in samples(page.text(accept=OPENMETRICS)).items()
        if name == "vobiz_api_requests_total" and ("partner", "new") in labels
    }
    assert counted == {("dashboard", outcome.value, "new"): 0.0 for outcome in Outcome}
    page.telemetry.remove_partner("new")
    page.store.remove("new")
    assert 'partner="new"' not in page.text()
