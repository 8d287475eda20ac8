"""Signals and reloads that come at the worst moment: during the start, and while it ends."""

from __future__ import annotations

import signal
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from exporter.ledger.store import LedgerStore
from tests.metrics.test_golden_pages import documented_answers
from tests.rig.exporter import Exporter, write_config
from tests.rig.vobiz import ScriptedVobiz
from tests.rig.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.process

SIGNALLED = """
import os, signal, sys

_, wanted, of, number, *sys.argv[1:] = sys.argv
sent = False

def send(event, arguments):
    global sent
    if not sent and event == wanted and of in str(arguments[0]):
        sent = True
        os.kill(os.getpid(), int(number))

sys.addaudithook(send)
from exporter.cli import main
sys.exit(main())
"""
"""The exporter, which sends itself a signal at the first event of this name (of Python's audit events) and object."""


@pytest.fixture
def api() -> Iterator[ScriptedVobiz]:
    with ScriptedVobiz(documented_answers("dashboard.json", "analytics-today.json")) as api:
        yield api


@pytest.mark.parametrize(("command", "number"), [("run", signal.SIGTERM), ("demo", signal.SIGINT)], ids=["run", "demo"])
@pytest.mark.parametrize(
    ("event", "of"),
    [
        ("import", "exporter.config.load"),
        ("import", "requests"),
        ("import", "exporter.daemon.daemon"),
        ("open", "config.yaml"),
        ("open", "state.db.new"),
        ("socket.connect", "socket"),
    ],
)
def test_a_stop_at_any_step_of_the_start_is_clean(
    event: str, of: str, command: str, number: int, tmp_path: Path
) -> None:
    state = tmp_path / "state.db"
    config = write_config(tmp_path, "http://127.0.0.1:9", extra=f"state: {{path: {state}}}\n")
    program = ("-c", SIGNALLED, event, of, str(int(number)), command)
    with Exporter(f"--config.file={config}", program=program) as daemon:
        assert daemon.wait() == 0
    assert "msg=stopped" in daemon.lines[-1]
    assert not [line for line in daemon.lines if "Traceback" in line or "defect" in line]
    assert {path.name for path in tmp_path.iterdir()} <= {"config.yaml", "state.db", "state.db-journal"}
    LedgerStore(state, configured=[], now=0.0).close()


def test_a_reload_that_meets_the_end_does_no_harm(api: ScriptedVobiz, tmp_path: Path) -> None:
    partners = "\n".join(f"- {{name: p{n}, auth_id: PA_TEST{n:04}, auth_token: t0ken}}" for n in range(60))
    config = write_config(tmp_path, api.url, partners=partners)
    with Exporter(f"--config.file={config}", "--web.enable-lifecycle") as daemon:
        url = daemon.url.replace("/metrics", "/-/reload")

        def reload_again_and_again() -> None:
            with suppress(OSError):
                while True:
                    urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=PATIENCE).close()

        callers = [threading.Thread(target=reload_again_and_again) for _ in range(3)]
        for caller in callers:
            caller.start()
        wait_for(lambda: sum("msg=reloaded" in line for line in daemon.lines) >= 5)
        assert daemon.stop(signal.SIGTERM) == 0
        for caller in callers:
            caller.join()
    assert [line for line in daemon.lines if "level=error" in line] == []
