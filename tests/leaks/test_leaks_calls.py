"""Call records full of numbers, names and addresses: none of them is on any way out of the daemon."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.poll.customers import TELLTALES, Partner
from tests.rig.exporter import Exporter, write_config
from tests.rig.fetch import fetch
from tests.rig.vobiz import ScriptedVobiz
from tests.rig.waiting import wait_for

pytestmark = pytest.mark.process

PAGES = ("/metrics", "/", "/api/v1/status", "/api/v1/status?days=31", "/-/ready", "/-/healthy")
OPENMETRICS = {"Accept": "application/openmetrics-text;version=1.0.0"}
PERSONAL = re.compile(r"919876500|telltale|203\.0\.113", re.IGNORECASE)
NUMBER, ADDRESS = TELLTALES["caller_id_number"], TELLTALES["sip_call_id"]

IN_FIELDS_THAT_ARE_READ: tuple[dict[str, object], ...] = (
    {"hangup_cause_name": f"Rejected {NUMBER} by {ADDRESS}"},
    {"hangup_cause_name": None, "hangup_cause": f"USER_BUSY {NUMBER}"},
    {"hangup_source": ADDRESS},
    {"call_direction": NUMBER},
    {"account_id": NUMBER},
    {"account_id": ADDRESS, "ring_time": NUMBER, "mos": {"caller": "TELLTALE CALLER"}},
    {"answer_time": "TELLTALE CALLER", "billsec": NUMBER, "hangup_cause_code": NUMBER},
    {"id": NUMBER, "uuid": None},
    {"uuid": ADDRESS},
)


def ways_out(daemon: Exporter) -> dict[str, str]:
    """Every page as it is rendered now, and the log."""
    said = {path: daemon.page(path) for path in PAGES}
    said["/metrics as OpenMetrics"] = fetch(daemon.url, headers=OPENMETRICS).decode()
    return {**said, "the log": daemon.output}


def stored(state: Path) -> dict[str, str]:
    """What the state database holds, as SQLite dumps it and as the bytes on disk."""
    with sqlite3.connect(state) as database:
        rows = "\n".join(repr(row) for row in database.execute("SELECT * FROM state"))
    database.close()
    return {"the dump": rows, **{str(file): file.read_bytes().decode("latin-1") for file in state.parent.iterdir()}}


@pytest.mark.parametrize("style", ["logfmt", "json"])
def test_who_called_whom_comes_out_nowhere(style: str, tmp_path: Path) -> None:
    partner, state = Partner(), tmp_path / "state" / "state.db"
    state.parent.mkdir()
    with ScriptedVobiz(partner.script) as vobiz:
        extra = f"collect: [causes]\ncauses: {{customers: 5}}\nstate: {{path: {state}}}\n"
        config = write_config(tmp_path, vobiz.url, extra=extra)
        with Exporter("run", f"--config.file={config}", "--log.level=debug", f"--log.format={style}") as daemon:
            wait_for(lambda: daemon.value("vobiz_cdrs_unread_total") == 0, "the first reading")
            for number in range(30):
                partner.call(number)
            for number, changes in enumerate(IN_FIELDS_THAT_ARE_READ, 100):
                partner.call(number, **changes)

            def counted() -> float:
                lines = daemon.page().splitlines()
                return sum(float(line.split()[-1]) for line in lines if line.startswith("vobiz_cdr_calls_total{"))

            wait_for(lambda: counted() == partner.booked, "all of them counted")
            assert "User Busy" in daemon.page("/")
            said = ways_out(daemon)
            partner.statuses["cdrs"] = 500
            partner.call(200)
            daemon.wait_for_log("vobiz poll failed")
            said |= {f"{name} after a failure": text for name, text in ways_out(daemon).items()}
            assert daemon.stop() == 0
    said |= {"the last words": daemon.output, **stored(state)}
    assert '"User Busy"' in said["the dump"]
    assert {name: found[0] for name, text in said.items() if (found := PERSONAL.search(text))} == {}


def test_what_is_searched_for_is_found_in_an_answer() -> None:
    partner = Partner()
    partner.call(1)
    _, body = partner.script("cdrs", {"page": "1", "per_page": "100"})
    assert len(set(PERSONAL.findall(body.decode()))) == 4
