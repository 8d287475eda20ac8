"""Why calls fail: call records counted by hangup cause, each once, and the causes of now beside the usual ones.

Pure: records in, counts and shares out. Of a record, only a hash of its id is kept.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from typing import Any

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

RING_BUCKETS, MAX_RING = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0), 600
"""Seconds; no call rings for longer than the last."""

MOS_BUCKETS, MAX_MOS = (2.6, 3.1, 3.6, 4.0, 4.3), 5
"""Limits between the classes of quality, ITU-T G.107 Annex B; 0 is no score."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A histogram: ``counts`` has one more entry than ``bounds``, and is not cumulative; ``total`` is the sum."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """Call records: counts by direction, answered, cause and source; ring time and MOS by direction.

    ``unread`` are about how many records the page limit left out. ``shares`` are of the cause that grew most first.
    ``customers`` are account ids with their unanswered calls of the last hour, the most first.
    """

    calls: Mapping[tuple[str, str, str, str], int]
    unread: int
    ring: Mapping[str, Distribution]
    mos: Mapping[str, Distribution]
    shares: tuple[CauseShare, ...]
    customers: tuple[tuple[str, int], ...]


class CauseTally:
    """The call records of one account. For one thread at a time; all times are seconds since the epoch."""

    def __init__(self) -> None:
        self._booked: int | None = None
        """Calls that the ledger had counted at the last reading; None before the first."""
        self._unread = 0
        self._keys: dict[str, None] = {}
        self._causes: dict[str, None] = {}
        self._calls: Counter[tuple[str, str, str, str]] = Counter()
        self._ring: dict[str, list[float]] = {}
        self._mos: dict[str, list[float]] = {}
        self._minutes: dict[int, Counter[tuple[str, str]]] = {}
        """Unanswered calls of the last hour by direction and cause, by the minute in which they were read."""
        self._accounts: dict[int, Counter[str]] = {}
        """The same by customer; not saved."""
        self._usual: dict[tuple[str, str], float] = {}
        self._usual_at = 0.0

    def seen(self, record: CallRecord) -> bool:
        """Whether it was counted before; one without any id cannot be counted once, and passes for seen."""
        return record.key is None or _hash(record.key) in self._keys

    def add(self, records: Iterable[CallRecord], *, complete: bool, booked: int, at: float) -> None:
        """Count the records of one reading, the newest first; the first time, only remember them as usual.

        ``complete`` is False if the page limit ended the reading; ``booked`` are the calls that the ledger has counted.
        """
        new = {record.key: record for record in records if not self.seen(record)}
        started = self._booked is not None
        self._usual_at = self._usual_at or at
        for record in reversed(new.values()):
            self._keys[_hash(record.key or "")] = None
            if started:
                self._count(record, at)
            elif not record.answered:
                key = (record.direction or UNKNOWN, self._cause(record))
                self._usual[key] = self._usual.get(key, 0.0) + 1.0
        for key_hash in list(islice(self._keys, max(len(self._keys) - MAX_KEYS, 0))):
            del self._keys[key_hash]
        if self._booked is not None and not complete:
            self._unread += max(booked - self._booked - len(new), 0)
        self._booked = booked
        self._age(at)

    def shown(self, at: float, *, customers: int) -> Causes:
        """All counts, the shares as of this time, and so many customers."""
        self._age(at)
        most = sum(self._accounts.values(), Counter[str]())
        return Causes(
            calls=dict(self._calls),
            unread=self._unread,
            ring={direction: _distribution(RING_BUCKETS, row) for direction, row in self._ring.items()},
            mos={direction: _distribution(MOS_BUCKETS, row) for direction, row in self._mos.items()},
            shares=tuple(sorted(self._shares(at), key=lambda one: (-one.growth, -one.calls, one.direction, one.cause))),
            customers=tuple(sorted(most.items(), key=lambda item: (-item[1], item[0]))[:customers]),
        )

    def dump(self) -> dict[str, Any]:
        """All of it but the customers, as data for JSON."""
        return {
            "booked": self._booked,
            "unread": self._unread,
            "keys": list(self._keys),
            "causes": list(self._causes),
            "calls": _rows(self._calls),
            "ring": self._ring,
            "mos": self._mos,
            "minutes": [[minute, _rows(counts)] for minute, counts in self._minutes.items()],
            "usual": _rows({key: round(weight, 3) for key, weight in self._usual.items()}),
            "usual_at": self._usual_at,
        }

    @classmethod
    def load(cls, saved: Mapping[str, Any]) -> CauseTally:
        """What :meth:`dump` returned. Anything else raises ValueError, TypeError, KeyError or AttributeError."""
        tally = cls()
        tally._booked = None if saved["booked"] is None else int(saved["booked"])
        tally._unread, tally._usual_at = int(saved["unread"]), float(saved["usual_at"])
        tally._keys, tally._causes = dict.fromkeys(map(str, saved["keys"])), dict.fromkeys(map(str, saved["causes"]))
        tally._calls = Counter({(str(a), str(b), str(c), str(d)): int(count) for a, b, c, d, count in saved["calls"]})
        tally._usual = {(str(of), str(cause)): float(weight) for of, cause, weight in saved["usual"]}
        tally._minutes = {
            int(minute): Counter({(str(of), str(cause)): int(count) for of, cause, count in rows})
            for minute, rows in saved["minutes"]
        }
        for name, kept, bounds in (("ring", tally._ring, RING_BUCKETS), ("mos", tally._mos, MOS_BUCKETS)):
            rows = {str(of): list(map(float, row)) for of, row in saved[name].items()}
            kept.update({of: row for of, row in rows.items() if len(row) == len(bounds) + 2})
        return tally

    def _count(self, record: CallRecord, at: float) -> None:
        direction, cause = record.direction or UNKNOWN, self._cause(record)
        source = record.source or UNKNOWN
        source = source if source in SOURCES else OTHER
        self._calls[direction, str(record.answered).lower(), cause, source] += 1
        if record.ring_time is not None and record.ring_time <= MAX_RING:
            _observe(self._ring, direction, float(record.ring_time), RING_BUCKETS)
        if record.mos and record.mos <= MAX_MOS:
            _observe(self._mos, direction, float(record.mos), MOS_BUCKETS)
        if not record.answered:
            minute = int(at // 60) * 60
            self._minutes.setdefault(minute, Counter())[direction, cause] += 1
            if record.account_id is not None:
                self._accounts.setdefault(minute, Counter())[record.account_id] += 1

    def _cause(self, record: CallRecord) -> str:
        """As the API words it, at most :data:`MAX_CAUSES` different ones."""
        code = UNKNOWN if record.code is None else f"code {record.code}"
        cause = record.cause_name or record.cause or code
        if cause not in self._causes and len(self._causes) >= MAX_CAUSES:
            return OTHER
        self._causes[cause] = None
        return cause

    def _age(self, at: float) -> None:
        """Calls become usual an hour after they were read, so that an incident is not compared with itself."""
        past = [minute for minute in self._minutes if not 0 <= at - minute < MAX_NOW_SECONDS]
        if past:
            factor = 0.5 ** (max(at - self._usual_at, 0.0) / HALF_LIFE)
            self._usual = {key: weight * factor for key, weight in self._usual.items() if weight * factor > 0.01}
            self._usual_at = at
        for minute in past:
            for key, count in self._minutes.pop(minute).items():
                self._usual[key] = self._usual.get(key, 0.0) + count
            self._accounts.pop(minute, None)

    def _shares(self, at: float) -> Iterator[CauseShare]:
        hour = sum(self._minutes.values(), Counter[tuple[str, str]]())
        for direction in sorted({of for of, _ in (*hour, *self._usual)}):
            now = self._now(direction, at)
            usual = {cause: weight for (of, cause), weight in self._usual.items() if of == direction}
            all_now, all_usual = now.total(), sum(usual.values())
            causes = sorted({*usual, *(cause for of, cause in hour if of == direction)})
            shares = {
                cause: (now[cause] / max(all_now, 1), usual.get(cause, 0.0) / max(all_usual, 1.0)) for cause in causes
            }
            stated = _comparable(all_now, all_usual, max(share - of_usual for share, of_usual in shares.values()))
            for cause, (share, of_usual) in shares.items():
                yield CauseShare(
                    direction=direction,
                    cause=cause,
                    calls=hour[direction, cause],
                    now=share if stated else None,
                    usual=of_usual if stated else None,
                )

    def _now(self, direction: str, at: float) -> Counter[str]:
        found: Counter[str] = Counter()
        for minute in sorted(self._minutes, reverse=True):
            if at - minute > NOW_SECONDS and found.total() >= ENOUGH_NOW:
                break
            for (of, cause), count in self._minutes[minute].items():
                if of == direction:
                    found[cause] += count
        return found


def _hash(key: str) -> str:
    """64 bits: among a thousand records, two are taken for one once in 10^13 readings."""
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def _comparable(now: float, usual: float, growth: float) -> bool:
    """Whether the calls of now and the usual ones are enough to compare their shares, of which one grew most."""
    if now < MIN_NOW or usual < MIN_USUAL:
        return False
    error = 0.5 * sqrt(1 / now + 1 / usual)
    return error <= MAX_ERROR or growth > 3 * error


def _rows(counts: Mapping[Any, float]) -> list[list[Any]]:
    return [[*key, count] for key, count in counts.items()]


def _observe(histograms: dict[str, list[float]], direction: str, value: float, bounds: Sequence[float]) -> None:
    """A row is a count for each bucket, one for what is above them, and the sum."""
    row = histograms.setdefault(direction, [0] * (len(bounds) + 1) + [0.0])
    row[bisect_left(bounds, value)] += 1
    row[-1] += value


def _distribution(bounds: tuple[float, ...], row: Sequence[float]) -> Distribution:
    return Distribution(bounds=bounds, counts=tuple(map(int, row[:-1])), total=row[-1])
