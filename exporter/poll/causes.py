"""Why calls fail: call records counted by hangup cause, each once, and the causes of now beside the usual ones.

Pure: records in, counts and shares out. Of a record, only a hash of its id is kept.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import sqrt

import msgspec

from exporter.api.model import CallRecord

MAX_CAUSES = 40
"""Causes that are counted by name; later ones are ``other``."""

MAX_KEYS = 1000
"""Newest records that are remembered, so that none counts twice when pages shift or records come late."""

NOW_SECONDS, MAX_NOW_SECONDS = 900.0, 3600.0
ENOUGH_NOW = 50
"""The calls of now are those of the last quarter of an hour; further back, up to an hour, while they are fewer."""

MIN_NOW, MIN_USUAL = 20, 200
"""Unanswered calls of one direction below which no share is stated."""

MAX_ERROR = 0.04
"""Standard error of a difference between two shares above which none is stated unless it is three times as large: a
plain drop, with the usual causes, then names a cause of 10 points more in fewer than 1 of 100 cases."""

HALF_LIFE = 3 * 86_400.0
"""Seconds after which a call weighs half as much in what is usual."""

MAX_RING, MAX_MOS = 600, 5
"""Seconds for which no call rings, and the best score; 0 is none."""

SOURCES = ("Caller", "Call recipient", "Vobiz", "Carrier", "API Request", "Answer XML", "Error", "Unknown")
"""Who may have ended a call, as documented."""

OTHER, UNKNOWN = "other", "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseShare:
    """The part, 0 to 1, of one direction's unanswered calls that has this cause; ``usual`` is that of earlier days.

    Both are None where there are too few calls to compare. ``calls`` are those of the last hour.
    """

    direction: str
    cause: str
    calls: int
    now: float | None
    usual: float | None


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """A histogram: ``counts`` has one more entry than ``bounds``, and is not cumulative; ``total`` is the sum."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float

    def add(self, value: float) -> Distribution:
        """The same with one more value."""
        place = bisect_left(self.bounds, value)
        counts = (*self.counts[:place], self.counts[place] + 1, *self.counts[place + 1 :])
        return Distribution(bounds=self.bounds, counts=counts, total=self.total + value)


NO_RINGS = Distribution(bounds=(2.0, 5.0, 10.0, 20.0, 30.0, 60.0), counts=(0,) * 7, total=0.0)
"""Seconds."""

NO_MOS = Distribution(bounds=(2.6, 3.1, 3.6, 4.0, 4.3), counts=(0,) * 6, total=0.0)
"""Limits between the classes of quality, ITU-T G.107 Annex B."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """Call records: counts by direction, answered, cause and source; ring time and MOS by direction.

    ``unread`` are about how many records the page limit left out. ``shares`` are of the cause that grew most first.
    ``customers`` are account ids with their unanswered calls of the last hour, the most first.
    """

    calls: Mapping[tuple[str, ...], int]
    unread: int
    ring: Mapping[str, Distribution]
    mos: Mapping[str, Distribution]
    shares: tuple[CauseShare, ...]
    customers: tuple[tuple[str, int], ...]


class Lane(msgspec.Struct):
    """One direction's ring times and scores, and unanswered calls by cause: of the last hour, and the usual ones."""

    usual_at: float
    """As of when calls weigh what they do in ``usual``."""
    ring: Distribution = NO_RINGS
    mos: Distribution = NO_MOS
    minutes: dict[int, dict[str, int]] = {}
    """Calls of the last hour, by the minute in which they were read."""
    usual: dict[str, float] = {}

    def __post_init__(self) -> None:
        for saved, none in ((self.ring, NO_RINGS), (self.mos, NO_MOS)):
            if (saved.bounds, len(saved.counts)) != (none.bounds, len(none.counts)):
                raise ValueError("a histogram has other buckets")

    def age(self, at: float) -> None:
        """Calls become usual an hour after they were read, so that an incident is not compared with itself."""
        past = [minute for minute in self.minutes if not _is_now(minute, at)]
        if past:
            factor = 0.5 ** (max(at - self.usual_at, 0.0) / HALF_LIFE)
            self.usual = {cause: weight * factor for cause, weight in self.usual.items() if weight * factor > 0.01}
            self.usual_at = at
        for minute in past:
            for cause, calls in self.minutes.pop(minute).items():
                self.usual[cause] = self.usual.get(cause, 0.0) + calls

    def shares(self, direction: str, at: float) -> Iterator[CauseShare]:
        """Of each cause, in the calls of now and in the usual ones."""
        hour, now = Counter[str](), Counter[str]()
        for minute in sorted(self.minutes, reverse=True):
            hour.update(self.minutes[minute])
            if at - minute <= NOW_SECONDS or now.total() < ENOUGH_NOW:
                now.update(self.minutes[minute])
        all_now, all_usual = max(now.total(), 1), max(sum(self.usual.values()), 1.0)
        shares = {
            cause: (now[cause] / all_now, self.usual.get(cause, 0.0) / all_usual) for cause in {*self.usual, *hour}
        }
        growth = max((share - usual for share, usual in shares.values()), default=0.0)
        error = 0.5 * sqrt(1 / all_now + 1 / all_usual)
        stated = all_now >= MIN_NOW and all_usual >= MIN_USUAL and (error <= MAX_ERROR or growth > 3 * error)
        for cause, (share, usual) in shares.items():
            known = {"now": share, "usual": usual} if stated else {"now": None, "usual": None}
            yield CauseShare(direction=direction, cause=cause, calls=hour[cause], **known)


class CauseTally(msgspec.Struct, dict=True):
    """The call records of one account. For one thread at a time; all times are seconds since the epoch.

    Its fields are what is saved; the customers are not.
    """

    booked: int | None = None
    """Calls that the ledger had counted at the last reading; None before the first."""
    unread: int = 0
    keys: dict[str, None] = {}
    causes: dict[str, None] = {}
    calls: dict[str, int] = {}
    """By direction, answered, cause and source, with tabs between them, which no word contains."""
    lanes: dict[str, Lane] = {}

    def __post_init__(self) -> None:
        self._customers: dict[int, Counter[str]] = {}
        """Unanswered calls by customer, by minute."""

    def seen(self, record: CallRecord) -> bool:
        """Whether it was counted before; one without any id cannot be counted once, and passes for seen."""
        return record.key is None or _hash(record.key) in self.keys

    def add(self, records: Iterable[CallRecord], *, complete: bool, booked: int, at: float) -> None:
        """Count the records of one reading, the newest first; the first time, only remember them as usual.

        ``complete`` is False if the page limit ended the reading; ``booked`` are the calls that the ledger has counted.
        """
        new = {record.key: record for record in records if not self.seen(record)}
        for key, record in reversed(new.items()):
            self.keys[_hash(key or "")] = None
            lane, cause = self.lanes.setdefault(record.direction or UNKNOWN, Lane(usual_at=at)), self._cause(record)
            if self.booked is not None:
                self._count(record, lane, cause, at)
            elif not record.answered:
                lane.usual[cause] = lane.usual.get(cause, 0.0) + 1
        for old in list(islice(self.keys, max(len(self.keys) - MAX_KEYS, 0))):
            del self.keys[old]
        if self.booked is not None and not complete:
            self.unread += max(booked - self.booked - len(new), 0)
        self.booked = booked
        self._age(at)

    def shown(self, at: float) -> Causes:
        """All counts, the shares as of this time, and every customer with unanswered calls."""
        self._age(at)
        most = sum(self._customers.values(), Counter[str]())
        shares = [share for direction, lane in self.lanes.items() for share in lane.shares(direction, at)]
        shares.sort(key=lambda one: ((one.usual or 0) - (one.now or 0), -one.calls, one.direction, one.cause))
        return Causes(
            calls={tuple(key.split("\t")): count for key, count in self.calls.items()},
            unread=self.unread,
            ring={direction: lane.ring for direction, lane in self.lanes.items() if any(lane.ring.counts)},
            mos={direction: lane.mos for direction, lane in self.lanes.items() if any(lane.mos.counts)},
            shares=tuple(shares),
            customers=tuple(sorted(most.items(), key=lambda item: (-item[1], item[0]))),
        )

    def _count(self, record: CallRecord, lane: Lane, cause: str, at: float) -> None:
        source = record.source or UNKNOWN
        words = (
            record.direction or UNKNOWN,
            str(record.answered).lower(),
            cause,
            source if source in SOURCES else OTHER,
        )
        self.calls["\t".join(words)] = self.calls.get("\t".join(words), 0) + 1
        if record.ring_time is not None and record.ring_time <= MAX_RING:
            lane.ring = lane.ring.add(float(record.ring_time))
        if record.mos and record.mos <= MAX_MOS:
            lane.mos = lane.mos.add(float(record.mos))
        if not record.answered:
            minute = int(at // 60) * 60
            causes = lane.minutes.setdefault(minute, {})
            causes[cause] = causes.get(cause, 0) + 1
            if record.account_id is not None:
                self._customers.setdefault(minute, Counter())[record.account_id] += 1

    def _cause(self, record: CallRecord) -> str:
        """As the API words it, at most :data:`MAX_CAUSES` different ones."""
        cause = record.cause or UNKNOWN
        if cause not in self.causes and len(self.causes) >= MAX_CAUSES:
            return OTHER
        self.causes[cause] = None
        return cause

    def _age(self, at: float) -> None:
        for lane in self.lanes.values():
            lane.age(at)
        self._customers = {minute: calls for minute, calls in self._customers.items() if _is_now(minute, at)}


def _is_now(minute: int, at: float) -> bool:
    """Whether it is of the last hour; one of the future was left behind by a clock that was set back."""
    return 0 <= at - minute < MAX_NOW_SECONDS


def _hash(key: str) -> str:
    """64 bits: among a thousand records, two are taken for one once in 10^13 readings."""
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
