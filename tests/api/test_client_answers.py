"""What is asked, and what each answer that arrives in order comes to."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exporter import __version__
from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError, Malformed, Outcome, RateLimited, Refusal
from exporter.api.reports import parse_dashboard
from exporter.config.sources import FileSecret
from tests.api.client_kit import (
    AUTH_ID,
    BODY,
    TOKEN,
    Observed,
    Source,
    body_of,
    client_of,
    failure_of,
    plain_environment,
)
from tests.rig.raw_server import Peer, Script, after_request, always, answer, in_turn, says, serving

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_environment(monkeypatch, tmp_path)


def ending_of(script: Script, **settings: Any) -> tuple[ApiError, list[Outcome]]:
    observed = Observed()
    with serving(script) as server, client_of(server.authority, observe=observed, **settings) as client:
        return failure_of(lambda: body_of(client)), observed.outcomes


def test_the_dashboard_is_asked_for_with_the_credentials_and_nothing_more() -> None:
    with serving(always(answer(BODY))) as server, client_of(server.authority) as client:
        assert body_of(client) == BODY
    request, *headers = server.heads[0].split("\r\n")
    assert request == "GET /api/v1/partner/dashboard HTTP/1.1"
    assert sorted(header for header in headers if header) == [
        "Accept-Encoding: gzip",
        "Accept: application/json",
        f"Host: {server.authority}",
        f"User-Agent: vobiz-exporter/{__version__} (+https://github.com/vobiz-exporter/vobiz-exporter)",
        f"X-Auth-ID: {AUTH_ID}",
        f"X-Auth-Token: {TOKEN}",
    ]


def test_analytics_are_asked_for_by_their_first_and_last_day() -> None:
    with serving(always(answer(BODY))) as server, client_of(server.authority) as client:
        value = client.analytics(len, first=date(2026, 1, 1), last=date(2026, 3, 31))
    assert value == len(BODY)
    assert server.heads[0].startswith(
        "GET /api/v1/partner/analytics?from_date=2026-01-01&to_date=2026-03-31 HTTP/1.1\r\n"
    )


def test_all_it_can_be_asked_for_is_a_get_of_one_of_four_paths() -> None:
    asked: dict[str, Callable[[PartnerClient], int]] = {
        "dashboard": lambda client: client.dashboard(len),
        "analytics": lambda client: client.analytics(len, first=None, last=None),
        "me": lambda client: client.me(len),
        "accounts": lambda client: client.accounts(len, page=2, per_page=100),
    }
    public = {name for name in vars(PartnerClient) if not name.startswith("_")}
    assert public == {*asked, "credentials_renewed", "cancel", "close"}
    with serving(always(answer(BODY))) as server, client_of(server.authority) as client:
        for ask in asked.values():
            ask(client)
    assert [head.split("\r\n")[0] for head in server.heads] == [
        "GET /api/v1/partner/dashboard HTTP/1.1",
        "GET /api/v1/partner/analytics HTTP/1.1",
        "GET /api/v1/partner/me HTTP/1.1",
        "GET /api/v1/partner/accounts?page=2&per_page=100 HTTP/1.1",
    ]


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_a_packed_body_is_unpacked(encoding: str) -> None:
    packed = answer(gzip.compress(BODY), headers=f"Content-Encoding: {encoding}\r\n")
    with serving(always(packed)) as server, client_of(server.authority) as client:
        assert body_of(client) == BODY


def test_a_byte_order_mark_in_front_of_the_object_does_no_harm() -> None:
    marked = b"\xef\xbb\xbf" + BODY
    with serving(always(answer(marked))) as server, client_of(server.authority) as client:
        assert body_of(client) == marked


def test_a_body_in_chunks_is_put_together() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + BODY[:5] + b"\r\n"
    chunked += b"%x;extension\r\n" % len(BODY[5:]) + BODY[5:] + b"\r\n0\r\nTrailer: 1\r\n\r\n"
    with serving(always(chunked)) as server, client_of(server.authority) as client:
        assert [body_of(client), body_of(client)] == [BODY, BODY]


def test_a_body_that_ends_with_its_connection_is_read_to_the_end() -> None:
    with serving(says(b"HTTP/1.0 200 OK\r\n\r\n" + BODY)) as server, client_of(server.authority) as client:
        assert body_of(client) == BODY


def test_an_interim_answer_is_waited_out() -> None:
    late = b"HTTP/1.1 100 Continue\r\n\r\n" + answer(BODY)
    with serving(says(late)) as server, client_of(server.authority) as client:
        assert body_of(client) == BODY


def test_a_request_is_observed_once_with_the_seconds_until_its_body() -> None:
    observed, ticks = Observed(), iter(range(1000))

    def decode(body: bytes) -> int:
        for _ in range(100):
            next(ticks)
        return len(body)

    with (
        serving(always(answer(BODY))) as server,
        client_of(server.authority, observe=observed, timeout=500.0, monotonic=lambda: float(next(ticks))) as client,
    ):
        client.dashboard(decode)
    [(endpoint, outcome, seconds)] = observed.requests
    assert (endpoint, outcome) == ("dashboard", Outcome.SUCCESS)
    assert 0 < seconds < 100


def test_a_body_that_cannot_be_decoded_is_observed_as_malformed() -> None:
    def decode(_body: bytes) -> object:
        raise Malformed("the body is not JSON")

    observed = Observed()
    with serving(always(answer(BODY))) as server, client_of(server.authority, observe=observed) as client:
        failure = failure_of(lambda: client.analytics(decode, first=date(2026, 1, 1), last=date(2026, 1, 1)))
    assert failure.reason == "the body is not JSON"
    assert [(endpoint, outcome) for endpoint, outcome, _ in observed.requests] == [("analytics", Outcome.MALFORMED)]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("301 Moved", Outcome.REDIRECT),
        ("302 Found", Outcome.REDIRECT),
        ("304 Not Modified", Outcome.REDIRECT),
        ("308 Permanent", Outcome.REDIRECT),
        ("400 Bad Request", Outcome.CLIENT_ERROR),
        ("401 Unauthorized", Outcome.UNAUTHORIZED),
        ("403 Forbidden", Outcome.FORBIDDEN),
        ("404 Not Found", Outcome.NOT_FOUND),
        ("407 Proxy", Outcome.CONNECTION),
        ("422 Unprocessable", Outcome.CLIENT_ERROR),
        ("429 Slow Down", Outcome.RATE_LIMITED),
        ("499 Whatever", Outcome.CLIENT_ERROR),
        ("500 Oops", Outcome.SERVER_ERROR),
        ("503 Busy", Outcome.SERVER_ERROR),
        ("101 Switching Protocols", Outcome.SERVER_ERROR),
        ("103 Early Hints", Outcome.SERVER_ERROR),
        ("600 Odd", Outcome.SERVER_ERROR),
        ("999 Odd", Outcome.SERVER_ERROR),
        ("204 No Content", Outcome.MALFORMED),
    ],
)
def test_each_status_has_its_outcome(status: str, outcome: Outcome) -> None:
    location = f"Location: http://elsewhere.example/?{TOKEN}\r\n"
    failure, observed = ending_of(always(answer(b"", status=status, headers=location)))
    assert [failure.outcome] == observed == [outcome]
    assert "\n" not in str(failure)


def test_a_redirect_is_not_followed() -> None:
    with serving(always(answer(BODY))) as elsewhere:
        moved = answer(b"", status="302 Found", headers=f"Location: http://{elsewhere.authority}/\r\n")
        failure, _ = ending_of(always(moved))
        assert failure.reason == "the API answered 302 Found"
        assert elsewhere.heads == []


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "429 Too Many Requests"])
def test_a_refusal_tells_how_long_to_wait(status: str) -> None:
    failure, _ = ending_of(always(answer(b"", status=status, headers="Retry-After: 77\r\n")))
    assert isinstance(failure, Refusal)
    assert failure.retry_after == 77


def test_a_reset_at_a_moment_is_counted_from_the_clock_of_this_machine() -> None:
    limited = answer(b"", status="429 Too Many Requests", headers="X-RateLimit-Reset: 1700000060\r\n")
    failure, _ = ending_of(always(limited), wall=lambda: 1_700_000_000.0)
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == 60


DAMAGED = gzip.compress(BODY)[:12] + b"\x00" * 20


@pytest.mark.parametrize(
    "data",
    [
        answer(b""),
        answer(b"  \r\n"),
        answer(b"<html>log in</html>"),
        answer(b"[1, 2]"),
        answer(b'"text"'),
        answer(BODY, headers="Content-Encoding: gzip\r\n"),
        answer(DAMAGED, headers="Content-Encoding: gzip\r\n"),
        answer(gzip.compress(b"")[:10], headers="Content-Encoding: gzip\r\n"),
        answer(zlib.compress(BODY), headers="Content-Encoding: deflate\r\n"),
        answer(gzip.compress(gzip.compress(BODY)), headers="Content-Encoding: gzip, gzip\r\n"),
    ],
    ids=[
        "empty", "blank", "HTML", "array", "string", "not gzip", "damaged gzip", "gzip cut short",
        "deflate", "packed twice",
    ],
)  # fmt: skip
def test_a_body_that_is_no_object_is_malformed(data: bytes) -> None:
    failure, observed = ending_of(always(data))
    assert [failure.outcome] == observed == [Outcome.MALFORMED]


def test_a_byte_order_mark_before_the_object_is_no_harm() -> None:
    with serving(always(answer(b"\xef\xbb\xbf" + BODY))) as server, client_of(server.authority) as client:
        assert parse_dashboard(body_of(client)) == parse_dashboard(BODY)


def test_a_rotated_pair_is_used_at_once_when_the_old_one_is_refused() -> None:
    observed = Observed()
    refusal = answer(b"", status="401 Unauthorized")
    with (
        serving(in_turn(says(refusal), always(answer(BODY)))) as server,
        client_of(
            server.authority,
            observe=observed,
            auth_id=Source("PA_OLD", "PA_NEW"),
            auth_token=Source("old-token", "new-token"),
        ) as client,
    ):
        assert body_of(client) == BODY
    assert observed.outcomes == [Outcome.UNAUTHORIZED, Outcome.SUCCESS]
    assert ["PA_NEW" in head and "new-token" in head for head in server.heads] == [False, True]


def test_a_new_token_that_is_refused_too_is_not_tried_again() -> None:
    observed = Observed()
    with (
        serving(always(answer(b"", status="401 Unauthorized"))) as server,
        client_of(server.authority, observe=observed, auth_token=Source("old", "new", "newer")) as client,
    ):
        assert failure_of(lambda: body_of(client)).outcome is Outcome.UNAUTHORIZED
    assert observed.outcomes == [Outcome.UNAUTHORIZED, Outcome.UNAUTHORIZED]


def test_a_token_that_is_the_same_as_before_is_not_tried_again() -> None:
    _, observed = ending_of(always(answer(b"", status="401 Unauthorized")))
    assert observed == [Outcome.UNAUTHORIZED]


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_credentials_are_renewed_once_others_are_there_than_were_refused(tmp_path: Path, status: str) -> None:
    def takes_the_third(peer: Peer) -> None:
        good = "third-token" in peer.request()
        peer.send(answer(BODY) if good else answer(b"", status=status))

    file = tmp_path / "token"
    file.write_text("first-token", encoding="ascii")
    token = FileSecret(file)
    with serving(takes_the_third) as server, client_of(server.authority, auth_token=token) as client:
        seen = [client.credentials_renewed]
        for text in ("first-token", "second-token", "third-token"):
            file.write_text(text, encoding="ascii")
            seen.append(client.credentials_renewed)
            if text == "third-token":
                body_of(client)
            else:
                failure_of(lambda: body_of(client))
            seen.append(client.credentials_renewed)
    assert seen == [False, False, False, True, False, True, False]


def test_a_token_that_changes_between_two_polls_needs_no_refusal() -> None:
    token = Source("old-token", "new-token")
    with serving(always(answer(BODY))) as server, client_of(server.authority, auth_token=token) as client:
        body_of(client)
        token.refresh()
        body_of(client)
    assert ["old-token" in head for head in server.heads] == [True, False]
    assert ["new-token" in head for head in server.heads] == [False, True]


@pytest.mark.parametrize("token", ["two\r\nX-Other: lines", "naïve", " padded", "tab\there"])
def test_a_token_that_no_header_can_hold_is_refused_before_anything_is_sent(token: str) -> None:
    with (
        serving(after_request(lambda peer: None)) as server,
        client_of(server.authority, auth_token=Source(token)) as client,
    ):
        failure = failure_of(lambda: body_of(client))
    assert failure.outcome is Outcome.UNAUTHORIZED
    assert server.heads == []
    assert token.strip() not in str(failure)


def test_a_client_shows_no_more_than_the_host_that_it_asks() -> None:
    with client_of(f"user:{TOKEN}@api.example:8443") as client:
        assert repr(client) == "PartnerClient('api.example')"
