"""The commands, proxies, and defects: what they print and write holds neither the token nor a customer."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.leaks.answers import SUCCESS, outcomes
from tests.leaks.telltale import AUTH_ID, PROXY_PASSWORD, TOKEN, body, found_in
from tests.rig.exporter import Exporter
from tests.rig.raw_server import Script, after_request, answer, serving

pytestmark = pytest.mark.process

COMMANDS = {
    "once": ("once",),
    "once, to a file": ("once", "--output=page.prom"),
    "check": ("check",),
    "check --live": ("check", "--live"),
    "backfill": ("backfill", "--from=2026-06-30", "--to=2026-06-30", "--output=backfill.om"),
}
HOSTILE = ("token in labels", "personal data for values", "401", "a login page")

EXPORTER = ("-m", "exporter")
ENVIRON: Mapping[str, str] = {}

DEFECT = """
import sys
from exporter.cli import main
from {module} import __name__ as _
def broken(*args, **kwargs):
    raise RuntimeError({text!r})
sys.modules[{module!r}].{name} = broken
sys.exit(main(sys.argv[1:]))
"""


def write_config(directory: Path, base_url: str) -> None:
    (directory / "token").write_text(TOKEN, encoding="utf-8")
    (directory / "config.yaml").write_text(
        f"partners: [{{name: acme, auth_id: {AUTH_ID}, auth_token_file: token}}]\n"
        f"api: {{base_url: '{base_url}', timeout: 20s, allow_http: true}}\n"
        "state: {path: state.db}\n",
        encoding="utf-8",
    )


def run(
    directory: Path, *arguments: str, program: Sequence[str] = EXPORTER, environ: Mapping[str, str] = ENVIRON
) -> str:
    """What a command printed on either stream and wrote to any file, but for what the test itself wrote."""
    done = subprocess.run(
        [sys.executable, *program, *arguments, "--config.file=config.yaml", "--log.level=debug"],
        cwd=directory,
        env={**os.environ, **environ},
        capture_output=True,
        timeout=60,
        check=False,
    )
    written = [file.read_bytes() for file in directory.iterdir() if file.name not in ("token", "config.yaml")]
    return b"\n".join((done.stdout, done.stderr, *written)).decode(errors="replace")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_a_command_shows_metrics_and_nothing_else(command: tuple[str, ...], tmp_path: Path) -> None:
    with serving(SUCCESS) as server:
        write_config(tmp_path, f"http://{server.authority}")
        said = run(tmp_path, *command)
    assert not found_in(said)
    assert said.strip()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_command_repeats_nothing_of_what_a_hostile_server_says(name: str, tmp_path: Path) -> None:
    with serving(SUCCESS) as elsewhere:
        _, script = outcomes(elsewhere.authority)[name]
        with serving(script) as server:
            write_config(tmp_path, f"http://{server.authority}")
            for command in (("once",), ("check", "--live"), ("backfill", "--from=2026-06-01")):
                said = run(tmp_path, *command)
                assert not found_in(said), command
                assert said
        assert elsewhere.heads == []


def _refuses(status: str) -> Script:
    return after_request(lambda peer: peer.send(answer(body(), status=f"{status} {TOKEN}")))


@pytest.mark.parametrize("base_url", ["http://vobiz.invalid", "https://vobiz.invalid"])
@pytest.mark.parametrize("status", ["407", "502"])
def test_a_proxys_password_is_not_shown(base_url: str, status: str, tmp_path: Path) -> None:
    write_config(tmp_path, base_url)
    with serving(_refuses(status)) as proxy:
        url = f"http://operator:{PROXY_PASSWORD}@{proxy.authority}"
        environ = {"HTTP_PROXY": url, "HTTPS_PROXY": url, "http_proxy": url, "https_proxy": url, "no_proxy": ""}
        said = run(tmp_path, "check", "--live", environ=environ)
        assert proxy.heads
    assert not found_in(said)
    closed = run(tmp_path, "once", environ=environ)
    assert not found_in(closed)
    assert "vobiz poll failed" in closed


BROKEN = (
    "-c",
    DEFECT.format(module="exporter.api.client", name="parse_dashboard", text=f"{TOKEN} {body().decode()}"),
)
"""A program like the exporter, but for a defect whose exception says everything."""


@pytest.mark.parametrize("command", [("once",), ("check", "--live"), ("backfill", "--from=2026-06-01")])
def test_a_defect_ends_a_command_with_its_place_and_without_what_it_says(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    with serving(SUCCESS) as server:
        write_config(tmp_path, f"http://{server.authority}")
        said = run(tmp_path, *command, program=BROKEN)
    assert not found_in(said)
    assert "RuntimeError" in said
    assert "please report" in said


def test_a_defect_in_a_poll_or_a_page_is_logged_without_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    with serving(SUCCESS) as server:
        write_config(tmp_path, f"http://{server.authority}")
        text = (tmp_path / "config.yaml").read_text().replace("state.db", str(tmp_path / "state.db"))
        (tmp_path / "config.yaml").write_text(text.replace("_file: token", f"_file: {tmp_path / 'token'}"))
        program = BROKEN
        arguments = ("run", f"--config.file={tmp_path / 'config.yaml'}", "--log.level=debug")
        with Exporter(*arguments, program=program) as daemon:
            daemon.wait_for_log("defect")
            assert not found_in(daemon.page("/"))
            assert daemon.stop() == 0
    assert not found_in("\n".join(daemon.lines))


def test_what_is_searched_for_is_found_where_it_is() -> None:
    assert len(found_in(body().decode())) >= 5
    for hidden in (TOKEN, quote(TOKEN, safe=""), base64.b64encode(PROXY_PASSWORD.encode()).decode()):
        assert found_in(f"a line with {hidden} in it")
    assert not found_in("vobiz_balance 1003058.82 of the partner acme")
