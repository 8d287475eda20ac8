"""The daemon collects the extras from the simulator: figures equal its truth, and nobody is named unless allowed."""

from __future__ import annotations

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.rig.exporter import Exporter
from tests.rig.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.process

CUSTOMERS = 230
LOWEST = 25
LIMIT = 2000


class Demo:
    """A running demonstration that collects the extras, its configuration, and its control side."""

    def __init__(self, daemon: Exporter, config: Path, state: Path) -> None:
        self.daemon = daemon
        self.state = state
        self._config = config
        daemon.wait_for_log("_demo/truth")
        text = "\n".join(daemon.lines)
        control, token = re.search(r"(http://\S+)/_demo/truth", text), re.search(r"X-Auth-Token: (\S+)", text)
        assert control is not None
        assert token is not None
        self._control, self._token = control[1], token[1]

    def configure(self, *, names: bool) -> None:
        self._config.write_text(configuration(self.state, names=names))

    def reload(self) -> None:
        self.post(self.daemon.url.replace("/metrics", "/-/reload"))

    def control(self, path: str) -> None:
        self.post(f"{self._control}/_demo/{path}")

    def post(self, url: str) -> None:
        urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=PATIENCE).close()

    def truth(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self._control}/_demo/truth", timeout=PATIENCE) as answer:
            return dict(json.load(answer)["partners"]["PA_DEMO0001"])

    def personal(self) -> list[str]:
        """Every name, e-mail address and phone number that the API gives out."""
        found = []
        headers = {"X-Auth-ID": "PA_DEMO0001", "X-Auth-Token": self._token}
        for path in ("me", "accounts?per_page=1000"):
            request = urllib.request.Request(f"{self._control}/api/v1/partner/{path}", headers=headers)
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                body = json.load(answer)
            found += [row[key] for row in body.get("accounts", [body]) for key in ("name", "email", "phone")]
        return found

    def samples(self) -> dict[str, dict[tuple[str, ...], float]]:
        """The page: by name, and by the values of the labels other than the partner."""
        found: dict[str, dict[tuple[str, ...], float]] = {}
        for family in text_string_to_metric_families(self.daemon.page()):
            for sample in family.samples:
                labels = tuple(value for name, value in sorted(sample.labels.items()) if name != "partner")
                found.setdefault(sample.name, {})[labels] = sample.value
        return found

    def waits_for_rounds(self) -> bool:
        """Until whole rounds that began after this call have landed: the one under way, and one more."""

        def done(endpoint: str) -> float:
            labels = {"endpoint": endpoint, "outcome": "success"}
            return self.daemon.value("vobiz_api_requests_total", **labels) or 0.0

        before = {endpoint: done(endpoint) for endpoint in ("me", "accounts")}
        return wait_for(lambda: done("me") >= before["me"] + 2 and done("accounts") >= before["accounts"] + 6)


def configuration(state: Path, *, names: bool) -> str:
    return (
        "partners: [{auth_id: PA_X, auth_token: y}]\n"
        "poll: {interval: 1s, slow_interval: 1s, periods: [today]}\n"
        f"state: {{path: {state}}}\n"
        "collect: [wallet, customers]\n"
        f"customers: {{interval: 1s, below_balance: {LIMIT}, lowest: {LOWEST}, names: {str(names).lower()}}}\n"
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    directory = tmp_path_factory.mktemp("extras")
    config, state = directory / "config.yaml", directory / "state.db"
    config.write_text(configuration(state, names=False))
    arguments = [f"--config.file={config}", "--web.enable-lifecycle", "--log.level=debug", "--demo.speed=60"]
    with Exporter("demo", *arguments, "--demo.seed=7", f"--demo.customers={CUSTOMERS}") as daemon:
        wait_for(lambda: daemon.value("vobiz_customers_below_balance") is not None)
        yield Demo(daemon, config, state)


def test_every_figure_equals_the_truth(demo: Demo) -> None:
    demo.control("pause")
    try:
        assert demo.waits_for_rounds()
        truth, samples = demo.truth(), demo.samples()
    finally:
        demo.control("resume")
    customers = truth["customers"]
    assert samples["vobiz_wallet_balance"] == {("INR",): float(truth["wallet"])}
    at_risk = {
        auth_id: Decimal(customer["balance"])
        for auth_id, customer in customers.items()
        if customer["is_active"] and customer["enabled"] and not customer["postpaid"]
    }
    below = sum(balance < LIMIT for balance in at_risk.values())
    assert 0 < below < len(at_risk) < len(customers) == CUSTOMERS
    assert samples["vobiz_customers_below_balance"] == {(): below}
    assert samples["vobiz_customers_unread"] == {(): 0}
    status = Counter(
        "inactive" if not customer["is_active"] else "active" if customer["enabled"] else "disabled"
        for customer in customers.values()
    )
    assert len(status) == 3
    assert samples["vobiz_customers"] == {("unknown",): 0, **{(name,): count for name, count in status.items()}}
    kyc = Counter(customer["kyc_status"] for customer in customers.values())
    assert len(kyc) == 3
    assert samples["vobiz_customers_kyc"] == {(name,): count for name, count in kyc.items()}
    lowest = sorted(at_risk, key=lambda auth_id: (at_risk[auth_id], auth_id))[:LOWEST]
    assert samples["vobiz_account_balance"] == {(auth_id, "INR"): float(at_risk[auth_id]) for auth_id in lowest}


def test_each_endpoint_has_its_health_and_its_requests(demo: Demo) -> None:
    samples = demo.samples()
    assert samples["vobiz_up"] == {("dashboard",): 1, ("analytics",): 1, ("me",): 1, ("accounts",): 1}
    assert set(samples["vobiz_last_success_timestamp_seconds"]) == set(samples["vobiz_up"])
    assert set(samples["vobiz_unreadable_fields"].items()) == {((endpoint,), 0) for (endpoint,) in samples["vobiz_up"]}


def test_nobody_is_named_anywhere_unless_that_is_allowed(demo: Demo) -> None:
    personal = demo.personal()
    assert len(personal) > 3 * CUSTOMERS
    assert demo.waits_for_rounds()
    shown = "\n".join([demo.daemon.page(path) for path in ("/metrics", "/", "/api/v1/status?days=1")])
    shown += "\n".join(demo.daemon.lines) + demo.state.read_bytes().decode(errors="replace")
    assert [text for text in personal if text in shown] == []
    assert "vobiz_account_info" not in shown


def test_allowed_names_are_those_of_customers_shown_one_by_one_and_go_at_once_when_no_longer_allowed(
    demo: Demo,
) -> None:
    personal = demo.personal()
    demo.configure(names=True)
    demo.reload()
    wait_for(lambda: "vobiz_account_info" in demo.samples())
    page = demo.daemon.page()
    named = [text for text in set(personal) if f'name="{text}"' in page]
    assert len(named) == LOWEST
    assert [text for text in personal if ("@" in text or text.startswith("+")) and text in page] == []
    elsewhere = "\n".join(
        [demo.daemon.page(path) for path in ("/", "/api/v1/status")]
    ) + demo.state.read_bytes().decode(errors="replace")
    assert [text for text in named if text in elsewhere + "\n".join(demo.daemon.lines)] == []
    demo.configure(names=False)
    demo.reload()
    page = demo.daemon.page()
    assert [text for text in personal if text in page] == []
