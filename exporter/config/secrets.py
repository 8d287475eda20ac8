"""Credentials: a token that is never printed, a public id, and the files that either may come from."""

from __future__ import annotations

import hmac
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from exporter.config.errors import Invalid
from exporter.files import Stamp, stamp, stamp_of

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

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    __hash__ = None  # type: ignore[assignment]

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is neither pickled nor copied")


def token_from(text: str) -> Secret:
    """The token in ``text``, without the white space around it.

    Raises :class:`~exporter.config.errors.Invalid` if it could not be sent, or is surely something else.
    """
    value = _issued(text)
    if value.startswith(("PA_", "MA_")):
        raise Invalid("an id, not a token", "give the token, and the id as auth_id")
    if value.startswith(("/", "./", "~/")):
        raise Invalid("a path, not a token", "give the path as auth_token_file")
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


class Given(Generic[T]):
    """A value that is given once and never changes."""

    __slots__ = ("_value",)

    problem: str | None = None

    def __init__(self, value: T) -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._value!r})"

    def current(self) -> T:
        """The value."""
        return self._value

    def refresh(self) -> bool:
        """False: it cannot change."""
        return False


class InFile(Generic[T]):
    """A value in a file, read again when the file changes; white space around it is ignored.

    While the file cannot be used, the last good value stays. Raises :class:`~exporter.config.errors.Invalid` if there
    is none yet.
    """

    __slots__ = ("_parse", "_path", "_seen")

    def __init__(self, path: Path, parse: Callable[[str], T]) -> None:
        self._path = path
        self._parse = parse
        # Replaced whole: a thread sees a value with the stamp and the problem that belong to it.
        self._seen: tuple[T, Stamp | None, str | None] = self._read()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._path)!r})"

    @property
    def problem(self) -> str | None:
        """Why the value in use is an older one, with the path, in one line; None when all is well."""
        return self._seen[2]

    def current(self) -> T:
        """The value; its file is read again if it has changed. Never raises."""
        seen = self._seen[1]
        if seen is None or seen != stamp(self._path):
            self.refresh()
        return self._seen[0]

    def refresh(self) -> bool:
        """Read the file again, whatever its stamp says; True if the value is another one than before."""
        before = self._seen[0]
        try:
            self._seen = self._read()
        except Invalid as error:
            problem = f"{self._path}: {error.reason}; the value read before stays in use until this is mended"
            self._seen = (before, None, problem)
        return bool(self._seen[0] != before)

    def _read(self) -> tuple[T, Stamp, None]:
        try:
            with open(self._path, "rb", opener=_open_without_waiting) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise Invalid("not a regular file", "give the file that holds the value")
                data = file.read(MAX_SECRET + 1)
        except OSError as error:
            remedy = "check its path, and that this user may read it"
            raise Invalid(f"the file cannot be read ({error.strerror})", remedy) from None
        if len(data) > MAX_SECRET:
            raise Invalid(
                f"the file is larger than {MAX_SECRET // 1024} KiB", "give a file that holds the value and nothing else"
            )
        # What is not ASCII is refused afterwards, without showing it.
        return self._parse(data.decode("utf-8", "replace")), stamp_of(status), None


def _open_without_waiting(path: str, flags: int) -> int:
    # Opening a pipe would otherwise wait for a writer.
    return os.open(path, flags | os.O_NONBLOCK)


class LiteralSecret(Given[Secret]):
    """A token that is given as a value."""

    def __init__(self, text: str) -> None:
        super().__init__(token_from(text))


class LiteralId(Given[str]):
    """A partner's id that is given as a value."""

    def __init__(self, text: str) -> None:
        super().__init__(id_from(text))


class FileSecret(InFile[Secret]):
    """A token in a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, token_from)


class FileId(InFile[str]):
    """A partner's id in a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, id_from)


AuthId = LiteralId | FileId
AuthToken = LiteralSecret | FileSecret
