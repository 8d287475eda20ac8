"""Basic authentication against bcrypt hashes: slow to guess, quick for those who have been let in before."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import threading
from collections.abc import Mapping

from exporter.web.connection import Connection

_MAX_FAILED = 1000
_LOOK_SECONDS = 0.5
# Belongs to no password; the hash that the exporter-toolkit checks unknown users against, too.
_NOBODY = b"$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"


class Authenticator:
    """Checks Authorization headers.

    bcrypt runs at most once at a time, so that guesses leave the processor to scrapes. A client whose last login was
    wrong queues behind all others: a first login does not wait for many guessers. Right credentials are remembered
    under a keyed hash: neither a password nor anything it could be found out from stays in memory. A user that does not
    exist takes as long as a wrong password does at a cost of 10, whatever the users' hashes cost.
    """

    def __init__(self) -> None:
        self._computing = threading.Lock()
        self._computing_for_failed = threading.Lock()
        self._key = os.urandom(32)
        self._right: set[bytes] = set()
        self._failed: set[str] = set()

    def admits(self, users: Mapping[str, bytes], authorization: str | None, connection: Connection) -> bool:
        """Whether a header's value admits to a server with these users, given as names and bcrypt hashes.

        Raises ConnectionAbortedError if the connection was ended meanwhile.
        """
        import bcrypt  # only where basic authentication is configured

        credentials = _decode(authorization)
        if credentials is None:
            return False
        name, password = credentials
        password = password[:72]  # bcrypt reads no more, and hashes of longer ones were made of these
        hashed = users.get(name, _NOBODY)
        key = hashlib.blake2b(repr((name, hashed, password)).encode(), key=self._key).digest()
        if key in self._right:
            return True
        client = connection.client
        with contextlib.ExitStack() as held:
            for lock in (self._computing_for_failed,) * (client in self._failed) + (self._computing,):
                while not lock.acquire(timeout=_LOOK_SECONDS):
                    if connection.ended:
                        raise ConnectionAbortedError
                held.callback(lock.release)
            # The same login may have come twice.
            if key in self._right or (bcrypt.checkpw(password, hashed) and name in users):
                self._right.add(key)
                self._failed.discard(client)
                return True
            if len(self._failed) >= _MAX_FAILED:
                self._failed.clear()
            self._failed.add(client)
            return False


def _decode(authorization: str | None) -> tuple[str, bytes] | None:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (name.decode(), password) if colon else None
    except ValueError:
        return None
