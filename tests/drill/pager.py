"""Incidents as PagerDuty keeps them: whoever is on call is paged when one is opened, and not by what joins it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.drill.events import Event


@dataclass(slots=True, kw_only=True)
class Incident:
    """A page: from the first trigger of a dedup_key to its resolve. Times are seconds of the drill's clock.

    ``alerts`` says when each alert that it names was first named, ``triggers`` how many triggers there were.
    """

    opened: float
    first: Event
    partner: str
    closed: float | None = None
    triggers: int = 0
    alerts: dict[str, float] = field(default_factory=dict)

    def take(self, event: Event, at: float) -> None:
        """Note the alerts that an event names, and the end."""
        self.triggers += event.action == "trigger"
        for labels in event.alerts:
            self.alerts.setdefault(labels.get("alertname", ""), at)
        if event.action == "resolve":
            self.closed = at


class Pager:
    """All incidents so far, in the order they were opened."""

    def __init__(self) -> None:
        self.incidents: list[Incident] = []

    def take(self, event: Event, at: float) -> Incident | None:
        """Follow one event: the incident that it opened or closed, None if it only added to one."""
        known = next(
            (one for one in self.incidents if one.first.dedup_key == event.dedup_key and one.closed is None), None
        )
        opened = known is None and event.action == "trigger"
        if opened:
            partners = {labels.get("partner", "") for labels in event.alerts}
            known = Incident(opened=at, first=event, partner=", ".join(sorted(partners)))
            self.incidents.append(known)
        if known is None:
            return None
        known.take(event, at)
        return known if opened or known.closed is not None else None
