"""One fault as it happens: broken, paged, healed, resolved. Times are seconds of the drill's clock."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.drill.faults import Fault
from tests.drill.pager import Incident

CAUSE = re.compile(r"of the unanswered calls ended with (.+?)(?:, usually \d+ %)?\. ")


@dataclass(slots=True, kw_only=True)
class FaultRun:
    """The pages of one fault so far. ``number`` is its incident's, ``warnings`` are titles of what did not page."""

    fault: Fault
    broken: float | None = None
    healed: float | None = None
    number: int | None = None
    incidents: list[Incident] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def page_after(self) -> float | None:
        """Seconds from the break to the first page."""
        if self.broken is None or not self.incidents:
            return None
        return self.incidents[0].opened - self.broken

    @property
    def resolved_after(self) -> float | None:
        """Seconds from healing to the resolve of the first page."""
        if self.healed is None or not self.incidents or self.incidents[0].closed is None:
            return None
        return self.incidents[0].closed - self.healed

    @property
    def resolves(self) -> int:
        """Pages that were resolved."""
        return sum(incident.closed is not None for incident in self.incidents)

    @property
    def alerts(self) -> list[str]:
        """Every alert that its pages named."""
        return sorted({name for incident in self.incidents for name in incident.alerts})

    @property
    def causes(self) -> list[str]:
        """Every hangup cause that the first page named."""
        return CAUSE.findall(self.incidents[0].first.details.get("description", "")) if self.incidents else []

    @property
    def deliveries(self) -> int:
        """How often Alertmanagers sent or updated its pages, resolves apart."""
        return sum(incident.triggers for incident in self.incidents)

    @property
    def expected(self) -> float | None:
        """When its own alert was first named in a page."""
        alert = self.fault.alert
        return min((incident.alerts[alert] for incident in self.incidents if alert in incident.alerts), default=None)

    def to_heal(self, now: float, hold: float) -> bool:
        """Whether to heal now: ``hold`` seconds after its alert paged, or when it has not in time."""
        if self.broken is None or self.healed is not None:
            return False
        if self.expected is not None:
            return now >= self.expected + hold
        return now >= self.broken + 60 * self.fault.minutes

    def over(self, now: float) -> bool:
        """Whether there is nothing more to wait for: all pages are resolved, or it has taken too long."""
        if self.healed is None:
            return False
        done = bool(self.incidents) and self.resolves == len(self.incidents)
        return done or not self.incidents or now >= self.healed + 60 * self.fault.minutes

    def problems(self) -> list[str]:
        """What is not as it has to be; nothing if the fault caused exactly one page and one resolve."""
        problems = []
        if len(self.incidents) != 1:
            problems.append(f"{len(self.incidents)} pages instead of one")
        if self.fault.sent_once and self.deliveries != 1:
            problems.append(f"sent {self.deliveries} times instead of once")
        if self.resolves != len(self.incidents):
            problems.append(f"{len(self.incidents) - self.resolves} not resolved")
        if self.incidents and self.incidents[0].alerts.get(self.fault.alert) != self.incidents[0].opened:
            problems.append(f"the page is not for {self.fault.alert}")
        if self.incidents and self.causes != [self.fault.cause] * bool(self.fault.cause):
            problems.append(
                f"the page names {' and '.join(self.causes) or 'no cause'}, not {self.fault.cause or 'none'}"
            )
        return problems
