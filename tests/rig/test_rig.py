"""The rig itself, where a fault of it would look like one of the exporter."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.rig.counting import backward, shown_counters
from tests.rig.exporter import Exporter
from tests.rig.fetch import fetch
from tests.rig.process import Process, ProcessError, free_port, marked, module, processes
from tests.rig.raw_server import HostileServer, Peer, answer, serving
from tests.rig.vobiz import AnyAnswer, ScriptedVobiz
from tests.rig.waiting import WaitedTooLongError, wait_for


def test_a_condition_that_does_not_come_true_is_named() -> None:
    with pytest.raises(WaitedTooLongError, match="not within 0 s: a train"):
        wait_for(lambda: False, "a train", patience=0)


def test_an_error_of_the_connection_counts_as_not_yet() -> None:
    assert wait_for(Mock(side_effect=[ConnectionRefusedError(), None, "here"])) == "here"


def test_a_counter_that_went_back_or_vanished_is_found() -> None:
    before = shown_counters('vobiz_calls_total{direction="inbound"} 7\nvobiz_cost_total{currency="INR"} 6.5\n')
    calls, cost = before
    assert backward(before, before) == backward({}, before) == []
    assert backward(before, {calls: before[calls] - 1, cost: before[cost]}) == [calls]
    assert backward(before, {}) == [calls, cost]


def test_a_server_may_be_closed_twice() -> None:
    server = HostileServer(lambda peer: None)
    server.close()
    server.close()


def test_closing_ends_a_connection_that_was_accepted_at_that_moment() -> None:
    for _ in range(50):
        with serving(lambda peer: peer.hang()) as server:
            client = socket.create_connection(("127.0.0.1", server.port))
        client.close()


def test_an_answer_that_is_cut_short_is_an_error_of_the_connection() -> None:
    def halves(peer: Peer) -> None:
        peer.request()
        peer.send(answer(b"half")[:-2])

    with serving(halves) as server, pytest.raises(ConnectionError):
        fetch(f"http://127.0.0.1:{server.port}/", timeout=5)


def test_a_scripted_vobiz_answers_by_status_by_bytes_or_by_an_act() -> None:
    def resets(peer: Peer) -> bool:
        peer.reset()
        return False

    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nraw"
    answers: dict[str, AnyAnswer] = {"dashboard": (200, b"{}"), "me": raw, "analytics": resets}
    with ScriptedVobiz(lambda endpoint, query: answers[endpoint]) as vobiz:
        assert fetch(f"{vobiz.url}/dashboard", headers={"X-Auth-Token": "t"}) == b"{}"
        assert fetch(f"{vobiz.url}/me?page=2") == b"raw"
        with pytest.raises(OSError, match="reset"):
            fetch(f"{vobiz.url}/analytics")
    assert vobiz.asked == [("dashboard", {}), ("me", {"page": "2"}), ("analytics", {})]
    assert vobiz.tokens == ["t", "", ""]


def test_a_test_without_the_mark_cannot_start_a_process() -> None:
    with pytest.raises(AssertionError, match=r"starts .*true: mark it with pytest\.mark\.process"):
        subprocess.run(["true"], check=True)


@pytest.mark.process
def test_a_process_that_ends_early_is_reported_with_its_last_words() -> None:
    exporter = Exporter("run", "--config.file=/nowhere.yaml")
    with exporter, pytest.raises(ProcessError, match=r"exporter ended with code 1, waiting for its start; .*nowhere"):
        assert exporter.url


@pytest.mark.process
def test_a_process_that_ends_early_is_not_waited_for_while_its_page_refuses_connections() -> None:
    process = Process(module("platform"))
    with process, pytest.raises(ProcessError, match="ended with code 0, waiting for http"):
        process.wait_for_page(f"http://127.0.0.1:{free_port()}/")


@pytest.mark.process
def test_a_process_may_be_started_again_and_keeps_the_output_of_all_lives(tmp_path: Path) -> None:
    with Process(module("platform"), log=tmp_path / "log") as process:
        assert process.wait() == 0
        process.start()
        assert process.wait() == 0
        first, second = process.lines
    assert first == second
    assert (tmp_path / "log").read_text(encoding="utf-8").splitlines() == [first, second]


@pytest.mark.process
def test_what_a_process_leaves_behind_is_seen_by_its_mark(tmp_path: Path) -> None:
    with marked("http.server", "0", mark=tmp_path) as server:
        wait_for(lambda: processes(tmp_path) == 1, "one marked process")
        server.stop(signal.SIGKILL)
    assert processes(tmp_path) == 0
