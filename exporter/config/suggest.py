"""What somebody probably meant who wrote a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# Comparing takes time in the square of the length.
_LONGEST_WORD = 100


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like this one; None if none is."""
    if len(word) > _LONGEST_WORD:
        return None
    return next(iter(get_close_matches(word.lower(), known, n=1)), None)


def suggestion(word: str, known: Iterable[str], *, elsewhere: Iterable[str] = ()) -> str:
    """A remedy for an unknown word: the nearest known one, else the dotted path ``elsewhere`` that ends in it."""
    known = tuple(known)
    near = nearest(word, known)
    if near is not None:
        return f"did you mean {near}?"
    for path in elsewhere:
        if path.rpartition(".")[2] == word:
            return f"did you mean {path}?"
    return f"known here: {', '.join(known)}" if known else "remove it: this version knows none"
