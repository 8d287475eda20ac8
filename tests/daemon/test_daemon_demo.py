"""``vobiz-exporter demo``, as a newcomer runs it: what the page shows is what the simulator says is true."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.rig.exporter import Exporter
from tests.rig.tools import tool
from tests.rig.waiting import PATIENCE, wait_for
from tests.test_commands import exporter

pytestmark = pytest.mark.process


class Demo:
    """The running demonstration and its control side."""

    def __init__(self, daemon: Exporter) -> None:
        self.daemon = daemon
        daemon.wait_for_log("_demo/truth")
        found = re.search(r"(http://\S+)/_demo/truth", "\n".join(daemon.lines))
        assert found is not None
        self.control = found[1]

    def post(self, path: str, body: str = "") -> None:
        request = urllib.request.Request(self.control + path, method="POST", data=body.encode())
        urllib.request.urlopen(request, timeout=PATIENCE).close()

    def end_incidents(self) -> None:
        request = urllib.request.Request(f"{self.control}/_demo/incident", method="DELETE")
        urllib.request.urlopen(request, timeout=PATIENCE).close()

    def answer(self, path: str) -> dict[str, Any]:
        """What the simulated API itself says."""
        token = re.search(r"X-Auth-Token: (\S+)", "\n".join(self.daemon.lines))
        assert token is not None
        headers = {"X-Auth-ID": "PA_DEMO0001", "X-Auth-Token": token[1]}
        request = urllib.request.Request(f"{self.control}/api/v1/partner/{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return dict(json.load(answer))

    def truth(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.control}/_demo/truth", timeout=PATIENCE) as answer:
            return dict(json.load(answer)["partners"]["PA_DEMO0001"])

    def waits_for_poll(self) -> bool:
        """Until a poll that began after this call has landed: the one under way, and one more."""
        before = self._polls()
        return wait_for(lambda: self._polls() >= before + 2)

    def _polls(self) -> float:
        return self.daemon.value("vobiz_api_requests_total", endpoint="analytics", outcome="success") or 0.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    config = tmp_path_factory.mktemp("demo") / "config.yaml"
    config.write_text(
        "partners: [{auth_id: PA_X, auth_token: y}]\npoll: {interval: 1s, slow_interval: 1s, periods: [today, 30d]}\n"
    )
    arguments = ("demo", f"--config.file={config}", "--demo.speed=60", "--demo.volume=90000", "--demo.seed=7")
    with Exporter(*arguments) as daemon:
        wait_for(lambda: (daemon.value("vobiz_calls_total", direction="outbound") or 0) > 100)
        yield Demo(daemon)


def test_every_gauge_equals_the_truth(demo: Demo) -> None:
    demo.post("/_demo/pause")
    try:
        assert demo.waits_for_poll()
        truth = demo.truth()
        value = demo.daemon.value
        assert value("vobiz_balance", currency="INR") == float(truth["balance"])
        assert value("vobiz_accounts", status="active") == truth["accounts"]["active"]
        inactive = truth["accounts"]["total"] - truth["accounts"]["active"]
        assert value("vobiz_accounts", status="inactive") == inactive
        today = demo.answer(f"analytics?from_date={truth['today']}&to_date={truth['today']}")
        for period, answer in (("today", today), ("30d", demo.answer("dashboard"))):
            for direction, rollup in answer["traffic"].items():
                labels = {"period": period, "direction": direction}
                assert value("vobiz_period_calls", **labels) == rollup["total_calls"]
                assert value("vobiz_period_answered_calls", **labels) == rollup["answered_calls"]
                assert value("vobiz_period_minutes", **labels) == rollup["total_minutes"]
                assert value("vobiz_period_cost", **labels) == float(rollup["total_cost"])
                ratio = rollup["answered_calls"] / rollup["total_calls"]
                assert value("vobiz_period_answer_ratio", **labels) == ratio
    finally:
        demo.post("/_demo/resume")


def test_the_counters_grow_by_what_was_booked(demo: Demo) -> None:
    def counters() -> dict[str, Decimal]:
        names = {"calls": "vobiz_calls_total", "answered_calls": "vobiz_answered_calls_total"}
        names["seconds"] = "vobiz_call_seconds_total"
        shown = {
            f"{direction} {figure}": demo.daemon.value(name, direction=direction)
            for direction in ("inbound", "outbound")
            for figure, name in names.items()
        }
        return {key: Decimal(str(value)) for key, value in shown.items()}

    def truth() -> dict[str, Decimal]:
        return {
            f"{direction} {figure}": Decimal(figures[figure])
            for direction, figures in demo.truth()["by_direction"].items()
            for figure in ("calls", "answered_calls", "seconds")
        }

    def paused() -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        demo.post("/_demo/pause")
        assert demo.waits_for_poll()
        seen = counters(), truth()
        demo.post("/_demo/resume")
        return seen

    counted_before, true_before = paused()
    wanted = counted_before["outbound calls"] + 200
    wait_for(lambda: (demo.daemon.value("vobiz_calls_total", direction="outbound") or 0) > wanted)
    counted, true = paused()
    assert {key: counted[key] - counted_before[key] for key in counted} == {
        key: true[key] - true_before[key] for key in true
    }


def test_it_says_what_to_open_in_a_browser(demo: Demo) -> None:
    [line] = [line for line in demo.daemon.lines if line.startswith("Open ")]
    assert line.strip() == f"Open {demo.daemon.url.removesuffix('metrics')} in a browser."


def test_of_a_configuration_that_is_wrong_nothing_but_the_problem_is_printed(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("partners: []\n")
    done = exporter("demo", f"--config.file={tmp_path / 'config.yaml'}", "--web.listen-address=127.0.0.1:0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no partner is given" in done.stderr


def test_promtool_complains_of_the_minutes_alone(demo: Demo) -> None:
    done = subprocess.run(
        [tool("promtool"), "check", "metrics"],
        input=demo.daemon.page(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    complaints = done.stderr.splitlines()
    assert complaints
    # Two names have a word in them that only looks like a unit.
    known = {
        "vobiz_period_minutes",
        "vobiz_period_product_minutes",
        "vobiz_minutes_spike_score",
        "vobiz_days_lost_total",
    }
    assert {complaint.partition(" ")[0] for complaint in complaints} <= known


def test_openmetrics_and_gzip_are_given_to_who_asks(demo: Demo) -> None:
    headers = {"Accept": "application/openmetrics-text; version=1.0.0", "Accept-Encoding": "gzip"}
    with urllib.request.urlopen(urllib.request.Request(demo.daemon.url, headers=headers), timeout=PATIENCE) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
        assert answer.headers["Content-Encoding"] == "gzip"
        page = gzip.decompress(answer.read()).decode()
    assert page.endswith("# EOF\n")
    assert page.count("# EOF") == 1
    families = text_string_to_metric_families(page)  # type: ignore[no-untyped-call]
    names = {family.name for family in families}
    assert {"vobiz_balance", "vobiz_calls", "vobiz_exporter_build", "process_cpu_seconds"} <= names | {
        name.removesuffix("_info") for name in names
    }


def test_the_first_command_that_is_printed_turns_the_status_page_red_with_the_next_poll(demo: Demo) -> None:
    def problems() -> list[str]:
        with urllib.request.urlopen(demo.daemon.url.replace("/metrics", "/api/v1/status"), timeout=PATIENCE) as answer:
            findings = json.load(answer)["partners"][0]["findings"]
        return [finding["alert"] for finding in findings if finding["state"] == "problem"]

    printed = re.search(r"curl -d '(.+)' (\S+)(/\S+/incident)", "\n".join(demo.daemon.lines))
    assert printed is not None
    assert "VobizAuthFailed" not in problems()
    demo.post(printed[3], printed[1])
    try:
        wait_for(lambda: "VobizAuthFailed" in problems())
    finally:
        demo.end_incidents()
    wait_for(lambda: "VobizAuthFailed" not in problems())
