"""Credentials: a token that is never printed, a public id, and the files that either may come from."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from exporter.config.errors import Invalid
from exporter.config.yaml import read_bytes
from exporter.files import stamp

log = logging.getLogger(__name__)

MAX_SECRET = 16 * 1024
"""Bytes that a secret file may hold."""

T = TypeVar("T")

_AS_ISSUED = "give the value as Vobiz issued it and nothing else"
_VARIABLE = "the name of an environment variable instead of its value"
# What people paste: what it is, what to do. The first that matches is reported.
_PASTED = (
    (r"\$\(?\{?\w+\}?\)?|%\w+%|\{\{.*\}\}", _VARIABLE, "write ${NAME}, or set the variable to the value itself"),
    (r"['\"`].*|.*['\"`]", "in quotes that are part of the value", "remove them; env files of Docker keep quotes"),
    (r"(?i)(bearer|basic|token)\s.*", "has an HTTP scheme in front", "remove the first word"),
    (r"\{.*|\[.*", "a JSON document", _AS_ISSUED),
    (r"(?i)(export\s+)?(x-)?(vobiz|auth|token|secret|partner)[\w-]*\s*[=:].*", "a NAME=value line", _AS_ISSUED),
    (r"(?i)https?://.*", "a URL", _AS_ISSUED),
    (r"<.*>|(?i:.*x{6,}.*|.*change[-_]?me.*|.*replace[-_]?me.*|(your|my)[-_ ].*)", "a placeholder", _AS_ISSUED),
    (r".*(\*\*\*|\.\.\.|…|•).*", "masked or cut short", _AS_ISSUED),
)
# A token in base64 may begin with a slash, one in 64 does; unlike most paths, it then has upper case letters.
_PATH = re.compile(r"[.~]*(/[a-z0-9._-]+)+|[.~]+/.*", re.ASCII)
# Each is sent as the value of an HTTP header.
_SENDABLE = re.compile("[!-~]+")
# An id is PA_ and about ten characters; something much longer is a token.
_MAX_OTHER_ID = 20


class Secret:
    """Text that shows itself only when asked to: :meth:`reveal` is what to look for in a review."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The secret itself, to be sent and nothing else."""
        return self.__value

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.__value == other.__value

    __hash__ = None  # type: ignore[assignment]

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is neither pickled nor copied")


def token_from(text: str) -> Secret:
    """The token in ``text``. Raises ``Invalid`` if it could not be sent, or is surely something else."""
    value = _issued(text)
    if value.startswith(("PA_", "MA_")):
        raise Invalid("an id, not a token", "give the token, and the id as auth_id")
    if _PATH.fullmatch(value):
        raise Invalid("a path, not a token", "give the token, or the path of its file as auth_token_file")
    return Secret(value)


def id_from(text: str) -> str:
    """The partner's id in ``text``; as :func:`token_from`."""
    value = _issued(text)
    if value.startswith("MA_"):
        raise Invalid("a customer's id", "give the partner's, which begins with PA_")
    if not value.startswith("PA_") and len(value) > _MAX_OTHER_ID:
        raise Invalid("no partner's id", "give the one that begins with PA_; a token belongs in auth_token")
    return value


def _issued(text: str) -> str:
    value = text.strip(" \t\r\n\ufeff")
    if not value:
        raise Invalid("empty", "give the value that Vobiz issued")
    for pattern, reason, remedy in _PASTED:
        if re.fullmatch(pattern, value, re.ASCII):
            raise Invalid(reason, remedy)
    if not _SENDABLE.fullmatch(value):
        raise Invalid("holds a space, a control character or one outside ASCII", _AS_ISSUED)
    return value


class _Credential(Generic[T]):
    """A value that is given as text, or in a file, which is read again when it changes.

    While the file cannot be used, the last good value stays, and ``problem`` says why. At first it raises ``Invalid``.
    """

    _parse: Callable[[str], T]

    def __init__(self, given: str | Path) -> None:
        self._path = given if isinstance(given, Path) else None
        self._stamp = self._path and stamp(self._path)
        self._value = self._parse(given) if isinstance(given, str) else self._read(given)
        self.problem: str | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._path or self._value!r})"

    def current(self) -> T:
        """The value; its file is read again if it has changed. Never raises."""
        if self._path is not None and self._stamp != stamp(self._path):
            self.refresh()
        return self._value

    def refresh(self) -> bool:
        """Read the file again, whatever its stamp says; True if the value is another one than before."""
        if self._path is None:
            return False
        # Before reading: a change in between is then seen at the next look.
        seen, before, logged = stamp(self._path), self._value, self.problem
        try:
            self._value, self.problem = self._read(self._path), None
        except Invalid as error:
            self.problem = f"{self._path}: {error.reason}; the value read before stays in use until this is fixed"
        self._stamp = seen
        if self.problem not in (None, logged):
            log.error("secret file unreadable, the last good one stays in use", extra={"problem": self.problem})
        elif self.problem is None and logged is not None:
            log.info("secret file readable again", extra={"path": str(self._path)})
        return bool(self._value != before)

    def _read(self, path: Path) -> T:
        # Opening a pipe would wait for a writer. The methods of Path raise where a directory may not be entered.
        if os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113
            raise Invalid("not a regular file", "give the file that holds the value")
        # What is not ASCII is refused afterwards, without showing it.
        return self._parse(read_bytes(path, limit=MAX_SECRET).decode("utf-8", "replace"))


class AuthToken(_Credential[Secret]):
    """A partner's token, or the file with it."""

    _parse = staticmethod(token_from)


class AuthId(_Credential[str]):
    """A partner's id, or the file with it."""

    _parse = staticmethod(id_from)
