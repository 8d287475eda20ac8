"""Every query in a page can be asked: it parses, and its metrics and labels exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, blocks, name_of
from tests.grafana.known import metrics
from tests.grafana.promql import named

OTHERS = {"prometheus_notifications_errors_total", "alertmanager_notifications_failed_total"}
"""What Prometheus and Alertmanager export of themselves."""

QUERIES = [
    pytest.param(query.strip(), id=f"{name_of(page)}-{number}")
    for page in PAGES
    for number, query in enumerate(blocks(page, "promql"), 1)
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_names_metrics_and_labels_that_exist(query: str) -> None:
    found = named(query)
    assert found.selectors
    for selector in found.selectors:
        if selector.metric in OTHERS:
            continue
        assert selector.metric in metrics(), f"there is no metric {selector.metric}"
        assert {label for label, _ in selector.matchers} <= metrics()[selector.metric], selector.metric


def test_every_runbook_shows_a_query() -> None:
    runbooks: list[Path] = [page for page in PAGES if page.parent.name == "runbooks"]
    assert runbooks
    assert [page.name for page in runbooks if not list(blocks(page, "promql"))] == []
