"""From polls of a real HTTP API to what the status page says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exporter.api.client import PartnerClient
from exporter.clock import Clock
from exporter.config.secrets import AuthId, AuthToken
from exporter.poll.counting import Ledgers
from exporter.poll.poller import PartnerPoller
from exporter.poll.snapshot import SnapshotStore
from exporter.web.http import Request
from exporter.web.status.api import status_api
from tests.poll.rig import config_of
from tests.rig.vobiz import Answer, ScriptedVobiz

DATA = Path(__file__).parents[1] / "data"
Poll = Callable[[], Any]


class Vobiz:
    """The documented answers, with as many more inbound calls today as a test wants; or a status instead."""

    def __init__(self) -> None:
        self.status = 200
        self.more_calls = self.more_answered = 0

    def answer(self, endpoint: str, query: dict[str, str]) -> Answer:
        body = json.loads((DATA / "dashboard.json").read_bytes())
        if endpoint == "analytics":
            body = json.loads((DATA / "analytics-today.json").read_bytes())
            if "from_date" in query:
                body["period"] = {"from": query["from_date"], "to": query["to_date"]}
        last = max(body["time_series"], key=lambda row: str(row["date"]))
        # Everywhere: an answer whose parts add up to more than its totals is not believed at once.
        for rollup in (last, last["inbound"], body["calls"], body["traffic"]["inbound"]):
            rollup["total_calls"] += self.more_calls
            rollup["answered_calls"] += self.more_answered
        return self.status, json.dumps(body).encode()


@pytest.fixture
def vobiz() -> Vobiz:
    return Vobiz()


@pytest.fixture
def poll(vobiz: Vobiz) -> Iterator[Poll]:
    """Polls once, a minute after the poll before; returns the partner as ``/api/v1/status`` shows it."""
    now = [5_000.0]
    clock = Clock(wall=lambda: 1_782_900_000 + now[0], elapsed=lambda: now[0])
    store = SnapshotStore()
    with ScriptedVobiz(vobiz.answer) as api:
        client = PartnerClient(
            base_url=api.url,
            auth_id=AuthId("PA_TEST0001"),
            auth_token=AuthToken("t0ken"),
            timeout=5.0,
            max_body=1 << 20,
        )
        config = config_of(api.url, periods=("today",))
        poller = PartnerPoller(
            config.partners[0],
            config,
            client=client,
            ledgers=Ledgers(),
            publish=store.publish,
            clock=clock,
        )
        page = status_api(store=store, clock=clock)

        def once() -> Any:
            now[0] += 60
            poller.poll()
            body = page(Request(method="GET", path="/api/v1/status", query="", headers={})).body
            assert isinstance(body, bytes)
            return json.loads(body)["partners"][0]

        yield once


def test_the_last_minutes_are_what_came_in_between_polls(vobiz: Vobiz, poll: Poll) -> None:
    assert poll()["recent"]["seconds"] is None
    poll()
    vobiz.more_calls, vobiz.more_answered = 10, 7
    poll()
    vobiz.more_calls, vobiz.more_answered = 20, 15
    recent = poll()["recent"]
    assert recent["seconds"] == 120
    assert recent["directions"]["inbound"] == {
        "calls": 20,
        "answered_calls": 15,
        "minutes": None,
        "answer_ratio": 0.75,
    }
    assert recent["directions"]["outbound"]["calls"] == 0


def test_polls_that_fail_do_not_look_like_minutes_without_calls(vobiz: Vobiz, poll: Poll) -> None:
    poll()
    poll()
    vobiz.more_calls = 10
    before = poll()["recent"]
    vobiz.status = 500
    after = poll()["recent"]
    assert (after["seconds"], after["at"], after["total"]) == (before["seconds"], before["at"], before["total"])
    assert after["age_seconds"] == before["age_seconds"] + 60


def test_up_since_is_the_first_success_after_the_last_failure(vobiz: Vobiz, poll: Poll) -> None:
    first = poll()["endpoints"]["dashboard"]
    again = poll()["endpoints"]["dashboard"]
    assert again["since"] == first["since"] == first["last_success"] != again["last_success"]
    vobiz.status = 503
    failed = poll()["endpoints"]["dashboard"]
    assert (failed["up"], failed["failure"]["outcome"], failed["since"]) == (
        False,
        "server_error",
        failed["failure"]["since"],
    )
    vobiz.status = 200
    recovered = poll()["endpoints"]["dashboard"]
    assert recovered["since"] == recovered["last_success"]
    assert recovered["past_failures"] == [
        {"outcome": "server_error", "since": failed["since"], "until": recovered["since"]}
    ]


def test_only_the_last_failures_are_remembered(vobiz: Vobiz, poll: Poll) -> None:
    for status in (500, 200) * 7:
        vobiz.status = status
        partner = poll()
    past = partner["endpoints"]["dashboard"]["past_failures"]
    assert len(past) == 5
    assert [failure["until"] for failure in past] == sorted((failure["until"] for failure in past), reverse=True)
