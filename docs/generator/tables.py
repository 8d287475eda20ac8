"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what stands in a cell is Markdown, in which only the bar has to be escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def code(text: str) -> str:
    """Text set as code; nothing for no text."""
    return f"`{text}`" if text else ""


def sentence(text: str) -> str:
    """A help text as a sentence; a word of the program's own language at its start stays as it is."""
    return text if text.startswith(("true", "false", "http")) else text[:1].upper() + text[1:]
