"""The table: for people as it grows, as Markdown for the document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.faults.job import CHECKS, Verdict


def line(verdict: Verdict) -> str:
    """One row while the matrix runs."""
    cells = " ".join(f"{check}:{'NO' if verdict.problems[check] else 'yes'}" for check in CHECKS)
    return f"{'ok  ' if verdict.holds else 'FAIL'} {verdict.name:40} {verdict.tried:3} {cells}"


def problems(verdict: Verdict) -> list[str]:
    """What did not hold, a line each."""
    found = [f"{check}: {problem}" for check in CHECKS for problem in verdict.problems[check]]
    return found if verdict.tried else ["not tried", *found]


def summary(verdicts: Sequence[Verdict]) -> str:
    """How many there were, and how many did not hold."""
    failed = sum(not verdict.holds for verdict in verdicts)
    tried = sum(verdict.tried for verdict in verdicts)
    return f"{len(verdicts)} faults, {tried} times: {len(verdicts) - failed} as they must be, {failed} not."


def markdown(verdicts: Sequence[Verdict]) -> str:
    """A table for each group."""
    parts = []
    for group in dict.fromkeys(verdict.group for verdict in verdicts):
        rows: list[tuple[str, ...]] = [("fault", "done", "tried", *CHECKS)]
        rows += [_row(verdict) for verdict in verdicts if verdict.group == group]
        head, *rest = ("| " + " | ".join(row) + " |" for row in rows)
        parts.append("\n".join((f"### {group}", "", head, "|" + "---|" * len(rows[0]), *rest)))
    return "\n\n".join((*parts, summary(verdicts)))


def _row(verdict: Verdict) -> tuple[str, ...]:
    cells = (_cell(verdict, check) for check in CHECKS)
    return f"`{verdict.name}`", _safe(verdict.what), str(verdict.tried), *cells


def _cell(verdict: Verdict, check: str) -> str:
    if verdict.problems[check]:
        return "**NO**: " + _safe("; ".join(verdict.problems[check]))
    return _safe(_shortened(verdict.notes[check])) or "yes"


def _shortened(notes: Iterable[str]) -> str:
    first, *others = [*notes] or [""]
    text = first if len(first) <= 90 else first[:89] + "…"
    return f"{text} (+{len(others)})" if others else text


def _safe(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
