"""What can go wrong on the API's side, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from exporter.api.errors import Outcome
from tests.faults.vobiz import Act

ENDPOINTS = ("dashboard", "analytics")
FAILED, AGAIN = 'msg="vobiz poll failed"', 'msg="vobiz answers again"'
REFUSALS = (Outcome.UNAUTHORIZED, Outcome.FORBIDDEN, Outcome.RATE_LIMITED)
MAX_INTERVALS = 10
"""That the exporter waits by itself while it is refused; it doubles from one."""


def doubling(number: int) -> float:
    """Intervals to wait after the refusal of this number, from 1, when the API does not say."""
    return float(min(2 ** (number - 1), MAX_INTERVALS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault on the API's side.

    ``outcome`` is what it must be counted as; without it the answer is used, in part if ``fields`` is set. ``wait``
    is how many intervals the exporter must hold back after the first refusal, the second and so on; ``answers`` how
    many make it lasting.
    """

    name: str
    what: str
    group: str
    outcome: Outcome | None = None
    fields: bool = False
    wait: Callable[[int], float] = doubling
    answers: int = 3
    endpoints: tuple[str, ...] = ENDPOINTS

    @property
    def refuses(self) -> bool:
        """Whether the exporter must ask less often."""
        return self.outcome in REFUSALS


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiFault(Fault):
    """One way to answer badly."""

    act: Act
