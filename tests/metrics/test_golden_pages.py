"""An answer in, the page out, byte for byte: for each documented answer and each older shape.

``UPDATE_GOLDEN=1`` writes the pages again; read the difference before you commit it.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from exporter.api.client import PartnerClient
from exporter.clock import Clock
from exporter.config.secrets import AuthId, AuthToken
from exporter.metrics.collector import SnapshotCollector
from exporter.poll.counting import Ledgers
from exporter.poll.poller import PartnerPoller
from exporter.poll.snapshot import SnapshotStore
from tests.poll.rig import config_of
from tests.rig.vobiz import Answer, Script, ScriptedVobiz

DATA = Path(__file__).parents[1] / "data"
THRESHOLD = b"vobiz_alert_threshold"
"""Left out: they are those of the configuration."""

CLOCK = Clock(wall=lambda: 1782900000.0, elapsed=lambda: 5000.0)


def documented_answers(dashboard: str, analytics: str) -> Script:
    """The given answer for today; a day without calls for any other window, in the documented shape."""
    todays = (DATA / analytics).read_bytes()

    def script(endpoint: str, query: dict[str, str]) -> Answer:
        if endpoint == "dashboard":
            return 200, (DATA / dashboard).read_bytes()
        window = json.loads(todays)["period"]
        if query.get("from_date", window["from"]) == window["from"]:
            return 200, todays
        return 200, _quiet_day(query)

    return script


def _quiet_day(query: dict[str, str]) -> bytes:
    nothing = {"total_calls": 0, "answered_calls": 0, "total_minutes": 0, "total_cost": "0"}
    body = json.loads((DATA / "analytics-today.json").read_bytes())
    body["period"] = {"from": query["from_date"], "to": query["to_date"]}
    body["calls"] = nothing
    body["traffic"] = {"inbound": nothing, "outbound": nothing}
    body["by_product"] = {"sip_trunking": nothing, "voice_api": nothing}
    body["time_series"] = []
    return json.dumps(body).encode()


def _page(script: Script) -> bytes:
    store = SnapshotStore()
    with ScriptedVobiz(script) as api:
        client = PartnerClient(
            base_url=api.url,
            auth_id=AuthId("PA_TEST0001"),
            auth_token=AuthToken("t0ken"),
            timeout=5.0,
            max_body=1 << 20,
        )
        config = config_of(api.url, periods=("today", "yesterday", "30d"))
        config = replace(config, poll=replace(config.poll, stale_after=300.0))
        poller = PartnerPoller(
            config.partners[0],
            config,
            client=client,
            ledgers=Ledgers(),
            publish=store.publish,
            clock=CLOCK,
        )
        poller.begin()
        poller.poll()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SnapshotCollector(store, CLOCK.elapsed))
    return b"".join(line for line in generate_latest(registry).splitlines(True) if THRESHOLD not in line)


@pytest.mark.parametrize(
    ("dashboard", "analytics"),
    [
        ("dashboard.json", "analytics-today.json"),
        ("dashboard.json", "analytics-older.json"),
        ("dashboard-flat.json", "analytics-today.json"),
        ("dashboard-flat-customers.json", "analytics-older.json"),
    ],
)
def test_the_page_of_a_documented_answer_is_this_to_the_byte(dashboard: str, analytics: str) -> None:
    page = _page(documented_answers(dashboard, analytics))
    golden = DATA / f"{Path(dashboard).stem}+{Path(analytics).stem}.prom"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_bytes(page)
    assert page.decode() == golden.read_text()


def test_no_customer_and_no_token_is_on_any_page() -> None:
    page = _page(documented_answers("dashboard.json", "analytics-today.json")).decode()
    personal = ("Customer One", "customer.test", "+9100", "Test Partner", "ops@partner.test", "MA_TEST", "t0ken")
    assert not [text for text in personal if text in page]
