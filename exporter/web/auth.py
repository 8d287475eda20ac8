"""Basic authentication against bcrypt hashes: slow to guess, quick for those who have been let in before."""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping

from exporter.web.gate import FairGate

# How many callers may wait for a bcrypt computation, which takes about 0.1 s.
_MOST_WAITING = 32
_REMEMBERED = 256
# bcrypt looks at no more of a password; hashes of longer ones were made from this much.
_BCRYPT_BYTES = 72
# Belongs to no password that anyone knows; the cost is put in front of it.
_NOBODY = b"QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"


class Verdict(enum.Enum):
    ADMITTED = "the credentials are right"
    REFUSED = "there are none, or they are wrong"
    BUSY = "too many wait for theirs to be checked"


class Authenticator:
    """Checks Authorization headers.

    bcrypt runs at most once at a time, clients taking turns, so that guesses leave the processor to scrapes. Verdicts
    are remembered, wrong ones apart from right ones, under a keyed hash: neither a password nor anything it could be
    found out from stays in memory. A user that does not exist takes as long as a wrong password.
    """

    def __init__(self) -> None:
        self._gate = FairGate(waiting=_MOST_WAITING)
        self._key = os.urandom(32)
        self._right = _Memory(_REMEMBERED)
        self._wrong = _Memory(_REMEMBERED)

    def check(self, users: Mapping[str, bytes], authorization: str | None, client: str) -> Verdict:
        """Whether a header's value admits to a server with these users, given as names and bcrypt hashes.

        `client` is who asks, for taking turns.
        """
        credentials = _decode(authorization)
        if credentials is None:
            return Verdict.REFUSED
        name, password = credentials
        hashed = users.get(name)
        against = hashed if hashed is not None else _nobody(users)
        key = self._fingerprint(name.encode(), against, password)
        right = self._remembered(key)
        if right is None:
            with self._gate.turn(client) as admitted:
                if not admitted:
                    return Verdict.BUSY
                right = self._remembered(key)
                if right is None:
                    right = _matches(password, against) and hashed is not None
                    (self._right if right else self._wrong).add(key)
        return Verdict.ADMITTED if right else Verdict.REFUSED

    def _remembered(self, key: bytes) -> bool | None:
        if key in self._right:
            return True
        return False if key in self._wrong else None

    def _fingerprint(self, *parts: bytes) -> bytes:
        digest = hashlib.blake2b(key=self._key)
        for part in parts:
            digest.update(len(part).to_bytes(4, "big") + part)
        return digest.digest()


class _Memory:
    """The keys that were added last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._keys: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, key: bytes) -> bool:
        with self._lock:
            if key not in self._keys:
                return False
            self._keys.move_to_end(key)
            return True

    def add(self, key: bytes) -> None:
        with self._lock:
            self._keys[key] = None
            if len(self._keys) > self._most:
                self._keys.popitem(last=False)


def _decode(authorization: str | None) -> tuple[str, bytes] | None:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (name.decode(), password) if colon else None
    except (binascii.Error, ValueError):
        return None


def _nobody(users: Mapping[str, bytes]) -> bytes:
    cost = max(hashed[4:6] for hashed in users.values())
    return b"$2b$" + cost + b"$" + _NOBODY


def _matches(password: bytes, hashed: bytes) -> bool:
    import bcrypt  # only where basic authentication is configured

    return bcrypt.checkpw(password[:_BCRYPT_BYTES], hashed)
