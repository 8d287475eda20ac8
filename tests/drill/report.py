"""What the drill prints: notifications as they arrive, and the table at the end."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from tests.drill.fault_run import FaultRun
from tests.drill.pager import Incident

WIDTH = 110
HEAD = "| Fault | Pages | Page after | Alerts | Cause named | Sent | Resolves | Resolved after | Warnings |"


class Report:
    """``began`` is when the drill's clock read zero for people."""

    began: float | None = None

    def say(self, text: str, *, at: float | None = None) -> None:
        """One line, with the time since the drill began if ``at`` is given."""
        print(f"{self._stamp(at)} {text}" if at is not None else text, flush=True)

    def page(self, run: FaultRun, incident: Incident) -> None:
        """A page as whoever is on call sees it."""
        event = incident.first
        self.say(f"PAGE     {event.summary.strip()}", at=incident.opened)
        self._detail(
            f"{took(run.page_after)} after the fault · {', '.join(sorted(incident.alerts))} · {event.severity}"
        )
        self._detail(event.details.get("description", "no description").strip())
        self._detail(event.details.get("runbook", "no runbook").strip())

    def resolved(self, run: FaultRun, at: float) -> None:
        """A page that is over."""
        after = "before it was healed" if run.healed is None else f"{took(at - run.healed)} after healing"
        self.say(f"RESOLVED {run.fault.name}: {after}", at=at)

    def table(self, runs: Sequence[FaultRun]) -> None:
        """One row a fault, as Markdown."""
        self.say(HEAD)
        self.say("|" + "---|" * (HEAD.count("|") - 1))
        for run in runs:
            cells = (
                f"{run.fault.name}: {run.fault.what}",
                str(len(run.incidents)),
                took(run.page_after),
                ", ".join(run.alerts) or "-",
                ", ".join(run.causes) or "-",
                str(run.deliveries),
                str(run.resolves),
                took(run.resolved_after),
                str(len(run.warnings)),
            )
            self.say("| " + " | ".join(cells) + " |")

    def _detail(self, text: str) -> None:
        for line in textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False):
            self.say(" " * 18 + line)

    def _stamp(self, at: float | None) -> str:
        seconds = int((at or 0.0) - (self.began or 0.0))
        return f"{seconds // 60:4d}:{seconds % 60:02d}"


def took(seconds: float | None) -> str:
    """How long something took, as people say it."""
    if seconds is None:
        return "-"
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"
