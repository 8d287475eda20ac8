"""What is wrong with a configuration, told all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST_PROBLEMS = 100
"""After so many problems reading stops: the file is probably not a configuration at all."""

_LONGEST_WORD = 60
# Longer than this, a word with a digit in it may be a token.
_SURELY_A_WORD = re.compile(r"(?:[^\W\d]|[ .-])*|[\w.-]{1,12}")
_BEGINNING = re.compile(r"([^\W\d]{1,40})[:= ]")


class StartError(Exception):
    """A command cannot do its work; one line that says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: where, what, and what to do about it.

    ``file`` is the path as the user gave it, empty for the environment; ``line`` counts from 1; ``path`` is the dotted
    path of a key, or the name of a variable. Values from the file are in none of it.
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
    """A value that cannot be used, before it is known which key it belongs to. It holds nothing of the value.

    Without a ``remedy``, what is expected in that place is the remedy. ``line`` is given where the fault is in YAML.
    """

    def __init__(self, reason: str, remedy: str = "", *, line: int | None = None) -> None:
        super().__init__(f"{reason}; {remedy}" if remedy else reason)
        self.reason = reason
        self.remedy = remedy
        self.line = line


class Problems:
    """Collects what is wrong with one file, so that it can be told in one go."""

    def __init__(self, *, file: str) -> None:
        self._file = file
        self._found: list[Problem] = []

    def add(self, reason: str, remedy: str, *, path: str = "", line: int | None = None) -> None:
        """Note a problem. Raises :class:`ConfigError` when there are too many to be worth going on."""
        self._found.append(Problem(file=self._file, line=line, path=path, reason=reason, remedy=remedy))
        if len(self._found) == MOST_PROBLEMS:
            reason = f"stopped after {MOST_PROBLEMS} problems"
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
    """A key, or a variable's name, from the file as it can stand in one line of a message: if it looks like one.

    ``auth_token:SECRET``, without the blank, is a key to YAML; so is a token pasted in the wrong place. What may be a
    secret is shown as ``***``.
    """
    if not _SURELY_A_WORD.fullmatch(word):
        beginning = _BEGINNING.match(word)
        return f"{beginning[1]}***" if beginning else "***"
    return word if len(word) <= _LONGEST_WORD else word[:_LONGEST_WORD] + "..."
