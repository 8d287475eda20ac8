"""Problems of a configuration file, which are all reported at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

MAX_PROBLEMS = 100
"""No more are reported: the file is probably not a configuration at all."""

Place = tuple[str | int, ...]
"""Where a value stands: the keys, and the indexes in lists, that lead to it."""

_MAX_WORD = 60
# Longer than this, a word with a digit in it may be a token.
_SURELY_A_WORD = re.compile(r"(?:[^\W\d]|[ .-])*|[\w.-]{1,12}")


class StartError(Exception):
    """A command cannot do its work; one line that says why and what to do."""


class Invalid(Exception):
    """A value that cannot be used; the message holds nothing of it."""

    def __init__(self, reason: str, remedy: str, *, line: int | None = None) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason, self.remedy, self.line = reason, remedy, line


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
    """The configuration cannot be used; ``str()`` has one line for each of ``problems``, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        found = sorted(problems, key=lambda problem: problem.line or 0)
        if len(found) > MAX_PROBLEMS:
            reason = f"stopped after {MAX_PROBLEMS} problems"
            remedy = "correct these first, or check that it is the right file"
            found[MAX_PROBLEMS:] = [replace(found[0], line=None, path="", reason=reason, remedy=remedy)]
        self.problems = tuple(found)
        super().__init__("\n".join(map(str, found)))


def dotted(place: Place) -> str:
    """A place in one line, such as ``partners[0].name``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{shown(step)}" for step in place)
    return "".join(steps).removeprefix(".")


def shown(word: str) -> str:
    """A key, or a variable's name, as it can stand in one line of a message; ``***`` where it may be a secret.

    ``auth_token:SECRET``, without the blank, is a key to YAML; so is a token pasted in the wrong place.
    """
    if _SURELY_A_WORD.fullmatch(word):
        return word[:_MAX_WORD]
    return "".join(re.findall(r"\A([^\W\d]{1,40})[:= ]", word)) + "***"


def suggestion(word: str, known: Sequence[str], *, elsewhere: Iterable[str] = ()) -> str:
    """A remedy for an unknown word: the nearest known one, else the dotted path ``elsewhere`` that ends in it."""
    # Comparing takes time in the square of the length.
    near = get_close_matches(word.lower()[:_MAX_WORD], known, n=1)
    near = near or [path for path in elsewhere if path.rpartition(".")[2] == word]
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
