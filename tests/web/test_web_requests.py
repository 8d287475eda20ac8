"""What is served and what is refused, request by request, over real sockets."""

from __future__ import annotations

import logging
import re
from functools import partial
from pathlib import Path

import pytest

from exporter.web.http import Request, Response, application, plain
from tests.rig.raw_client import call, fetch, get
from tests.rig.waiting import wait_for

from .conftest import Serve, WriteConfig, echo


def test_a_request_gets_the_page_with_its_length_and_a_date(serve: Serve) -> None:
    answer = fetch(serve().url, "/?name%5B%5D=up")
    assert (answer.status, answer.body) == (200, b"GET name%5B%5D=up\n")
    assert answer.headers["content-length"] == str(len(answer.body))
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", answer.headers["date"])


def test_head_gets_the_same_headers_and_no_body(serve: Serve) -> None:
    with call(serve().url) as line:
        head = line.send(get(method="HEAD")).answer(to_head=True)
        assert head.headers["content-length"] == "6"
        assert line.send(get()).answer().body == b"GET \n"


def test_many_requests_use_one_connection(serve: Serve) -> None:
    with call(serve().url) as line:
        for number in range(5):
            assert line.send(get(f"/?{number}")).answer().body == f"GET {number}\n".encode()


def test_requests_sent_ahead_are_answered_in_their_order(serve: Serve) -> None:
    with call(serve().url) as line:
        line.send(get("/?1") + get("/?2", method="HEAD") + get("/?3"))
        assert [line.answer(to_head=number == 1).status for number in range(2)] == [200, 200]
        assert line.answer().body == b"GET 3\n"


def test_a_request_may_arrive_byte_by_byte(serve: Serve) -> None:
    with call(serve().url) as line:
        for byte in get("/?slowly"):
            line.send(bytes([byte]))
        assert line.answer().body == b"GET slowly\n"


LAST = {
    "a body": get("/", "Content-Length: 5") + b"abcde",
    "a large body": get("/", "Content-Length: 60000", method="POST") + b"GET / HTTP" * 6000,
    "a body that is announced": get("/", "Content-Length: 5", "Expect: 100-continue", method="POST"),
    "a body of no bytes": get("/", "Content-Length: 0"),
    "another method": get("/", method="POST"),
    "a wish to end": get("/", "Connection: foo, Close"),
    "HTTP/1.0": b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
}


@pytest.mark.parametrize("data", LAST.values(), ids=LAST.keys())
def test_a_request_after_which_two_readers_might_disagree_is_the_last(serve: Serve, data: bytes) -> None:
    with call(serve().url) as line:
        answer = line.send(data + get("/?smuggled")).answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert line.is_at_its_end()


def test_a_target_with_scheme_and_host_is_understood(serve: Serve) -> None:
    with call(serve().url) as line:
        assert line.send(get("http://example.org/?a")).answer().body == b"GET a\n"
        assert line.send(get("http://example.org")).answer().body == b"GET \n"


@pytest.mark.parametrize(
    "path",
    ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//", "/..%2f..%2fetc%2fpasswd", "/./", "/metrics/../"],
)
def test_a_path_that_climbs_names_no_page(serve: Serve, path: str) -> None:
    answer = fetch(serve().url, path)
    assert (answer.status, answer.body) == (404, b"404 Not Found\n")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "OPTIONS", "PATCH", "BREW", "get"])
def test_other_methods_are_for_the_app_to_refuse(serve: Serve, method: str) -> None:
    answer = fetch(serve().url, "/", method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("path", ["/%00", "/%0d%0aSet-Cookie:%20a=b", "/%zz", "/%4", "/%ff%fe", "/%c0%ae%c0%ae/"])
def test_an_escape_that_makes_no_sense_names_no_page(serve: Serve, path: str) -> None:
    answer = fetch(serve().url, path)
    assert (answer.status, "set-cookie" in answer.headers) == (404, False)


def test_a_later_version_of_http_1_is_answered_as_the_one_that_is_spoken(serve: Serve) -> None:
    with call(serve().url) as line:
        assert line.send(b"GET / HTTP/1.2\r\nHost: a\r\n\r\n").answer().status == 200


REFUSED = {
    "a tunnel": get("example.org:443", method="CONNECT"),
    "HTTP/0.9": b"GET /\r\n",
    "the HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version with three parts": b"GET / HTTP/1.1.1\r\nHost: a\r\n\r\n",
    "two spaces": b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "a tab in the request line": b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/2.0 with a host": b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    "a query without a path": get("?a"),
    "a target without a slash": get("metrics"),
    "a target of every page": get("*"),
    "a fragment": get("/#top"),
    "raw bytes in the target": "GET /é HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": get("/", "Host: b"),
    "a host with a path": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "a header without a colon": get("/", "NoColon"),
    "a space before the colon": get("/", "Content-Length : 3"),
    "a header without a name": get("/", ": value"),
    "a folded header": get("/", "A: b", " c"),
    "a null character in a header": get("/", "A: b\0c"),
    "a lone carriage return in a header": get("/", "A: b\rSet-Cookie: c"),
    "line feeds alone": b"GET / HTTP/1.1\nHost: a\n\n",
    "one line feed alone": b"GET / HTTP/1.1\r\nHost: a\nA: b\r\n\r\n",
    "a line feed alone at the end": b"GET / HTTP/1.1\r\nHost: a\r\n\n",
    "bytes of another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a length and chunks": get("/", "Content-Length: 3", "Transfer-Encoding: chunked", method="POST"),
    "chunks and a length": get("/", "Transfer-Encoding: chunked", "Content-Length: 3", method="POST"),
    "two lengths": get("/", "Content-Length: 3", "Content-Length: 4", method="POST"),
    "the same length twice": get("/", "Content-Length: 3", "Content-Length: 3", method="POST"),
    "two lengths in one": get("/", "Content-Length: 3, 3", method="POST"),
    "a length with a sign": get("/", "Content-Length: +3", method="POST"),
    "a negative length": get("/", "Content-Length: -1", method="POST"),
    "a length in hexadecimal": get("/", "Content-Length: 0x3", method="POST"),
    "an empty length": get("/", "Content-Length:", method="POST"),
    "a length in other digits": get("/", "Content-Length: ²", method="POST"),
    "chunks": get("/", "Transfer-Encoding: chunked", method="POST"),
    "chunks, disguised": get("/", "Transfer-Encoding : chunked", method="POST"),
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "chunks, twice": get("/", "Transfer-Encoding: chunked", "Transfer-Encoding: x", method="POST"),
    "a long request line": get("/" + "a" * 65_536),
    "a long request line that goes on": b"GET /" + b"a" * 65_536,
    "10 MB of query string": get("/?" + "a" * 10_000_000),
    "headers too large": get("/", "A: " + "b" * 32_768),
    "headers too large that go on": get("/")[:-2] + b"A: " + b"b" * 32_768,
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_a_request_is_refused_and_the_connection_ended(serve: Serve, data: bytes) -> None:
    with call(serve().url) as line:
        answer = line.send(data).answer()
        assert (answer.status, answer.headers["connection"]) == (400, "close")
        assert answer.body == b"400 Bad Request\n"
        assert line.is_at_its_end()


def test_what_follows_a_refused_request_is_not_taken_for_another_one(serve: Serve) -> None:
    smuggled = (
        get("/", "Content-Length: 5", "Transfer-Encoding: chunked", method="POST") + b"0\r\n\r\n" + get("/?smuggled")
    )
    with call(serve().url) as line:
        assert line.send(smuggled).answer().status == 400
        assert line.is_at_its_end()


def test_a_refusal_after_a_head_request_has_its_body(serve: Serve) -> None:
    with call(serve().url) as line:
        line.send(get(method="HEAD")).answer(to_head=True)
        assert line.send(b"GET /\r\n").answer().body == b"400 Bad Request\n"


def test_a_failing_page_is_an_error_without_its_reason_and_its_connection_goes_on(
    serve: Serve, write_config: WriteConfig, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: Request) -> Response:
        return plain(200, ("X-Size", str(Path("/there/is/none").stat().st_size)))

    web = write_config("http_server_config: {headers: {X-Frame-Options: deny}}\n")
    app = application({"/": echo, "/fails": fails})
    with caplog.at_level(logging.ERROR), call(serve(app, web_config_file=web).url) as line:
        failed = line.send(get("/fails")).answer()
        assert (failed.status, failed.body) == (500, b"500 Internal Server Error\n")
        assert failed.headers["x-frame-options"] == "deny"
        assert line.send(get()).answer().status == 200
    assert [record.getMessage() for record in caplog.records] == ["a request could not be answered"]


def test_a_page_that_goes_on_failing_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: Request) -> Response:
        raise RuntimeError("the secret reason")

    moments = [0, 30, 59, 61, 100, 122]
    app = application({"/": fails}, elapsed=partial(next, iter(moments)))
    with caplog.at_level(logging.ERROR):
        for _ in moments:
            assert app(Request(method="GET", path="/", query="", headers={})).status == 500
    assert len(caplog.records) == 3


def test_a_connection_that_a_defect_ends_is_logged_once_and_the_server_goes_on(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def defect(request: Request) -> Response:
        if request.query:
            raise RuntimeError("the secret reason")
        return echo(request)

    url = serve(defect).url
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            with call(url) as line:
                line.send(get("/?1"))
                assert line.is_at_its_end()
        assert fetch(url).status == 200
    assert [record.getMessage() for record in caplog.records] == ["a connection could not be served"]


def test_a_client_that_is_lost_within_a_request_leaves_no_line_on_stderr(
    serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    server = serve()
    with call(server.url) as line:
        wait_for(lambda: bool(server.connections))
        for connection in server.connections:
            connection.sock.settimeout(0.01)  # as a system does that gives up on a peer, with TimeoutError
        line.send(b"GET / HTTP/1.1\r\n")
        assert line.is_at_its_end()
    assert capfd.readouterr() == ("", "")


def test_a_page_of_many_large_chunks_arrives_whole(serve: Serve) -> None:
    chunks = tuple(bytes([number % 256]) * 40_000 for number in range(300))
    answer = fetch(serve(lambda _: Response(body=chunks)).url)
    assert answer.body == b"".join(chunks)
