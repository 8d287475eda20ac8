"""Basic authentication: who is let in, and that guessing gets in nobody's way."""

from __future__ import annotations

import base64
import threading
from functools import partial

import bcrypt
import pytest

from exporter.web.auth import Authenticator, Verdict
from exporter.web.gate import FairGate
from tests.rig.raw_client import call, fetch, get
from tests.rig.waiting import wait_for

from .conftest import Serve, WriteConfig

PASSWORD = "correct horse: battery staple ü"


def hashed(password: bytes, *, cost: int = 4, prefix: bytes = b"2y") -> bytes:
    return bcrypt.hashpw(password, bcrypt.gensalt(cost)).replace(b"$2b$", b"$" + prefix + b"$")


def basic(name: str, password: str | bytes) -> str:
    secret = password.encode() if isinstance(password, str) else password
    return "Basic " + base64.b64encode(name.encode() + b":" + secret).decode()


USERS = {"alice": hashed(PASSWORD.encode()), "bob": hashed(b"bob's own")}


def check(authorization: str | None) -> Verdict:
    return Authenticator().check(USERS, authorization, "192.0.2.1")


@pytest.mark.parametrize("header", [basic("alice", PASSWORD), basic("alice", PASSWORD).replace("Basic", "bAsIc")])
def test_the_right_password_admits(header: str) -> None:
    assert check(header) is Verdict.ADMITTED


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
def test_anything_else_does_not(header: str | None) -> None:
    assert check(header) is Verdict.REFUSED


@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2x", b"2y"])
def test_hashes_of_every_maker_are_understood(prefix: bytes) -> None:
    users = {"alice": hashed(b"secret", prefix=prefix)}
    assert Authenticator().check(users, basic("alice", "secret"), "a") is Verdict.ADMITTED


def test_a_password_counts_as_far_as_bcrypt_reads_it() -> None:
    users = {"alice": hashed(b"a" * 72)}
    assert Authenticator().check(users, basic("alice", "a" * 100), "a") is Verdict.ADMITTED
    assert Authenticator().check(users, basic("alice", "a" * 71), "a") is Verdict.REFUSED


def test_a_password_that_was_changed_does_not_admit_any_more() -> None:
    authenticator = Authenticator()
    assert authenticator.check({"alice": hashed(b"old")}, basic("alice", "old"), "a") is Verdict.ADMITTED
    changed = {"alice": hashed(b"new")}
    assert authenticator.check(changed, basic("alice", "old"), "a") is Verdict.REFUSED
    assert authenticator.check(changed, basic("alice", "new"), "a") is Verdict.ADMITTED


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


def test_clients_take_turns_at_the_gate() -> None:
    gate = FairGate(waiting=10)
    passed: list[str] = []
    with queue_behind(gate, ["crowd", "crowd", "crowd", "single"], passed):
        pass
    assert passed == ["single", "crowd", "crowd", "crowd"]


def test_when_too_many_wait_the_client_with_the_most_loses_one() -> None:
    gate = FairGate(waiting=3)
    passed: list[str] = []
    with queue_behind(gate, ["crowd", "crowd", "crowd", "single"], passed):
        wait_for(lambda: passed == ["crowd turned away"])
    assert passed == ["crowd turned away", "single", "crowd", "crowd"]


class queue_behind:  # noqa: N801 - reads as a phrase
    """Holds the gate as the client `crowd`, with these clients waiting behind in this order, until the block ends."""

    def __init__(self, gate: FairGate, clients: list[str], passed: list[str]) -> None:
        self._gate = gate
        self._holding = gate.turn("crowd")
        self._passed = passed
        self._threads = [threading.Thread(target=self._wait, args=(client,)) for client in clients]

    def __enter__(self) -> None:
        assert self._holding.__enter__()
        for number, thread in enumerate(self._threads, start=1):
            thread.start()
            wait_for(partial(self._has_queued, number))

    def __exit__(self, *_: object) -> None:
        self._holding.__exit__(None, None, None)
        for thread in self._threads:
            thread.join()

    def _has_queued(self, number: int) -> bool:
        return len(self._gate) + len(self._passed) >= number

    def _wait(self, client: str) -> None:
        with self._gate.turn(client) as admitted:
            self._passed.append(client if admitted else f"{client} turned away")
