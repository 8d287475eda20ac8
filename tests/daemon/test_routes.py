"""The pages that say whether the program works, and those that change what it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exporter.daemon.daemon import routes
from exporter.daemon.partners import Environment
from exporter.poll.snapshot import Snapshot
from exporter.web.http import Handler, Request

POLLED = Snapshot(partner="acme", interval=60.0, polls=1)


def app(environment: Environment, *, alive: bool = True, reload: str | None = None, lifecycle: bool = True) -> Handler:
    return routes(
        environment,
        telemetry_path="/metrics",
        alive=lambda: alive,
        reload=lambda: reload,
        accept_usual=lambda partner, lane: (partner, lane) == ("acme", "inbound"),
        lifecycle=lifecycle,
    )


def ask(pages: Handler, method: str, path: str, query: str = "") -> int:
    return pages(Request(method=method, path=path, query=query, headers={})).status


def test_it_is_ready_once_every_partner_was_polled_whatever_the_outcome() -> None:
    environment = Environment()
    pages = app(environment)
    assert ask(pages, "GET", "/-/ready") == 503
    environment.store.publish(POLLED)
    environment.store.publish(replace(POLLED, partner="other", polls=0))
    assert ask(pages, "GET", "/-/ready") == 503
    environment.store.publish(replace(POLLED, partner="other"))
    assert ask(pages, "GET", "/-/ready") == 200


def test_it_is_healthy_while_the_poll_loop_is_alive() -> None:
    assert ask(app(Environment()), "GET", "/-/healthy") == 200
    assert ask(app(Environment(), alive=False), "GET", "/-/healthy") == 503


@pytest.mark.parametrize("path", ["/-/reload", "/-/accept-usual"])
def test_without_the_lifecycle_flag_nothing_can_be_changed(path: str) -> None:
    assert ask(app(Environment(), lifecycle=False), "POST", path) == 403
    assert ask(app(Environment()), "GET", path) == 405


def test_a_reload_that_failed_says_so() -> None:
    assert ask(app(Environment()), "POST", "/-/reload") == 200
    assert ask(app(Environment(), reload="config.yaml:3: no"), "POST", "/-/reload") == 500


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("partner=acme&direction=inbound", 200),
        ("partner=acme&product=voice_api", 404),
        ("partner=nobody&direction=inbound", 404),
        ("partner=acme", 400),
        ("direction=inbound", 400),
    ],
)
def test_a_present_answer_rate_is_accepted_as_usual_by_partner_and_lane(query: str, status: int) -> None:
    assert ask(app(Environment()), "POST", "/-/accept-usual", query) == status
