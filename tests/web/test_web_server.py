"""Starting, listening and closing."""

from __future__ import annotations

import _thread
import socket
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from exporter.web.http import Request, Response, WebServerError
from exporter.web.server import WebServer, parse_listen_address
from tests.rig.process import free_port
from tests.rig.raw_client import Line, call, fetch, get
from tests.rig.waiting import PATIENCE, wait_for

from .conftest import Serve, echo


def threads() -> set[str]:
    """Those of this process, as the kernel sees them."""
    return {entry.name for entry in Path("/proc/self/task").iterdir()}


def port_of(url: str) -> int:
    return int(urllib.parse.urlsplit(url).port or 0)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [(":10147", "", 10147), ("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:9000", "::1", 9000), ("a.b-c:1", "a.b-c", 1)],
)
def test_listen_addresses_are_read_as_prometheus_writes_them(text: str, host: str, port: int) -> None:
    assert parse_listen_address(text) == (host, port)


@pytest.mark.parametrize(
    "text",
    ["", "9000", "::1:9000", "localhost", "a:65536", "a:http", "[::1]", "http://a:1", "a:-1", "a b:1", "\u00e9:1"],
)
def test_what_is_not_an_address_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(WebServerError, match=r"^--web\.listen-address: '.*' is not an address; write HOST:PORT"):
        parse_listen_address(text)


def test_the_url_has_the_port_that_the_system_chose(serve: Serve) -> None:
    server = serve()
    assert server.url == f"http://127.0.0.1:{port_of(server.url)}"
    assert port_of(server.url) > 0


def test_it_listens_on_every_address_that_it_is_given(serve: Serve) -> None:
    addresses = tuple(f"{host}:{free_port()}" for host in ("127.0.0.1", "localhost", "[::1]"))
    server = serve(listen=addresses)
    assert server.url == f"http://{addresses[0]}"
    assert [fetch(f"http://{address}").status for address in addresses] == [200, 200, 200]


def test_without_a_host_it_listens_on_both_families(serve: Serve) -> None:
    port = port_of(serve(listen=(":0",)).url)
    assert fetch(f"http://127.0.0.1:{port}").status == 200
    assert fetch(f"http://[::1]:{port}").status == 200


def test_a_port_in_use_is_reported_and_the_other_addresses_are_freed(serve: Serve) -> None:
    taken = port_of(serve().url)
    free = free_port()
    with pytest.raises(
        WebServerError, match=rf"'127\.0\.0\.1:{taken}': Address already in use .*; choose another address or port"
    ):
        serve(listen=(f"127.0.0.1:{free}", f"127.0.0.1:{taken}"))
    assert port_of(serve(listen=(f"127.0.0.1:{free}",)).url) == free


def test_a_host_without_an_address_is_reported(serve: Serve) -> None:
    with pytest.raises(WebServerError, match=r"'host\.invalid:0': .*not known.*; choose another "):
        serve(listen=("host.invalid:0",))


def test_an_address_of_another_machine_is_reported(serve: Serve) -> None:
    with pytest.raises(WebServerError, match=r"'192\.0\.2\.1:0': .*address.*; choose another address or port"):
        serve(listen=("192.0.2.1:0",))


def test_closing_frees_the_port_and_ends_threads_and_connections() -> None:
    before = threads()
    server = WebServer(echo, listen_addresses=["127.0.0.1:0"])
    with call(server.url) as idle, call(server.url) as unfinished:
        idle.send(get()).answer()
        unfinished.send(b"GET /")
        server.close()
        assert idle.is_at_its_end()
        assert unfinished.is_at_its_end()
    server.close()
    wait_for(lambda: threads() <= before)
    with socket.create_server(("127.0.0.1", port_of(server.url))):
        pass


def test_closing_right_after_the_start_leaves_nothing(serve: Serve) -> None:
    before = threads()
    for _ in range(20):
        serve(listen=("127.0.0.1:0",) * 5).close()
    wait_for(lambda: threads() <= before)


@dataclass
class Closing:
    """A server that closes while it works on one answer, which `finish` lets it end."""

    server: WebServer
    line: Line
    thread: threading.Thread
    finish: Callable[[], None]


@contextmanager
def closing_during_an_answer(serve: Serve) -> Iterator[Closing]:
    asked, go_on = threading.Event(), threading.Event()

    def slow(_: Request) -> Response:
        asked.set()
        assert go_on.wait(PATIENCE)
        return Response(body=b"whole")

    server = serve(slow, seconds={"close": PATIENCE})
    thread = threading.Thread(target=server.close)
    with call(server.url) as line:
        line.send(get())
        assert asked.wait(PATIENCE)
        thread.start()
        wait_for(lambda: refuses_connections(server.url))
        yield Closing(server, line, thread, go_on.set)
    thread.join()


def test_an_answer_under_way_is_finished_before_the_end(serve: Serve) -> None:
    with closing_during_an_answer(serve) as closing:
        closing.finish()
        answer = closing.line.answer()
        assert (answer.body, answer.headers["connection"]) == (b"whole", "close")


def refuses_connections(url: str) -> bool:
    try:
        with call(url):
            return False
    except ConnectionError:
        return True


def test_a_second_call_does_not_wait_for_what_the_first_one_waits_for(serve: Serve) -> None:
    with closing_during_an_answer(serve) as closing:
        closing.server.close()
        assert closing.thread.is_alive()
        closing.finish()


def test_a_client_that_ends_its_side_early_still_gets_its_answer(serve: Serve) -> None:
    with call(serve().url) as line:
        line.send(get("/", "Connection: close"))
        line.sock.shutdown(socket.SHUT_WR)
        assert line.answer().status == 200


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), MemoryError(), KeyError()])
def test_whatever_goes_wrong_while_a_connection_is_taken_in_the_next_one_is_served(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise error

    url = serve().url
    with monkeypatch.context() as without_threads:
        without_threads.setattr(_thread, "start_new_thread", refuse)
        with call(url) as line:
            assert line.is_at_its_end()
    assert fetch(url).status == 200


def test_a_client_that_resets_the_connection_is_no_matter(serve: Serve) -> None:
    server = serve()
    for data in (b"", b"GET /", get()):
        line: Line
        with call(server.url) as line:
            line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            line.send(data)
    assert fetch(server.url).status == 200
