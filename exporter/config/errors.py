"""Problems of a configuration file, collected so that all of them are reported at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

MAX_PROBLEMS = 100
"""After so many problems reading stops: the file is probably not a configuration at all."""

_MAX_WORD = 60
# Comparing takes time in the square of the length.
_MAX_COMPARED = 100
# Longer than this, a word with a digit in it may be a token.
_SURELY_A_WORD = re.compile(r"(?:[^\W\d]|[ .-])*|[\w.-]{1,12}")
_BEGINNING = re.compile(r"([^\W\d]{1,40})[:= ]")


class StartError(Exception):
    """A command cannot do its work; one line that says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem: where, what, and what to do about it. No value of the file is in it.

    ``file`` is the path as the user gave it, empty for the environment; ``line`` counts from 1; ``path`` is the dotted
    path of a key, or the name of a variable.
    """

    file: str
    line: int | None
    path: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, f"{self.reason}; {self.remedy}") if part)


class ConfigError(Exception):
    """The configuration cannot be used; ``str()`` has one line for each of ``problems``."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Invalid(Exception):
    """A value that cannot be used; the message holds nothing of it.

    ``path`` and ``line`` are those of the value, once it is known where it stands. Without a ``remedy``, what is
    expected in that place is the remedy.
    """

    def __init__(self, reason: str, remedy: str = "", *, path: str = "", line: int | None = None) -> None:
        super().__init__(f"{reason}; {remedy}" if remedy else reason)
        self.reason = reason
        self.remedy = remedy
        self.path = path
        self.line = line


class Problems:
    """Collects the problems of one file, each once."""

    def __init__(self, *, file: str) -> None:
        self._file = file
        self._found: dict[Problem, None] = {}

    def add(self, error: Invalid) -> None:
        """Note a problem. Raises :class:`ConfigError` when there are too many to be worth going on."""
        path, reason, remedy = error.path, error.reason, error.remedy
        self._found[Problem(file=self._file, line=error.line, path=path, reason=reason, remedy=remedy)] = None
        if len(self._found) == MAX_PROBLEMS:
            reason = f"stopped after {MAX_PROBLEMS} problems"
            remedy = "correct these first, or check that it is the right file"
            stop = Problem(file=self._file, line=None, path="", reason=reason, remedy=remedy)
            raise ConfigError([*self._in_order(), stop])

    def raise_if_any(self) -> None:
        """Raise :class:`ConfigError` with everything noted so far, in the order of the file."""
        if self._found:
            raise ConfigError(self._in_order())

    def _in_order(self) -> list[Problem]:
        return sorted(self._found, key=lambda problem: problem.line or 0)


def shown(word: str) -> str:
    """A key, or a variable's name, as it can stand in one line of a message; ``***`` where it may be a secret.

    ``auth_token:SECRET``, without the blank, is a key to YAML; so is a token pasted in the wrong place.
    """
    if not _SURELY_A_WORD.fullmatch(word):
        beginning = _BEGINNING.match(word)
        return f"{beginning[1]}***" if beginning else "***"
    return word if len(word) <= _MAX_WORD else word[:_MAX_WORD] + "..."


def suggestion(word: str, known: Iterable[str], *, elsewhere: Iterable[str] = ()) -> str:
    """A remedy for an unknown word: the nearest known one, else the dotted path ``elsewhere`` that ends in it."""
    known = tuple(known)
    near = get_close_matches(word.lower(), known, n=1) if len(word) <= _MAX_COMPARED else []
    near = near or [path for path in elsewhere if path.rpartition(".")[2] == word]
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
