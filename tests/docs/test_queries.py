"""Every query in a page can be asked: it parses, and its metrics and labels exist."""

from __future__ import annotations

from pathlib import Path

from tests.docs.pages import PAGES, blocks, name_of
from tests.grafana.known import metrics
from tests.grafana.promql import named

OTHERS = {"prometheus_notifications_errors_total", "alertmanager_notifications_failed_total"}
"""What Prometheus and Alertmanager export of themselves."""


def test_every_query_of_a_page_names_metrics_and_labels_that_exist() -> None:
    for page in PAGES:
        for query in blocks(page, "promql"):
            found = named(query.strip())
            assert found.selectors, f"{name_of(page)}: {query}"
            for selector in found.selectors:
                if selector.metric in OTHERS:
                    continue
                assert selector.metric in metrics(), f"{name_of(page)}: there is no metric {selector.metric}"
                labels = {label for label, _ in selector.matchers}
                assert labels <= metrics()[selector.metric], f"{name_of(page)}: {selector.metric}"


def test_every_runbook_shows_a_query() -> None:
    runbooks: list[Path] = [page for page in PAGES if page.parent.name == "runbooks"]
    assert runbooks
    assert [page.name for page in runbooks if not list(blocks(page, "promql"))] == []
