"""The commands as a user types them: what they print, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporter import __version__
from exporter.ledger.store import LedgerStore
from tests.metrics.test_golden_pages import documented_answers
from tests.rig.certificates import Authority
from tests.rig.exporter import write_config
from tests.rig.tools import tool
from tests.rig.vobiz import Answer, Script, ScriptedVobiz
from tests.rig.waiting import PATIENCE

pytestmark = pytest.mark.process

GOOD = documented_answers("dashboard.json", "analytics-today.json")
TWO_PARTNERS = (
    "- {name: acme, auth_id: PA_TEST0001, auth_token: one}\n- {name: other, auth_id: PA_TEST0002, auth_token: two}"
)


def exporter(
    *arguments: str, environment: dict[str, str] | None = None, stdout: int | IO[bytes] = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "exporter", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
        env=environment,
    )


@pytest.fixture
def api() -> Iterator[ScriptedVobiz]:
    with ScriptedVobiz(GOOD) as api:
        yield api


def test_the_version_is_printed() -> None:
    assert exporter("--version").stdout == f"vobiz-exporter {__version__}\n"


def test_wrong_usage_ends_with_2() -> None:
    done = exporter("--no-such-flag")
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: vobiz-exporter" in done.stderr


def test_flags_may_stand_before_the_command(api: ScriptedVobiz, tmp_path: Path) -> None:
    config = write_config(tmp_path, api.url)
    for arguments in (("check", f"--config.file={config}"), ("--config.file", str(config), "check")):
        done = exporter(*arguments)
        assert (done.returncode, done.stdout) == (0, f"{config}: good; 1 partner (acme)\n")


def test_an_api_on_this_machine_is_never_asked_through_a_proxy(api: ScriptedVobiz, tmp_path: Path) -> None:
    with ScriptedVobiz(GOOD) as proxy:
        environment = {**os.environ, "http_proxy": proxy.url, "HTTP_PROXY": proxy.url, "no_proxy": ""}
        done = exporter("once", f"--config.file={write_config(tmp_path, api.url)}", environment=environment)
    assert done.returncode == 0
    assert api.asked
    assert not proxy.tokens


def test_warn_is_another_word_for_warning(api: ScriptedVobiz, tmp_path: Path) -> None:
    done = exporter("once", f"--config.file={write_config(tmp_path, api.url)}", "--log.level=warn")
    assert (done.returncode, done.stderr) == (0, "")


def test_without_credentials_it_says_how_to_give_them() -> None:
    done = exporter("run", environment={})
    assert done.returncode == 1
    assert "VOBIZ_AUTH_ID" in done.stderr
    assert "--config.file" in done.stderr


def test_check_reports_every_problem_at_once(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("partners:\n- {auth_id: PA_1, auth_tokn: x}\npoll: {interval: 5}\nsate: {}\n")
    done = exporter("check", f"--config.file={config}")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{config}:2: partners[0].auth_tokn: unknown key; did you mean auth_token?",
        f"{config}:3: poll.interval: not a duration; write whole numbers with units (y w d h m s ms), longest first, "
        "such as 1h30m",
        f"{config}:4: sate: unknown key; did you mean state?",
    ]


def test_check_reads_what_the_web_server_would_and_reports_all_at_once(api: ScriptedVobiz, tmp_path: Path) -> None:
    web = tmp_path / "web.yml"
    web.write_text("tls_server_config: {cert_file: none.pem, key_file: none.pem}\n")
    config = write_config(tmp_path, api.url, extra="sate: {}\n")
    done = exporter("check", f"--config.file={config}", f"--web.config.file={web}", "--web.listen-address=nowhere")
    assert done.returncode == 1
    printed = done.stderr.splitlines()
    assert len(printed) == 3
    assert "sate: unknown key" in printed[0]
    assert "--web.listen-address: 'nowhere' is not an address" in printed[1]
    assert f"{tmp_path / 'none.pem'}" in printed[2]


def test_check_live_says_what_holds_for_the_account(api: ScriptedVobiz, tmp_path: Path) -> None:
    done = exporter("check", "--live", f"--config.file={write_config(tmp_path, api.url)}")
    assert done.returncode == 0
    assert "acme: /dashboard answers\nacme: the credentials work\n" in done.stdout
    assert "acme: the server's day is 2026-07-01, here in UTC it is " in done.stdout
    assert "one of the two clocks is wrong, or the API does not renew its answers" in done.stdout
    assert "acme: /analytics answers\n" in done.stdout
    assert "to_date" not in done.stdout


def test_check_warns_of_a_certificate_that_ends_of_empty_users_and_of_a_state_that_is_in_use(
    api: ScriptedVobiz, tmp_path: Path
) -> None:
    Authority("Test Authority").issue("localhost", days=3).write(tmp_path, "server")
    web = tmp_path / "web.yml"
    web.write_text("tls_server_config: {cert_file: server.crt, key_file: server.key}\nbasic_auth_users:\n")
    path = tmp_path / "state.db"
    config = write_config(tmp_path, api.url, extra=f"state: {{path: {path}}}\n")
    arguments = ("check", f"--config.file={config}", f"--web.config.file={web}")
    assert "is in use" not in exporter(*arguments).stdout
    store = LedgerStore(path, configured=[], now=0.0)
    done = exporter(*arguments)
    store.close()
    assert done.returncode == 0
    assert "the certificate ends within 7 days" in done.stdout
    assert f"{web}: basic_auth_users: empty, and protects nothing; fill it in, or remove it\n" in done.stdout
    assert f"state.path {path} is in use" in done.stdout


def test_check_warns_of_a_share_without_partners(api: ScriptedVobiz, tmp_path: Path) -> None:
    config = write_config(tmp_path, api.url)
    shards = [f"{number}/2" for number in (1, 2)]
    config.write_text(config.read_text().replace("poll: {", "poll: {shard: '${SHARD}', "))
    said = [exporter("check", f"--config.file={config}", environment={**os.environ, "SHARD": one}) for one in shards]
    [empty] = [one for one, done in zip(shards, said, strict=True) if "0 partners" in done.stdout]
    assert any(f"poll.shard {empty}: no partner is in this share, and none is polled\n" in done.stdout for done in said)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_check_live_speaks_of_what_it_found_and_of_no_next_poll(
    status: int, api: ScriptedVobiz, tmp_path: Path
) -> None:
    api.script = lambda endpoint, query: (status, b"{}")
    done = exporter("check", "--live", f"--config.file={write_config(tmp_path, api.url)}")
    assert done.returncode == 1
    assert f"acme: the API answered {status} " in done.stdout
    assert "next poll" not in done.stdout


def test_check_live_fails_when_the_credentials_do(api: ScriptedVobiz, tmp_path: Path) -> None:
    api.script = lambda endpoint, query: (401, b"{}")
    done = exporter("check", "--live", f"--config.file={write_config(tmp_path, api.url)}")
    assert done.returncode == 1
    assert "check auth_id and auth_token" in done.stdout


@pytest.mark.parametrize("command", ["run", "once", "check"])
def test_a_state_directory_that_is_not_there_is_an_error_and_is_not_made(command: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, "http://127.0.0.1:9", extra=f"state: {{path: {tmp_path / 'vra' / 'state.db'}}}\n")
    done = exporter(command, f"--config.file={config}")
    assert (done.returncode, done.stderr) == (
        1,
        f"{config}:5: state.path: there is no directory {tmp_path / 'vra'}; correct the path, or make the directory\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_once_prints_the_page_and_succeeds(api: ScriptedVobiz, tmp_path: Path) -> None:
    done = exporter("once", f"--config.file={write_config(tmp_path, api.url)}")
    assert done.returncode == 0
    families = {family.name for family in text_string_to_metric_families(done.stdout)}
    assert {"vobiz_balance", "vobiz_up", "vobiz_calls", "vobiz_exporter_build_info"} <= families
    assert not [name for name in families if not name.startswith("vobiz_")]
    assert not [name for name in families if "reload" in name], "nothing is reloaded here"


def test_once_prints_utf_8_whatever_the_terminal_is_set_to(api: ScriptedVobiz, tmp_path: Path) -> None:
    partner = '- {name: "M\\xFCller \\u20B9", auth_id: PA_TEST0001, auth_token: t0ken}'
    config = write_config(tmp_path, api.url, partners=partner)
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = exporter("once", f"--config.file={config}", environment=environment)
    assert done.returncode == 0
    assert 'partner="M\u00fcller \u20b9"' in done.stdout


def test_once_writes_the_file_in_one_step_and_fails_if_a_poll_did(api: ScriptedVobiz, tmp_path: Path) -> None:
    api.script = lambda endpoint, query: (500, b"{}")
    output = tmp_path / "vobiz.prom"
    done = exporter("once", f"--config.file={write_config(tmp_path, api.url)}", f"--output={output}")
    assert done.returncode == 1
    assert 'vobiz_up{endpoint="dashboard",partner="acme"} 0.0' in output.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "vobiz.prom"]


@pytest.mark.parametrize("command", [("once",), ("backfill", "--from=2026-06-30")], ids=" ".join)
@pytest.mark.parametrize(
    ("output", "reason"),
    [("no/file", "No such file or directory"), (".", "Not a regular file"), ("device", "Not a regular file")],
)
def test_nothing_is_asked_for_that_cannot_be_written(
    command: tuple[str, ...], output: str, reason: str, api: ScriptedVobiz, tmp_path: Path
) -> None:
    path = tmp_path / output
    os.mkfifo(tmp_path / "device")
    done = exporter(*command, f"--config.file={write_config(tmp_path, api.url)}", f"--output={path}")
    said = f"--output {path}: {reason}; give a file in a directory that can be written\n"
    assert (done.returncode, done.stderr) == (1, said)
    assert api.asked == []
    assert (tmp_path / "device").is_fifo()


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_the_disk_does_not_take_is_said_in_one_line(unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = exporter("assets", stdout=full, environment={**os.environ, "PYTHONUNBUFFERED": unbuffered})
    assert (done.returncode, done.stderr) == (1, "the output cannot be written: No space left on device\n")


@pytest.mark.parametrize("command", ["run", "demo"])
def test_a_process_that_gets_no_thread_says_so_in_one_line(command: str, tmp_path: Path) -> None:
    program = "import sys, threading; threading.stack_size(1 << 46); from exporter.cli import main; sys.exit(main())"
    flags = ["--web.listen-address=127.0.0.1:0", f"--config.file={write_config(tmp_path, 'http://127.0.0.1:9')}"]
    done = subprocess.run(
        [sys.executable, "-c", program, command, *flags], capture_output=True, text=True, timeout=60, check=False
    )
    said = "no thread can be started; raise the limit on threads and memory\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_a_reader_that_has_gone_is_no_defect() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = exporter("assets", stdout=pipe, environment={**os.environ, "PYTHONUNBUFFERED": ""})
    assert (done.returncode, done.stderr) == (1, "")


def test_once_works_without_a_stdout(api: ScriptedVobiz, tmp_path: Path) -> None:
    without = ("sh", "-c", 'exec "$0" -m exporter once "$@" >&-', sys.executable)
    config = write_config(tmp_path, api.url)
    done = subprocess.run(
        [*without, f"--config.file={config}", "--log.level=error"],
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_once_counts_on_from_run_to_run_with_a_state_file(api: ScriptedVobiz, tmp_path: Path) -> None:
    config = write_config(tmp_path, api.url, extra=f"state: {{path: {tmp_path / 'state.db'}}}\n")
    assert exporter("once", f"--config.file={config}").returncode == 0
    api.script = _with_calls(inbound=5)
    done = exporter("once", f"--config.file={config}")
    assert 'vobiz_calls_total{direction="inbound",partner="acme"} 5.0' in done.stdout


def _with_calls(*, inbound: int) -> Script:
    def script(endpoint: str, query: dict[str, str]) -> Answer:
        status, body = GOOD(endpoint, query)
        document = json.loads(body)
        if endpoint == "dashboard":
            row = document["time_series"][1]
            for rollup in (row, row["inbound"], document["calls"], document["traffic"]["inbound"]):
                rollup["total_calls"] += inbound
        return status, json.dumps(document).encode()

    return script


@pytest.mark.parametrize("command", [("once",), ("check", "--live"), ("backfill", "--from=2026-06-30")], ids=" ".join)
def test_an_interrupt_ends_a_command_in_one_line(command: tuple[str, ...], api: ScriptedVobiz, tmp_path: Path) -> None:
    asked, ended = threading.Event(), threading.Event()

    def hanging(endpoint: str, query: dict[str, str]) -> Answer:
        asked.set()
        ended.wait(PATIENCE)
        return GOOD(endpoint, query)

    api.script = hanging
    config = write_config(tmp_path, api.url, timeout="1m")
    # tests that run in the background ignore it, and what they start would as well
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "exporter", *command, f"--config.file={config}", "--log.level=error"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    signal.signal(signal.SIGINT, before)
    with process:
        try:
            assert asked.wait(PATIENCE)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE)
        finally:
            ended.set()
            process.kill()
    assert (process.returncode, errors) == (1, "interrupted\n")
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_backfill_says_which_day_is_the_last_that_is_over(api: ScriptedVobiz, tmp_path: Path) -> None:
    output = tmp_path / "days.om"
    done = exporter(
        "backfill", f"--config.file={write_config(tmp_path, api.url)}", "--from=2026-07-01", f"--output={output}"
    )
    assert done.returncode == 1
    assert (
        done.stderr == "--from=2026-07-01: acme has no complete day from then on; the last complete one is 2026-06-30\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_backfill_makes_blocks_that_prometheus_takes(api: ScriptedVobiz, tmp_path: Path) -> None:
    def busy_day(endpoint: str, query: dict[str, str]) -> Answer:
        status, body = GOOD(endpoint, query)
        document = json.loads(body)
        if endpoint == "analytics":
            document["traffic"]["inbound"]["total_calls"] = 240
        return status, json.dumps(document).encode()

    api.script = busy_day
    promtool = tool("promtool")
    output = tmp_path / "days.om"
    config = write_config(tmp_path, api.url)
    done = exporter("backfill", f"--config.file={config}", "--from=2026-06-30", f"--output={output}")
    assert done.returncode == 0, done.stderr
    last_line = done.stderr.splitlines()[-1]
    assert "15 days by default, and the oldest here is 2026-06-30: raise --storage.tsdb.retention.time" in last_line
    assert "/var/lib/prometheus/metrics2 and its owner is prometheus" in last_line
    text = output.read_text()
    assert text.endswith("# EOF\n")
    line = (
        'vobiz_period_calls{direction="inbound",instance="localhost:10147",job="vobiz",partner="acme",period="today"}'
    )
    # 2026-06-30T23:59:59Z; 1 July is not over and not among the days
    assert [row for row in text.splitlines() if row.startswith(line)] == [f"{line} 240.0 1782863999.0"]
    blocks = tmp_path / "blocks"
    subprocess.run([promtool, "tsdb", "create-blocks-from", "openmetrics", str(output), str(blocks)], check=True)
    assert any(blocks.iterdir())


def test_backfill_of_a_share_without_partners_has_no_days(api: ScriptedVobiz, tmp_path: Path) -> None:
    config, output = write_config(tmp_path, api.url), tmp_path / "days.om"
    text = config.read_text()
    said = []
    for number in (1, 2):
        config.write_text(text.replace("poll: {", f"poll: {{shard: {number}/2, "))
        said.append(exporter("backfill", f"--config.file={config}", "--from=2026-06-30", f"--output={output}").stderr)
    assert sorted(line.partition(" days.")[0] for line in said) == [f"{output}: 0", f"{output}: 1"]


def test_a_backfill_that_fails_writes_the_days_before_and_says_where_to_go_on(
    api: ScriptedVobiz, tmp_path: Path
) -> None:
    asked: list[str | None] = []

    def until_the_second_partners_third_day(endpoint: str, query: dict[str, str]) -> Answer:
        asked.append(query.get("from_date"))
        return (403, b"{}") if asked.count("2026-06-03") == 2 else GOOD(endpoint, query)

    output = tmp_path / "days.om"
    config = write_config(tmp_path, api.url, partners=TWO_PARTNERS)
    command = ("backfill", f"--config.file={config}", "--from=2026-06-01", "--to=2026-06-04", f"--output={output}")
    api.script = until_the_second_partners_third_day
    stopped = exporter(*command)
    assert stopped.returncode == 1
    assert "other, 2026-06-03: the API answered 403" in stopped.stderr
    go_on = f"{output} has the days before 2026-06-03; go on with --from=2026-06-03 and another --output\n"
    assert stopped.stderr.endswith(go_on)
    assert output.read_text().count("vobiz_period_calls{") == 8, "a day is there for all partners or for none"
    assert output.read_text().endswith("# EOF\n")
