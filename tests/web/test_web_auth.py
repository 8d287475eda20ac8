"""Basic authentication: who is let in, and that guessing gets in nobody's way."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator

import bcrypt
import pytest

from exporter.web.auth import Authenticator
from exporter.web.connection import Connection
from tests.rig.raw_client import call, fetch, get, many
from tests.rig.waiting import wait_for

from .conftest import Serve, WriteConfig

PASSWORD = "correct horse: battery staple ü"


def hashed(password: bytes, *, cost: int = 4, prefix: bytes = b"2y") -> bytes:
    return bcrypt.hashpw(password, bcrypt.gensalt(cost)).replace(b"$2b$", b"$" + prefix + b"$")


def basic(name: str, password: str | bytes) -> str:
    secret = password.encode() if isinstance(password, str) else password
    return "Basic " + base64.b64encode(name.encode() + b":" + secret).decode()


USERS = {"alice": hashed(PASSWORD.encode()), "bob": hashed(b"bob's own")}


@pytest.fixture
def connection(serve: Serve) -> Iterator[Connection]:
    with socket.socket() as sock:
        yield Connection(sock, "192.0.2.1", serve())


@pytest.mark.parametrize("header", [basic("alice", PASSWORD), basic("alice", PASSWORD).replace("Basic", "bAsIc")])
def test_the_right_password_admits(connection: Connection, header: str) -> None:
    assert Authenticator().admits(USERS, header, connection)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"alice").decode(),
        "Basic " + base64.b64encode(b"\xff:" + PASSWORD.encode()).decode(),
        "Bearer " + base64.b64encode(b"alice:" + PASSWORD.encode()).decode(),
        basic("alice", "wrong"),
        basic("alice", ""),
        basic("alice", PASSWORD + "\0"),
        basic("Alice", PASSWORD),
        basic("bob", PASSWORD),
        basic("nobody", PASSWORD),
        basic("", ""),
    ],
)
def test_anything_else_does_not(connection: Connection, header: str | None) -> None:
    assert not Authenticator().admits(USERS, header, connection)


@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2x", b"2y"])
def test_hashes_of_every_maker_are_understood(connection: Connection, prefix: bytes) -> None:
    users = {"alice": hashed(b"secret", prefix=prefix)}
    assert Authenticator().admits(users, basic("alice", "secret"), connection)


def test_a_password_counts_as_far_as_bcrypt_reads_it(connection: Connection) -> None:
    users = {"alice": hashed(b"a" * 72)}
    assert Authenticator().admits(users, basic("alice", "a" * 100), connection)
    assert not Authenticator().admits(users, basic("alice", "a" * 71), connection)


def test_a_password_that_was_changed_does_not_admit_any_more(connection: Connection) -> None:
    authenticator = Authenticator()
    assert authenticator.admits({"alice": hashed(b"old")}, basic("alice", "old"), connection)
    changed = {"alice": hashed(b"new")}
    assert not authenticator.admits(changed, basic("alice", "old"), connection)
    assert authenticator.admits(changed, basic("alice", "new"), connection)


def test_every_path_asks_for_the_password(serve: Serve, write_config: WriteConfig) -> None:
    file = write_config(f"basic_auth_users:\n  alice: {USERS['alice'].decode()}\n")
    with call(serve(web_config_file=file).url) as line:
        for path in ("/", "/-/healthy", "/nowhere"):
            answer = line.send(get(path)).answer()
            assert (answer.status, answer.body) == (401, b"401 Unauthorized\n")
            assert answer.headers["www-authenticate"] == 'Basic realm="vobiz-exporter", charset="UTF-8"'
        assert line.send(get("/", f"Authorization: {basic('alice', PASSWORD)}")).answer().status == 200
        assert line.send(get("/", f"Authorization: {basic('alice', 'wrong')}")).answer().status == 401


def test_guesses_do_not_keep_a_known_client_waiting(serve: Serve, write_config: WriteConfig) -> None:
    slow = hashed(PASSWORD.encode(), cost=10).decode()
    url = serve(web_config_file=write_config(f"basic_auth_users:\n  alice: {slow}\n")).url
    known = f"Authorization: {basic('alice', PASSWORD)}"
    assert fetch(url, "/", known).status == 200
    enough = threading.Event()
    guessed: list[int] = []

    def guess(who: int) -> None:
        number = 0
        while not enough.is_set():
            number += 1
            guessed.append(fetch(url, "/", f"Authorization: {basic('alice', f'{who}-{number}')}").status)

    guessers = [threading.Thread(target=guess, args=(who,)) for who in range(10)]
    for guesser in guessers:
        guesser.start()
    try:
        wait_for(lambda: len(guessed) >= 3)
        before = len(guessed)
        assert [fetch(url, "/", known).status for _ in range(5)] == [200] * 5
        # A scrape that had to queue behind the guesses would have let every guesser through first.
        assert len(guessed) - before < len(guessers)
    finally:
        enough.set()
        for guesser in guessers:
            guesser.join()
    assert set(guessed) == {401}


def test_an_unknown_user_is_checked_at_a_fixed_price(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[bytes] = []

    def remember(_: bytes, hashed: bytes) -> bool:
        checked.append(hashed)
        return True

    monkeypatch.setattr(bcrypt, "checkpw", remember)
    users = {"costly": b"$2y$18$" + b"." * 53}
    assert not Authenticator().admits(users, basic("nobody", "whatever"), connection)
    assert [hashed[:7] for hashed in checked] == [b"$2y$10$"]


def test_a_first_login_gets_in_at_once_while_many_guess_from_elsewhere(serve: Serve, write_config: WriteConfig) -> None:
    file = write_config(f"basic_auth_users:\n  alice: {hashed(PASSWORD.encode(), cost=6).decode()}\n")
    url = serve(web_config_file=file).url
    enough = threading.Event()
    refused: list[int] = []

    def guess(who: int) -> None:
        number = 0
        while not enough.is_set():
            number += 1
            login = basic("alice", f"{who}-{number}")
            with call(url, source=f"127.0.1.{who}") as line:
                assert line.send(get("/", f"Authorization: {login}")).answer().status == 401
            refused.append(who)

    guessers = [threading.Thread(target=guess, args=(who,)) for who in range(1, 65)]
    for guesser in guessers:
        guesser.start()
    try:
        wait_for(lambda: len(set(refused)) == len(guessers))
        before = len(refused)
        assert fetch(url, "/", f"Authorization: {basic('alice', PASSWORD)}").status == 200
        # In one queue, every guesser would have come first.
        assert len(refused) - before < len(guessers) / 2
    finally:
        enough.set()
        for guesser in guessers:
            guesser.join()


def test_who_waits_to_guess_leaves_when_room_is_needed(
    serve: Serve, write_config: WriteConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = f"Authorization: {basic('alice', PASSWORD)}"
    file = write_config(f"basic_auth_users:\n  alice: {USERS['alice'].decode()}\n")
    server = serve(web_config_file=file, room=8)
    assert fetch(server.url, "/", known).status == 200
    go_on = threading.Event()
    monkeypatch.setattr(bcrypt, "checkpw", lambda *_: go_on.wait(30) and False)
    guesses = (get("/", f"Authorization: {basic('alice', str(number))}") for number in range(24))
    with many(24, lambda: call(server.url).send(next(guesses))):
        wait_for(lambda: len(server.connections) <= 9)
        assert fetch(server.url, "/", known).status == 200
        go_on.set()


def test_a_server_that_starts_without_users_serves_everybody_and_warns(
    serve: Serve, write_config: WriteConfig, caplog: pytest.LogCaptureFixture
) -> None:
    file = write_config("basic_auth_users:\n")
    assert fetch(serve(web_config_file=file).url).status == 200
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"{file}: basic_auth_users: empty, and protects nothing; fill it in, or remove it")
    ]
