"""What is asked, and what each answer that arrives in order comes to."""

from __future__ import annotations

import gzip
import itertools
import re
import threading
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exporter import __version__
from exporter.api.client import PartnerClient
from exporter.api.errors import REFUSALS, ApiError, Outcome
from exporter.clock import Clock
from exporter.config.secrets import AuthId, AuthToken
from tests.api.client_kit import (
    AUTH_ID,
    BALANCE,
    BODY,
    TOKEN,
    Id,
    Observed,
    Source,
    balance_of,
    client_of,
    failure_of,
)
from tests.rig.raw_server import Peer, Script, after_request, always, answer, in_turn, says, serving

pytestmark = pytest.mark.timeout(60)


def ending_of(script: Script, **settings: Any) -> tuple[ApiError, list[Outcome]]:
    observed = Observed()
    with serving(script) as server, client_of(server.authority, observe=observed, **settings) as client:
        return failure_of(lambda: balance_of(client)), observed.outcomes


def test_the_dashboard_is_asked_for_with_the_credentials_and_nothing_more() -> None:
    with serving(always(answer(BODY))) as server, client_of(server.authority) as client:
        assert balance_of(client) == BALANCE
    request, *headers = server.heads[0].split("\r\n")
    assert request == "GET /api/v1/partner/dashboard HTTP/1.1"
    assert sorted(header for header in headers if header) == [
        "Accept-Encoding: gzip",
        "Accept: application/json",
        "Connection: close",
        f"Host: {server.authority}",
        f"User-Agent: vobiz-exporter/{__version__} (+https://github.com/vobiz-exporter/vobiz-exporter)",
        f"X-Auth-ID: {AUTH_ID}",
        f"X-Auth-Token: {TOKEN}",
    ]


EVERYTHING = answer(BODY[:-1] + b', "balance": "1", "accounts": [], "data": []}')


def test_all_it_can_be_asked_for_is_a_get_of_one_of_five_paths() -> None:
    asked: dict[str, Callable[[PartnerClient], object]] = {
        "dashboard": PartnerClient.dashboard,
        "analytics": lambda client: client.analytics(date(2026, 1, 1), date(2026, 3, 31)),
        "me": PartnerClient.me,
        "accounts": lambda client: client.accounts(2),
        "cdrs": lambda client: client.cdrs(3),
    }
    public = {name for name in vars(PartnerClient) if not name.startswith("_")}
    assert public == {*asked, "credentials_renewed", "cancel"}
    with serving(always(EVERYTHING)) as server, client_of(server.authority) as client:
        for ask in asked.values():
            ask(client)
    assert [head.split("\r\n")[0] for head in server.heads] == [
        "GET /api/v1/partner/dashboard HTTP/1.1",
        "GET /api/v1/partner/analytics?from_date=2026-01-01&to_date=2026-03-31 HTTP/1.1",
        "GET /api/v1/partner/me HTTP/1.1",
        "GET /api/v1/partner/accounts?page=2&per_page=100 HTTP/1.1",
        "GET /api/v1/partner/cdrs?page=3&per_page=100 HTTP/1.1",
    ]


@pytest.mark.parametrize(
    "encoding",
    ["", "identity", "utf-8", "UTF-8", "none", "null", "binary", "identity, identity", "gzip", "deflate", "br", "é"],
)
def test_a_plain_body_is_read_whatever_its_encoding_is_called(encoding: str) -> None:
    plain = answer(BODY, headers=f"Content-Encoding: {encoding}\r\n")
    with serving(always(plain)) as server, client_of(server.authority) as client:
        assert balance_of(client) == BALANCE


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Encoding: gzip\r\n",
        "Content-Encoding: x-gzip\r\n",
        "Content-Encoding: GZIP\r\n",
        "Content-Encoding: identity, gzip\r\n",
        "Content-Encoding: gzip, utf-8\r\n",
        "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
        "",
    ],
)
@pytest.mark.parametrize(
    "packed", [gzip.compress(BODY), gzip.compress(BODY[:9]) + gzip.compress(BODY[9:])], ids=["whole", "in members"]
)
def test_a_packed_body_is_unpacked_whatever_its_encoding_is_called(headers: str, packed: bytes) -> None:
    with serving(always(answer(packed, headers=headers))) as server, client_of(server.authority) as client:
        assert balance_of(client) == BALANCE


@pytest.mark.parametrize("behind", [b"\0" * 512, b"\r\n", b"</html>", b"\x1f"], ids=["zeros", "a line", "HTML", "half"])
def test_what_follows_a_packed_body_and_is_no_part_of_it_is_ignored(behind: bytes) -> None:
    with serving(always(answer(gzip.compress(BODY) + behind))) as server, client_of(server.authority) as client:
        assert balance_of(client) == BALANCE


def test_a_request_is_observed_once_with_its_seconds() -> None:
    observed, ticks = Observed(), iter(range(1000))
    clock = Clock(elapsed=lambda: float(next(ticks)))
    with (
        serving(always(answer(BODY))) as server,
        client_of(server.authority, observe=observed, timeout=500.0, clock=clock) as client,
    ):
        client.dashboard()
    [(endpoint, outcome, seconds)] = observed.requests
    assert (endpoint, outcome) == ("dashboard", Outcome.SUCCESS)
    assert 0 < seconds < 100


DAMAGED = gzip.compress(BODY)[:12] + b"\x00" * 20


@pytest.mark.parametrize(
    "data",
    [
        answer(b""),
        answer(b"  \r\n"),
        answer(b"<html>log in</html>"),
        answer(b"[1, 2]"),
        answer(b'"text"'),
        answer(DAMAGED, headers="Content-Encoding: gzip\r\n"),
        answer(gzip.compress(b"")[:10], headers="Content-Encoding: gzip\r\n"),
        answer(gzip.compress(BODY[:9]) + gzip.compress(BODY[9:])[:-8], headers="Content-Encoding: gzip\r\n"),
        answer(zlib.compress(BODY), headers="Content-Encoding: deflate\r\n"),
        answer(gzip.compress(gzip.compress(BODY)), headers="Content-Encoding: gzip, gzip\r\n"),
    ],
    ids=[
        "empty", "blank", "HTML", "array", "string", "damaged gzip", "gzip cut short",
        "second member cut short", "deflate", "packed twice",
    ],
)  # fmt: skip
def test_a_body_that_is_no_object_is_malformed(data: bytes) -> None:
    failure, observed = ending_of(always(data))
    assert [failure.outcome] == observed == [Outcome.MALFORMED]


def test_a_rotated_pair_is_used_at_once_when_the_old_one_is_refused() -> None:
    observed = Observed()
    refusal = answer(b"", status="401 Unauthorized")
    with (
        serving(in_turn(says(refusal), always(answer(BODY)))) as server,
        client_of(
            server.authority,
            observe=observed,
            auth_id=Id("PA_OLD", "PA_NEW"),
            auth_token=Source("old-token", "new-token"),
        ) as client,
    ):
        assert balance_of(client) == BALANCE
    assert observed.outcomes == [Outcome.UNAUTHORIZED, Outcome.SUCCESS]
    assert ["PA_NEW" in head and "new-token" in head for head in server.heads] == [False, True]


def test_a_pair_that_is_swapped_while_it_is_read_is_sent_as_a_pair(tmp_path: Path) -> None:
    data, done = tmp_path / "data", threading.Event()

    def swap(version: int) -> None:
        # as a mounted Secret changes: one link, renamed
        folder = tmp_path / str(version)
        folder.mkdir()
        (folder / "id").write_text(f"PA_{version}")
        (folder / "token").write_text(f"token-{version}")
        (tmp_path / "new").symlink_to(folder)
        (tmp_path / "new").replace(data)

    def keep_swapping() -> None:
        for version in itertools.takewhile(lambda _: not done.is_set(), itertools.count(2)):
            swap(version)

    swap(1)
    swapping = threading.Thread(target=keep_swapping)
    with (
        serving(always(answer(BODY))) as server,
        client_of(server.authority, auth_id=AuthId(data / "id"), auth_token=AuthToken(data / "token")) as client,
    ):
        swapping.start()
        for _ in range(100):
            balance_of(client)
        done.set()
        swapping.join()
    sent = [re.findall(r"(?:PA_|token-)([0-9]+)", head) for head in server.heads]
    assert all(auth_id == token for auth_id, token in sent)
    assert len({auth_id for auth_id, _ in sent}) > 1


def test_a_new_token_that_is_refused_too_is_not_tried_again() -> None:
    observed = Observed()
    with (
        serving(always(answer(b"", status="401 Unauthorized"))) as server,
        client_of(server.authority, observe=observed, auth_token=Source("old", "new", "newer")) as client,
    ):
        assert failure_of(lambda: balance_of(client)).outcome is Outcome.UNAUTHORIZED
    assert observed.outcomes == [Outcome.UNAUTHORIZED, Outcome.UNAUTHORIZED]


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_credentials_are_renewed_once_others_are_there_than_were_refused(tmp_path: Path, status: str) -> None:
    def takes_the_third(peer: Peer) -> None:
        good = "third-token" in peer.request()
        peer.send(answer(BODY) if good else answer(b"", status=status))

    file = tmp_path / "token"
    file.write_text("first-token", encoding="ascii")
    token = AuthToken(file)
    with serving(takes_the_third) as server, client_of(server.authority, auth_token=token) as client:
        seen = [client.credentials_renewed]
        for text in ("first-token", "second-token", "third-token"):
            file.write_text(text, encoding="ascii")
            seen.append(client.credentials_renewed)
            if text == "third-token":
                balance_of(client)
            else:
                failure_of(lambda: balance_of(client))
            seen.append(client.credentials_renewed)
    assert seen == [False, False, False, True, False, True, False]


@pytest.mark.parametrize("token", ["two\r\nX-Other: lines", "naïve", " padded", "tab\there"])
def test_a_token_that_no_header_can_hold_is_refused_before_anything_is_sent(token: str) -> None:
    with (
        serving(after_request(lambda peer: None)) as server,
        client_of(server.authority, auth_token=Source(token)) as client,
    ):
        failure = failure_of(lambda: balance_of(client))
    assert failure.outcome is Outcome.UNAUTHORIZED
    assert failure.to_do == "Copy auth_id and auth_token again: one holds a character that a header cannot have."
    assert server.heads == []
    assert token.strip() not in str(failure)


ACCOUNT = b'{"partner": {"auth_id": "%s"}, "auth_id": "%s", "balance": "1", "calls": {"total_calls": 3}}'


def account_answer(auth_id: str) -> bytes:
    return answer(ACCOUNT.replace(b"%s", auth_id.encode()))


QUESTIONS: list[Callable[[PartnerClient], object]] = [
    PartnerClient.dashboard,
    lambda client: client.analytics(None, None),
    PartnerClient.me,
]


@pytest.mark.parametrize("ask", QUESTIONS)
def test_an_answer_that_names_another_account_is_refused(
    ask: Callable[[PartnerClient], object], caplog: pytest.LogCaptureFixture
) -> None:
    observed = Observed()
    with (
        serving(always(account_answer("PA_OTHER"))) as server,
        client_of(server.authority, observe=observed) as client,
    ):
        failure = failure_of(lambda: ask(client))
    assert [failure.outcome] == observed.outcomes == [Outcome.MALFORMED]
    assert failure.reason == "the answer is that of another account than the request was sent for"
    assert "PA_OTHER" not in str(failure)


@pytest.mark.parametrize("ask", QUESTIONS)
@pytest.mark.parametrize("named", [AUTH_ID, AUTH_ID.lower(), ""])
def test_an_answer_that_names_the_account_or_none_is_taken(named: str, ask: Callable[[PartnerClient], object]) -> None:
    with serving(always(account_answer(named))) as server, client_of(server.authority) as client:
        ask(client)


def test_a_profile_may_have_the_id_of_a_user() -> None:
    with serving(always(account_answer("U_17"))) as server, client_of(server.authority) as client:
        assert client.me().balance == 1


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + BODY[:5] + b"\r\n"
ODD: dict[str, bytes] = {
    "a byte order mark": answer(b"\xef\xbb\xbf" + BODY),
    "chunks": CHUNKED + b"%x;extension\r\n" % len(BODY[5:]) + BODY[5:] + b"\r\n0\r\nTrailer: 1\r\n\r\n",
    "no length": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
    **{
        f"interim {number}": interim + answer(BODY)
        for number, interim in enumerate(
            [
                b"HTTP/1.1 100 Continue\r\n\r\n",
                b"HTTP/1.1 102 Processing\r\n\r\n" * 3,
                b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nContent-Length: 3\r\n\r\n",
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nno header\r\n\r\n",
            ]
        )
    },
    **{
        f"a line {line!r}": b"HTTP/1.1 200 OK\r\n%s\r\nContent-Length : %d\r\n\r\n" % (line, len(BODY)) + BODY
        for line in [
            b"no header", b": no name", b"two words: x", b"\tfolded", b"Date", b"caf\xe9: x",
            b"X-Cr: a\rContent-Length: 1", b"\0",
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("data", ODD.values(), ids=ODD.keys())
def test_an_answer_is_read_however_oddly_it_is_sent(data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with serving(says(data)) as server, client_of(server.authority) as client:
        assert balance_of(client) == BALANCE
    assert not [record for record in caplog.records if record.name.startswith(("exporter", "urllib3", "requests"))]


@pytest.mark.parametrize(
    ("outcome", "statuses"),
    [
        (Outcome.REDIRECT, "301 302 308"),
        (Outcome.MALFORMED, "204 304"),
        (Outcome.CLIENT_ERROR, "400 408 422 499"),
        (Outcome.UNAUTHORIZED, "401"),
        (Outcome.FORBIDDEN, "403"),
        (Outcome.NOT_FOUND, "404"),
        (Outcome.CONNECTION, "407"),
        (Outcome.RATE_LIMITED, "429"),
        (Outcome.SERVER_ERROR, "500 503 101 600 999"),
    ],
)
def test_each_status_has_its_outcome_and_no_redirect_is_followed(outcome: Outcome, statuses: str) -> None:
    with serving(always(answer(BODY))) as elsewhere:
        headers = f"Location: http://{elsewhere.authority}/?{TOKEN}\r\n" + 2 * "Retry-After: 77\r\n"
        for status in statuses.split():
            failure, observed = ending_of(always(answer(b"", status=f"{status} {TOKEN}", headers=headers)))
            assert [failure.outcome] == observed == [outcome]
            assert not re.search(f"\n|{TOKEN}", str(failure))
            assert outcome not in REFUSALS or failure.retry_after == 77
        assert elsewhere.heads == []


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.SUCCESS}))
def test_each_outcome_has_its_wording(outcome: Outcome) -> None:
    assert outcome.happened
    to_do = ApiError(outcome, "").to_do
    assert outcome.remedy in to_do or to_do[1:].startswith(outcome.remedy[1:])
    assert ("at the next poll" in to_do) != outcome.lasting
    assert Outcome(outcome.value) is outcome


def test_credentials_and_clock_are_looked_at_before_every_request() -> None:
    limited = answer(b"", status="429 Too Many Requests", headers="X-RateLimit-Reset: 1700000060\r\n")
    auth_id, token, clock = (
        Id("PA_ONE", "PA_TWO"),
        Source("old-token", "new-token"),
        Clock(wall=lambda: 1_700_000_000.0),
    )
    with (
        serving(in_turn(*[says(answer(BODY))] * 2, says(limited))) as server,
        client_of(server.authority, auth_id=auth_id, auth_token=token, clock=clock) as client,
    ):
        client.dashboard()
        auth_id.refresh()
        token.refresh()
        client.analytics(None, None)
        failure = failure_of(client.dashboard)
    assert [("PA_ONE" in head, "PA_TWO" in head) for head in server.heads[:2]] == [(True, False), (False, True)]
    assert [("old-token" in head, "new-token" in head) for head in server.heads[:2]] == [(True, False), (False, True)]
    assert failure.outcome is Outcome.RATE_LIMITED
    assert failure.retry_after == 60
