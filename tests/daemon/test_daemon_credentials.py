"""Refused credentials that are replaced in their file: the exporter does not wait out the time that a refusal costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.metrics.test_golden_pages import documented_answers
from tests.rig.exporter import Exporter, write_config
from tests.rig.raw_server import HostileServer, Peer, answer, serving
from tests.rig.waiting import wait_for

pytestmark = pytest.mark.process

GOOD = documented_answers("dashboard.json", "analytics-today.json")
OLD, NEW, NEWER = "t0ken-that-was-revoked", "t0ken-that-is-new", "t0ken-that-is-newer"
REPLACED = 'msg="credentials were replaced, polling now"'


@contextmanager
def refused(directory: Path, status: str) -> Iterator[tuple[Exporter, HostileServer]]:
    """A daemon that is to wait for a quarter of an hour, as the API takes NEWER alone; another partner is polled each
    second."""

    def serve(peer: Peer) -> None:
        head = peer.request()
        if NEWER not in head:
            peer.send(answer(b"{}", status=status, headers="Retry-After: 900\r\n"))
            return
        parts = urlsplit(head.split(" ")[1])
        peer.send(answer(GOOD(parts.path.rpartition("/")[2], dict(parse_qsl(parts.query)))[1]))

    (directory / "token").write_text(OLD, encoding="ascii")
    partners = (
        f"- {{name: acme, auth_id: PA_TEST0001, auth_token_file: '{directory / 'token'}'}}\n"
        f"- {{name: other, auth_id: PA_OTHER001, auth_token: {NEWER}}}"
    )
    with serving(serve) as server:
        config = write_config(directory, f"http://{server.authority}/api/v1/partner", partners=partners)
        with Exporter(f"--config.file={config}") as daemon:
            daemon.wait_for_log('msg="vobiz poll failed" partner=acme endpoint=analytics')
            yield daemon, server


def questions(server: HostileServer, auth_id: str = "PA_TEST0001") -> int:
    return sum(auth_id in head for head in tuple(server.heads))


def some_seconds_pass(server: HostileServer) -> bool:
    seen = questions(server, "PA_OTHER001")
    return wait_for(lambda: questions(server, "PA_OTHER001") >= seen + 8)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_token_that_replaces_a_refused_one_is_tried_within_moments(tmp_path: Path, status: str) -> None:
    with refused(tmp_path, status) as (daemon, _):
        (tmp_path / "token").write_text(NEWER, encoding="ascii")
        wait_for(lambda: daemon.value("vobiz_up", partner="acme", endpoint="dashboard") == 1)
        assert sum(REPLACED in line for line in daemon.lines) == 1
        assert NEWER not in "\n".join(daemon.lines)


def test_a_token_that_is_refused_as_well_is_tried_once(tmp_path: Path) -> None:
    with refused(tmp_path, "401 Unauthorized") as (daemon, server):
        (tmp_path / "token").write_text(NEW, encoding="ascii")
        wait_for(lambda: any(f"{NEW}\r" in head for head in tuple(server.heads)))
        assert some_seconds_pass(server)
        assert sum(f"{NEW}\r" in head for head in server.heads) == 1
        assert sum(REPLACED in line for line in daemon.lines) == 1


def test_the_same_token_written_again_is_no_new_one(tmp_path: Path) -> None:
    with refused(tmp_path, "401 Unauthorized") as (_, server):
        (tmp_path / "token").write_text(OLD + "\n", encoding="ascii")
        (tmp_path / "token").touch()
        seen = questions(server)
        assert some_seconds_pass(server)
        assert questions(server) == seen


def test_a_rate_limit_is_waited_out_whatever_the_token(tmp_path: Path) -> None:
    with refused(tmp_path, "429 Too Many Requests") as (_, server):
        (tmp_path / "token").write_text(NEWER, encoding="ascii")
        seen = questions(server)
        assert some_seconds_pass(server)
        assert questions(server) == seen
