"""The simulated world: its clock, its partners and its incidents, safe to use from several threads.

Nothing runs in the background. Whoever asks takes ``world()``, which holds the lock, and each partner's calls are
simulated up to the present when that partner is asked for.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .chance import dice
from .climate import DAY
from .customers import auth_id_of
from .partner import SimulatedPartner
from .settings import DemoSettings
from .timeline import Timeline


class SimulatedClock:
    """Simulated time, in seconds since 1970, derived from ``clock`` (real seconds since 1970).

    It starts at the real time, or ``midnight_in`` simulated seconds before the next UTC midnight. It never goes back,
    even if the real clock is set back.
    """

    def __init__(self, *, clock: Callable[[], float], speed: float, midnight_in: float | None) -> None:
        self._clock = clock
        self._seen = clock()
        self._now = self._seen if midnight_in is None else self._seen // DAY * DAY + DAY - midnight_in
        self.speed = speed
        self.paused = False

    def now(self) -> float:
        """Return the simulated time."""
        seen = self._clock()
        if not self.paused:
            self._now += max(0.0, seen - self._seen) * self.speed
        self._seen = seen
        return self._now

    def pause(self) -> None:
        """Stop simulated time."""
        self.now()
        self.paused = True

    def resume(self) -> None:
        """Let simulated time run on from where it stands."""
        self.now()
        self.paused = False


class World:
    """What one request may see and change, at one moment; valid while its ``with Simulation.world()`` lasts.

    A partner is made when it is first asked for, as it was at the start, so thousands of them cost nothing before.
    """

    def __init__(self, *, settings: DemoSettings, clock: SimulatedClock) -> None:
        self.settings = settings
        self.clock = clock
        self.now = self._start = clock.now()
        self.timeline = Timeline(rng=dice(settings.seed, "incidents"))
        for spec in settings.incidents:
            self.timeline.add(spec, now=self._start)
        self._numbers = {auth_id_of(number): number for number in range(1, settings.partners + 1)}
        self._made: dict[str, SimulatedPartner] = {}

    @property
    def auth_ids(self) -> tuple[str, ...]:
        """The partners' ids, in order."""
        return tuple(self._numbers)

    def token(self, auth_id: str | None) -> str | None:
        """Return the token of a partner, derived from the seed; None if there is no such partner."""
        if auth_id not in self._numbers:
            return None
        return "demo_" + hashlib.sha256(f"{self.settings.seed}:{auth_id}".encode()).hexdigest()[:32]

    def partner(self, auth_id: str) -> SimulatedPartner:
        """Return that partner, its calls simulated up to now."""
        partner = self._made.get(auth_id)
        if partner is None:
            settings, number = self.settings, self._numbers[auth_id]
            partner = SimulatedPartner(
                seed=settings.seed,
                number=number,
                volume=settings.volume,
                customers=settings.customers,
                start=self._start,
            )
            partner.advance(self._start, self.timeline)
            self._made[auth_id] = partner
        partner.advance(self.now, self.timeline)
        return partner

    def partners(self) -> list[SimulatedPartner]:
        """Return all partners, their calls simulated up to now."""
        return [self.partner(auth_id) for auth_id in self._numbers]


class Simulation:
    """Owns the world and its lock."""

    def __init__(self, *, settings: DemoSettings, clock: Callable[[], float]) -> None:
        self._lock = threading.Lock()
        simulated = SimulatedClock(clock=clock, speed=settings.speed, midnight_in=settings.midnight_in)
        self._world = World(settings=settings, clock=simulated)

    @contextmanager
    def world(self) -> Iterator[World]:
        """Lend the world to one thread, its clock read once."""
        with self._lock:
            self._world.now = self._world.clock.now()
            yield self._world
