"""Files that are written: for their owner, whatever the umask of whoever started the exporter."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from exporter.ledger.store import LedgerStore
from tests.leaks.answers import SUCCESS
from tests.leaks.telltale import AUTH_ID, TOKEN, body
from tests.rig.raw_server import Script, answer, in_turn, says, serving

pytestmark = pytest.mark.process

UMASKS = (0o000, 0o077)


def modes(directory: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()}


def run(directory: Path, arguments: Sequence[str], *, umask: int, script: Script = SUCCESS) -> None:
    """A command, in the directory, under a umask."""
    (directory / "state").mkdir(exist_ok=True)
    with serving(script) as server:
        (directory / "config.yaml").write_text(
            f"partners: [{{name: acme, auth_id: {AUTH_ID}, auth_token: '{TOKEN}'}}]\n"
            f"api: {{base_url: 'http://{server.authority}', timeout: 20s}}\nstate: {{path: state/state.db}}\n"
        )
        program = [sys.executable, "-m", "exporter", *arguments, "--config.file=config.yaml"]
        done = subprocess.run(program, cwd=directory, umask=umask, timeout=60, check=False, capture_output=True)
    assert done.returncode in (0, 1), done.stderr


@pytest.mark.parametrize("umask", UMASKS)
def test_the_state_is_for_its_owner_alone(umask: int, tmp_path: Path) -> None:
    run(tmp_path, ["once", "--output=page.prom"], umask=umask)
    assert modes(tmp_path / "state") == {"state.db": 0o600, "state.db-journal": 0o600}
    # node_exporter has another user
    assert modes(tmp_path)["page.prom"] == 0o644
    assert not [name for name in modes(tmp_path) if name.startswith(".page")]


@pytest.mark.parametrize("umask", UMASKS)
def test_a_database_put_aside_is_as_unreadable_to_others_as_before(umask: int, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    state = tmp_path / "state" / "state.db"
    state.write_bytes(b"damaged")
    state.chmod(0o600)
    run(tmp_path, ["once", "--output=page.prom"], umask=umask)
    assert len(modes(tmp_path / "state")) == 3
    assert set(modes(tmp_path / "state").values()) == {0o600}


A_DAY = says(answer(body(period={"from": "2026-06-29", "to": "2026-06-29"})))
BACKFILL = ["backfill", "--output=past.om", "--from=2026-06-29", "--to=2026-06-29"]


@pytest.mark.parametrize("umask", UMASKS)
def test_what_a_backfill_fetched_is_never_writable_by_others(umask: int, tmp_path: Path) -> None:
    run(tmp_path, BACKFILL, umask=umask, script=in_turn(SUCCESS, A_DAY))
    assert modes(tmp_path)["past.om"] == 0o644 & ~umask


def test_a_state_file_is_never_open_to_others_while_it_is_written(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        (tmp_path / "state.db.new").symlink_to(tmp_path / "elsewhere")
        state = LedgerStore(tmp_path / "state.db", configured=[], now=0.0)
        state.save("PA_1", {"ledger": b"{}"}, now=0.0)
        state.close()
    finally:
        os.umask(before)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("arguments", [["once", "--output=page.prom"], BACKFILL])
def test_a_link_in_place_of_the_file_is_replaced_and_not_followed(arguments: list[str], tmp_path: Path) -> None:
    output = tmp_path / arguments[1].partition("=")[2]
    output.symlink_to(tmp_path / "elsewhere")
    run(tmp_path, arguments, umask=0, script=in_turn(SUCCESS, A_DAY))
    assert output.is_file()
    assert not output.is_symlink()
    assert not (tmp_path / "elsewhere").exists()
