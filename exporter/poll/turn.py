"""When an extra endpoint is asked next, and how it fares: less often than the others, and never in their way."""

from __future__ import annotations

from exporter.api.errors import ApiError, RateLimited, Refusal
from exporter.api.model import Unreadable
from exporter.clock import Clock, Moment
from exporter.poll.health import EndpointHealth
from exporter.poll.pace import LONGEST_WAIT


class Turn:
    """One endpoint's turns: every ``every`` seconds, of polls that come every ``interval`` seconds.

    After a failure the next poll tries again; after a refusal it is as long as usual, or as long as the API asks for.
    """

    def __init__(self, *, health: EndpointHealth, interval: float, every: float, clock: Clock) -> None:
        self.health = health
        self.every = every
        self._slack = interval / 2
        self._clock = clock
        self._next = float("-inf")

    @property
    def due(self) -> bool:
        """Whether this poll asks. Half an interval early is on time: polls do not come to the millisecond."""
        return self._clock.elapsed() >= self._next - self._slack

    def worked(self, began: Moment, unreadable: tuple[Unreadable, ...]) -> None:
        """What was begun at that moment is there, whole."""
        self.health.worked(self._clock.now(), unreadable)
        self._next = began.elapsed + self.every

    def failed(self, error: ApiError) -> Refusal | None:
        """Returns a refusal that concerns all requests of the partner: a rate limit is the account's."""
        at = self._clock.now()
        self.health.failed(at, error)
        self._next = at.elapsed
        if isinstance(error, Refusal):
            self._next += max(self.every, min(error.retry_after or 0.0, LONGEST_WAIT))
        return error if isinstance(error, RateLimited) else None

    def not_asked(self, error: ApiError) -> None:
        """The poll got no further than the main endpoints, for a reason that holds here as well."""
        self.health.failed(self._clock.now(), error)
        self._next = float("-inf")
