"""Start, reload, stop: what a user and a service manager see."""

from __future__ import annotations

import signal
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.metrics.test_golden_pages import documented_answers
from tests.rig.exporter import Exporter, write_config
from tests.rig.process import free_port
from tests.rig.vobiz import Answer, ScriptedVobiz
from tests.rig.waiting import wait_for

pytestmark = pytest.mark.process

GOOD = documented_answers("dashboard.json", "analytics-today.json")
TWO_PARTNERS = (
    "- {name: acme, auth_id: PA_TEST0001, auth_token: one}\n- {name: other, auth_id: PA_TEST0002, auth_token: two}"
)


@pytest.fixture
def api() -> Iterator[ScriptedVobiz]:
    with ScriptedVobiz(GOOD) as api:
        yield api


def post(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_two_environment_variables_are_enough_to_start(tmp_path: Path) -> None:
    environment = {"VOBIZ_AUTH_ID": "PA_TEST0001", "VOBIZ_AUTH_TOKEN": "t0ken", "HTTPS_PROXY": "http://127.0.0.1:1"}
    with Exporter(environment=environment) as daemon:
        wait_for(lambda: daemon.value("vobiz_up", partner="PA_TEST0001", endpoint="dashboard") == 0)


def test_it_is_ready_once_every_partner_was_polled_whatever_came_of_it(api: ScriptedVobiz, tmp_path: Path) -> None:
    release = threading.Event()

    def slow(endpoint: str, query: dict[str, str]) -> Answer:
        release.wait(20)
        return 500, b"{}"

    api.script = slow
    config = write_config(tmp_path, api.url, timeout="1m")
    with Exporter(f"--config.file={config}") as daemon:
        ready = daemon.url.replace("/metrics", "/-/ready")
        assert status(ready) == 503
        assert status(daemon.url.replace("/metrics", "/-/healthy")) == 200
        release.set()
        wait_for(lambda: status(ready) == 200)
        assert daemon.value("vobiz_up", endpoint="dashboard") == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_poll_in_flight_and_the_exit_is_clean(number: int, api: ScriptedVobiz, tmp_path: Path) -> None:
    asked, release = threading.Event(), threading.Event()

    def hanging(endpoint: str, query: dict[str, str]) -> Answer:
        asked.set()
        release.wait(30)
        return 200, b"{}"

    api.script = hanging
    config = write_config(tmp_path, api.url, timeout="5m")
    try:
        with Exporter(f"--config.file={config}") as daemon:
            assert asked.wait(20)
            assert daemon.stop(number) == 0
            assert not [line for line in daemon.lines if "poll failed" in line]
    finally:
        release.set()


def test_figures_leave_the_page_when_polls_fail_for_long_and_come_back(api: ScriptedVobiz, tmp_path: Path) -> None:
    config = write_config(tmp_path, api.url)
    config.write_text(config.read_text().replace("slow_interval: 1s", "slow_interval: 1h, stale_after: 2s"))
    with Exporter(f"--config.file={config}") as daemon:
        wait_for(lambda: daemon.value("vobiz_balance") == 40321.075)
        api.script = lambda endpoint, query: (500, b"{}")
        wait_for(lambda: daemon.value("vobiz_balance") is None)
        wait_for(lambda: daemon.value("vobiz_period_calls", period="yesterday") is None)
        assert daemon.value("vobiz_calls_total", direction="inbound") == 0
        assert daemon.value("vobiz_up", endpoint="dashboard") == 0
        assert daemon.value("vobiz_last_success_timestamp_seconds", endpoint="dashboard") is not None
        api.script = GOOD
        wait_for(lambda: daemon.value("vobiz_balance") == 40321.075)


@pytest.mark.parametrize("way", ["signal", "http", "file"])
def test_a_reload_adds_and_removes_partners_and_keeps_the_others(way: str, api: ScriptedVobiz, tmp_path: Path) -> None:
    config = write_config(tmp_path, api.url)
    with Exporter(f"--config.file={config}", "--web.enable-lifecycle", "--config.auto-reload") as daemon:
        wait_for(lambda: daemon.value("vobiz_calls_total", partner="acme") == 0)
        if way != "file":
            # one way at a time: the file is put in place unseen, with the old file's looks
            (tmp_path / "config.yaml").unlink()
        write_config(tmp_path, api.url, partners=TWO_PARTNERS)
        if way == "signal":
            daemon.send(signal.SIGHUP)
        elif way == "http":
            assert post(daemon.url.replace("/metrics", "/-/reload")) == (200, "reloaded\n")
        wait_for(lambda: daemon.value("vobiz_up", partner="other", endpoint="analytics") == 1)
        assert daemon.value("vobiz_up", partner="acme", endpoint="analytics") == 1
        write_config(tmp_path, api.url)
        post(daemon.url.replace("/metrics", "/-/reload"))
        wait_for(lambda: daemon.value("vobiz_up", partner="other") is None)
        assert daemon.value("vobiz_api_requests_total", partner="other") is None
        assert daemon.value("vobiz_balance", partner="acme") == 40321.075


def test_a_reload_that_is_asked_for_during_the_start_comes_after_it(api: ScriptedVobiz, tmp_path: Path) -> None:
    partners = "\n".join(f"- {{name: p{n}, auth_id: PA_TEST{n:04}, auth_token: t0ken}}" for n in range(80))
    config = write_config(tmp_path, api.url, partners=partners)
    address = f"127.0.0.1:{free_port()}"
    with Exporter(f"--config.file={config}", f"--web.listen-address={address}", "--web.enable-lifecycle") as daemon:
        wait_for(lambda: status(f"http://{address}/-/healthy"))
        assert post(f"http://{address}/-/reload") == (200, "reloaded\n")
        wait_for(lambda: any("msg=reloaded" in line for line in daemon.lines))
        happened = [line for line in daemon.lines if "msg=started" in line or "msg=reloaded" in line]
        assert "msg=started" in happened[0]


def test_a_bad_file_changes_nothing_and_says_why(api: ScriptedVobiz, tmp_path: Path) -> None:
    config = write_config(tmp_path, api.url)
    with Exporter(f"--config.file={config}", "--web.enable-lifecycle") as daemon:
        wait_for(lambda: daemon.value("vobiz_up", partner="acme", endpoint="analytics") == 1)
        config.write_text(config.read_text() + "pol: {}\n")
        code, problem = post(daemon.url.replace("/metrics", "/-/reload"))
        assert code == 500
        assert problem == f"{config}:5: pol: unknown key; did you mean poll?\n"
        assert daemon.value("vobiz_exporter_config_last_reload_successful") == 0
        assert daemon.value("vobiz_up", partner="acme", endpoint="analytics") == 1
        write_config(tmp_path, api.url)
        assert post(daemon.url.replace("/metrics", "/-/reload"))[0] == 200
        assert daemon.value("vobiz_exporter_config_last_reload_successful") == 1


def test_reload_over_http_is_refused_unless_it_was_allowed(api: ScriptedVobiz, tmp_path: Path) -> None:
    with Exporter(f"--config.file={write_config(tmp_path, api.url)}") as daemon:
        code, body = post(daemon.url.replace("/metrics", "/-/reload"))
        assert code == 403
        assert "--web.enable-lifecycle" in body


def test_a_token_file_that_changes_is_used_without_a_restart(api: ScriptedVobiz, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first\n")
    partner = f"- {{name: acme, auth_id: PA_TEST0001, auth_token_file: {token}}}"
    config = write_config(tmp_path, api.url, partners=partner)
    with Exporter(f"--config.file={config}") as daemon:
        wait_for(lambda: "first" in api.tokens)
        token.write_text("second\n")
        wait_for(lambda: "second" in api.tokens)
        token.unlink()
        daemon.wait_for_log("secret file unreadable, the last good one stays in use")
        assert daemon.value("vobiz_up", endpoint="dashboard") == 1
        token.write_text("third\n")
        daemon.wait_for_log("secret file readable again")
        wait_for(lambda: "third" in api.tokens)


def test_a_port_in_use_is_reported_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        config = write_config(tmp_path, "http://127.0.0.1:1/api/v1/partner")
        with Exporter(f"--config.file={config}", f"--web.listen-address={address}") as daemon:
            assert daemon.wait() == 1
    assert len(daemon.lines) == 1
    assert address in daemon.lines[0]


def test_a_reload_works_while_the_disk_of_the_state_is_away(api: ScriptedVobiz, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    config = write_config(tmp_path, api.url, extra=f"state: {{path: {disk / 'state.db'}}}\n")
    with Exporter(f"--config.file={config}", "--web.enable-lifecycle") as daemon:
        url = daemon.url.replace("/metrics", "/-/reload")
        disk.rename(tmp_path / "away")
        assert post(url) == (200, "reloaded\n")
        assert daemon.value("vobiz_exporter_config_last_reload_successful") == 1


def test_two_daemons_on_one_state_file_are_one_too_many(api: ScriptedVobiz, tmp_path: Path) -> None:
    config = write_config(tmp_path, api.url, extra=f"state: {{path: {tmp_path / 'state.db'}}}\n")
    with Exporter(f"--config.file={config}") as first:
        wait_for(lambda: first.value("vobiz_up", endpoint="analytics") == 1)
        with Exporter(f"--config.file={config}") as second:
            assert second.wait() == 1
    path = tmp_path / "state.db"
    problem = f"state.path {path}: another vobiz-exporter uses it; give each a state.path of its own"
    assert second.lines == [problem]
