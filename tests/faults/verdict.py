"""What came of one fault, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass, field

CHECKS = ("alive", "told", "counted", "figures", "recovered")
"""
alive      the process runs, says that it polls, and gives its page
told       in the log: once when it begins, once when it is over, with what to do; never a secret
counted    in a metric, as often as it happened
figures    each one on each page is right or absent; counters are exact in the end
recovered  by itself, within one interval of the fault's end, or after the wait that the API asked for
"""


@dataclass(slots=True, kw_only=True)
class Verdict:
    """One row. ``notes`` say what was seen where all is well, ``problems`` what was not as it has to be."""

    name: str
    what: str
    group: str
    tried: int = 0
    notes: dict[str, list[str]] = field(default_factory=lambda: {check: [] for check in CHECKS})
    problems: dict[str, list[str]] = field(default_factory=lambda: {check: [] for check in CHECKS})

    def note(self, check: str, text: str) -> None:
        """Something worth knowing, each text once."""
        if text and text not in self.notes[check]:
            self.notes[check].append(text)

    def fail(self, check: str, text: str) -> None:
        """Something that is not as it has to be, each text once."""
        if text not in self.problems[check]:
            self.problems[check].append(text)

    def require(self, check: str, holds: bool, otherwise: str) -> None:
        """Fail unless it holds."""
        if not holds:
            self.fail(check, otherwise)

    @property
    def holds(self) -> bool:
        """Whether it was tried, and every cell holds."""
        return self.tried > 0 and not any(self.problems.values())
