"""When to poll: one APScheduler job a partner, on a steady grid that neither clock jumps nor suspended laptops disturb.

What APScheduler 3 does by default and is set otherwise here: it first runs after one interval, drops a run that is a
second late, and plans on the wall clock, so that a clock set back by a day would stop all polls for a day, and one set
forward would make it count through every run it believes to have missed.
"""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_SUBMITTED, JobSubmissionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from exporter.api.errors import Cancelled
from exporter.clock import Clock

log = logging.getLogger(__name__)

MAX_THREADS = 100
"""Polls under way at a time: as many as one process has partners, so that none waits for another's that hangs."""

SLACK = 0.05
"""Share of the interval by which the two clocks may disagree on whether a run is due."""

HEARTBEAT = " heartbeat"
"""A job and an executor of its own: no partner's name begins with a blank, and hanging polls cannot hold it up."""

HEARTBEAT_SECONDS = 5.0
DEAD_AFTER = 30.0

JUMP = 2.0
"""Seconds by which the wall clock must leave the elapsed one to be taken for a jump."""


class ReadyPool(ThreadPoolExecutor):  # type: ignore[misc]
    """Its first thread is there from the start: where memory has run out, the start of one may never return."""

    def start(self, scheduler: Any, alias: str) -> None:
        """Called by the scheduler when it starts."""
        super().start(scheduler, alias)
        self._pool.submit(lambda: None)


class SteadyTrigger(BaseTrigger):  # type: ignore[misc]
    """Every ``interval`` seconds of the elapsed clock from ``start`` on; runs that were missed are not made up for.

    APScheduler asks several times for one run, so the answer depends on the clock alone and not on earlier questions.
    """

    def __init__(self, *, interval: float, start: float, clock: Clock) -> None:
        self._interval, self._clock = interval, clock
        self.restart(start)

    def restart(self, start: float) -> None:
        """Keep the interval, and make this moment the first point of the grid."""
        self._start, self._counted = start, -1

    def lateness(self) -> float:
        """Seconds since the last point of the grid: for a run that begins now, how late it is."""
        return max(self._behind() % self._interval - self._interval * SLACK, 0.0)

    def passed(self) -> int:
        """How many points of the grid have passed since this was last asked: 1 if none was left out."""
        counted, self._counted = self._counted, int(self._behind() // self._interval)
        return self._counted - counted

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next run, on the wall clock as it stands now: a point of the grid only just ahead is the present run."""
        behind = self._behind()
        wait = -behind if behind < 0 else self._interval - behind % self._interval
        return now + timedelta(seconds=wait + self._interval * SLACK)

    def _behind(self) -> float:
        """Seconds since the start; a point of the grid only just ahead counts as reached."""
        return self._clock.elapsed() + self._interval * SLACK - self._start


class Schedule:
    """Calls each partner's poll at once and then at its interval; a partner's polls never overlap.

    ``missed`` is called with the partner's name and a number of runs that were left out: because the previous one has
    not ended, or because nothing could be started for that long. ``late`` is called with the seconds by which a run
    starts after its time. :meth:`check_clock` is to be called every second or so.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        missed: Callable[[str, int], None] = lambda _partner, _polls: None,
        late: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._clock, self._missed, self._late = clock, missed, late
        self._offset = self._wall_offset()
        self._logged: dict[str, str] = {}
        """By partner: the error that ended its last poll, if one did."""
        self._scheduler = BackgroundScheduler(
            executors={"default": ReadyPool(MAX_THREADS), HEARTBEAT: ReadyPool(1)},
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
            timezone=timezone.utc,
        )
        self._last_heartbeat = clock.elapsed()
        trigger = SteadyTrigger(interval=HEARTBEAT_SECONDS, start=clock.elapsed(), clock=clock)
        self._scheduler.add_job(self._heartbeat, trigger, id=HEARTBEAT, executor=HEARTBEAT)
        self._scheduler.add_listener(self._count_missed, EVENT_JOB_SUBMITTED | EVENT_JOB_MAX_INSTANCES)
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)

    def start(self) -> None:
        """Begin to run what was added."""
        self._scheduler.start()

    def add(self, partner: str, poll: Callable[[], None], *, interval: float, delay: float = 0.0) -> None:
        """Poll a partner from now on, for the first time in ``delay`` seconds."""
        now = self._clock.now()
        trigger = SteadyTrigger(interval=interval, start=now.elapsed + delay, clock=self._clock)
        first = _wall_time(now.wall + delay)
        self._scheduler.add_job(self._run, trigger, args=(partner, poll, trigger), id=partner, next_run_time=first)

    def run_now(self, partner: str) -> None:
        """Poll a partner now, and at its interval from here on."""
        now, job = self._clock.now(), self._scheduler.get_job(partner)
        if job is not None:
            job.trigger.restart(now.elapsed)
            self._plan(job, _wall_time(now.wall))

    def remove(self, partner: str) -> None:
        """Plan no more polls of a partner; one under way goes on."""
        self._scheduler.remove_job(partner)

    def check_clock(self) -> None:
        """Plan again if the wall clock was set: APScheduler's plans are on it, ours are not."""
        offset = self._wall_offset()
        if abs(offset - self._offset) < JUMP:
            return
        log.warning("the clock was set", extra={"by_seconds": round(offset - self._offset), "action": "none needed"})
        self._offset = offset
        for job in self._scheduler.get_jobs():
            self._plan(job, job.trigger.get_next_fire_time(None, _wall_time(self._clock.wall())))

    def alive(self) -> bool:
        """Whether planned runs are still being started."""
        return self._clock.elapsed() - self._last_heartbeat < DEAD_AFTER

    def stop(self) -> None:
        """Plan nothing more; polls under way are for their owners to end."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _plan(self, job: Any, at: datetime) -> None:
        with contextlib.suppress(JobLookupError):  # removed meanwhile
            job.modify(next_run_time=at)

    def _run(self, partner: str, poll: Callable[[], None], trigger: SteadyTrigger) -> None:
        self._late(trigger.lateness())
        try:
            poll()
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001 a defect must cost this poll only, and be seen
            self._log_defect(partner, error)
            return
        if self._logged.pop(partner, None) is not None:
            log.info("polls work again", extra={"partner": partner})

    def _log_defect(self, partner: str, error: Exception) -> None:
        kind, last = type(error).__name__, traceback.extract_tb(error.__traceback__)[-1]
        if self._logged.get(partner) == kind:
            return
        self._logged[partner] = kind
        message, action = "poll broke off by a defect of the exporter", "please report this"
        if isinstance(error, MemoryError):
            message, action = "poll broke off, memory has run out", "give the process more memory"
        where = f"{last.filename}:{last.lineno}"
        log.error(message, extra={"partner": partner, "error": kind, "where": where, "action": action})

    def _heartbeat(self) -> None:
        self._last_heartbeat = self._clock.elapsed()

    def _count_missed(self, event: JobSubmissionEvent) -> None:
        """Counted on the grid: APScheduler reports a run that could not start, and not time that it has lost."""
        job = self._scheduler.get_job(event.job_id)
        if job is None or job.id == HEARTBEAT:
            return
        left_out = job.trigger.passed() - (event.code == EVENT_JOB_SUBMITTED)
        if left_out > 0:
            self._missed(job.id, left_out)

    def _wall_offset(self) -> float:
        moment = self._clock.now()
        return moment.wall - moment.elapsed


def _wall_time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
