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

    @property
    def growth(self) -> float:
        """By how much the share exceeds the usual one."""
        return (self.now or 0.0) - (self.usual or 0.0)


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


class TallyState(msgspec.Struct):
    """What is saved of a tally."""

    booked: int | None = None
    """Calls that the ledger had counted at the last reading; None before the first."""
    unread: int = 0
    keys: dict[str, None] = {}
    causes: dict[str, None] = {}
    calls: dict[str, int] = {}
    """By direction, answered, cause and source, with tabs between them, which no word contains."""
    ring: dict[str, Distribution] = {}
    mos: dict[str, Distribution] = {}
    """By direction."""
    minutes: dict[int, dict[str, dict[str, int]]] = {}
    """Unanswered calls of the last hour: by the minute in which they were read, direction and cause."""
    usual: dict[str, dict[str, float]] = {}
    """Weights by direction and cause."""
    usual_at: float = 0.0


class CauseTally:
    """The call records of one account. For one thread at a time; all times are seconds since the epoch.

    ``saved`` is what :meth:`dump` returned; anything else raises ValueError.
    """

    def __init__(self, saved: bytes | None = None) -> None:
        self._state = TallyState() if saved is None else _decoded(saved)
        self._accounts: dict[int, Counter[str]] = {}
        """Unanswered calls by customer, by minute; not saved."""

    def dump(self) -> bytes:
        """All of it but the customers, as JSON."""
        return msgspec.json.encode(self._state)

    def seen(self, record: CallRecord) -> bool:
        """Whether it was counted before; one without any id cannot be counted once, and passes for seen."""
        return record.key is None or _hash(record.key) in self._state.keys

    def add(self, records: Iterable[CallRecord], *, complete: bool, booked: int, at: float) -> None:
        """Count the records of one reading, the newest first; the first time, only remember them as usual.

        ``complete`` is False if the page limit ended the reading; ``booked`` are the calls that the ledger has counted.
        """
        state = self._state
        state.usual_at = state.usual_at or at
        new = {record.key: record for record in records if not self.seen(record)}
        for key, record in reversed(new.items()):
            state.keys[_hash(key or "")] = None
            direction, cause = record.direction or UNKNOWN, self._cause(record)
            if state.booked is not None:
                self._count(record, direction, cause, at)
            elif not record.answered:
                self._make_usual(direction, cause, 1)
        for old in list(islice(state.keys, max(len(state.keys) - MAX_KEYS, 0))):
            del state.keys[old]
        if state.booked is not None and not complete:
            state.unread += max(booked - state.booked - len(new), 0)
        state.booked = booked
        self._age(at)

    def shown(self, at: float, *, customers: int) -> Causes:
        """All counts, the shares as of this time, and so many customers."""
        self._age(at)
        state, most = self._state, sum(self._accounts.values(), Counter[str]())
        return Causes(
            calls={tuple(key.split("\t")): count for key, count in state.calls.items()},
            unread=state.unread,
            ring=dict(state.ring),
            mos=dict(state.mos),
            shares=tuple(sorted(self._shares(at), key=lambda one: (-one.growth, -one.calls, one.direction, one.cause))),
            customers=tuple(sorted(most.items(), key=lambda item: (-item[1], item[0]))[:customers]),
        )

    def _count(self, record: CallRecord, direction: str, cause: str, at: float) -> None:
        state, source = self._state, record.source or UNKNOWN
        key = "\t".join((direction, str(record.answered).lower(), cause, source if source in SOURCES else OTHER))
        state.calls[key] = state.calls.get(key, 0) + 1
        if record.ring_time is not None and record.ring_time <= MAX_RING:
            state.ring[direction] = state.ring.get(direction, NO_RINGS).add(float(record.ring_time))
        if record.mos and record.mos <= MAX_MOS:
            state.mos[direction] = state.mos.get(direction, NO_MOS).add(float(record.mos))
        if not record.answered:
            minute = int(at // 60) * 60
            causes = state.minutes.setdefault(minute, {}).setdefault(direction, {})
            causes[cause] = causes.get(cause, 0) + 1
            if record.account_id is not None:
                self._accounts.setdefault(minute, Counter())[record.account_id] += 1

    def _cause(self, record: CallRecord) -> str:
        """As the API words it, at most :data:`MAX_CAUSES` different ones."""
        causes = self._state.causes
        cause = record.cause_name or record.cause or (UNKNOWN if record.code is None else f"code {record.code}")
        if cause not in causes and len(causes) >= MAX_CAUSES:
            return OTHER
        causes[cause] = None
        return cause

    def _make_usual(self, direction: str, cause: str, calls: int) -> None:
        weights = self._state.usual.setdefault(direction, {})
        weights[cause] = weights.get(cause, 0.0) + calls

    def _age(self, at: float) -> None:
        """Calls become usual an hour after they were read, so that an incident is not compared with itself."""
        state = self._state
        past = [minute for minute in state.minutes if not 0 <= at - minute < MAX_NOW_SECONDS]
        if past:
            factor = 0.5 ** (max(at - state.usual_at, 0.0) / HALF_LIFE)
            for direction, weights in state.usual.items():
                aged = {cause: weight * factor for cause, weight in weights.items()}
                state.usual[direction] = {cause: weight for cause, weight in aged.items() if weight > 0.01}
            state.usual_at = at
        for minute in past:
            for direction, causes in state.minutes.pop(minute).items():
                for cause, calls in causes.items():
                    self._make_usual(direction, cause, calls)
            self._accounts.pop(minute, None)

    def _shares(self, at: float) -> Iterator[CauseShare]:
        state = self._state
        for direction in sorted({*state.usual, *(direction for row in state.minutes.values() for direction in row)}):
            usual, hour, now = state.usual.get(direction, {}), Counter[str](), Counter[str]()
            for minute in sorted(state.minutes, reverse=True):
                causes = state.minutes[minute].get(direction, {})
                hour.update(causes)
                if at - minute <= NOW_SECONDS or now.total() < ENOUGH_NOW:
                    now.update(causes)
            all_now, all_usual = now.total(), sum(usual.values())
            shares = {
                cause: (now[cause] / max(all_now, 1), usual.get(cause, 0.0) / max(all_usual, 1.0))
                for cause in sorted({*usual, *hour})
            }
            growth = max((share - of_usual for share, of_usual in shares.values()), default=0.0)
            stated = _comparable(all_now, all_usual, growth)
            for cause, (share, of_usual) in shares.items():
                yield CauseShare(
                    direction=direction,
                    cause=cause,
                    calls=hour[cause],
                    now=share if stated else None,
                    usual=of_usual if stated else None,
                )


def _decoded(saved: bytes) -> TallyState:
    state = msgspec.json.decode(saved, type=TallyState)  # its errors are ValueErrors
    for histograms, none in ((state.ring, NO_RINGS), (state.mos, NO_MOS)):
        if any((saved.bounds, len(saved.counts)) != (none.bounds, len(none.counts)) for saved in histograms.values()):
            raise ValueError("a histogram has other buckets")
    return state


def _hash(key: str) -> str:
    """64 bits: among a thousand records, two are taken for one once in 10^13 readings."""
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def _comparable(now: float, usual: float, growth: float) -> bool:
    """Whether the calls of now and the usual ones are enough to compare their shares, of which one grew most."""
    if now < MIN_NOW or usual < MIN_USUAL:
        return False
    error = 0.5 * sqrt(1 / now + 1 / usual)
    return error <= MAX_ERROR or growth > 3 * error
