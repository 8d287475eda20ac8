"""The lines of each partner, kept until its next poll: of many partners few were polled since the page before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exporter.metrics.lines import Lines
from exporter.metrics.samples import samples
from exporter.poll.snapshot import Snapshot

MOST_KEPT = 2 * 1024 * 1024
"""Bytes, of a hundred partners and more. Lines beyond it are rendered for each page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    snapshot: Snapshot
    valid_until: float
    lines: Lines
    size: int


class KeptLines:
    """For one thread at a time."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def of(self, snapshots: Sequence[Snapshot], elapsed: float) -> Lines:
        """The lines of all snapshots at this moment of the elapsed clock."""
        lines, before, room = Lines(), self._kept, MOST_KEPT
        self._kept = {}
        for snapshot in snapshots:
            kept = before.get(snapshot.partner)
            if kept is None or kept.snapshot is not snapshot or elapsed > kept.valid_until:
                kept = _kept(snapshot, elapsed)
            lines.extend(kept.lines)
            room -= kept.size
            if room >= 0:
                self._kept[snapshot.partner] = kept
        return lines


def _kept(snapshot: Snapshot, elapsed: float) -> _Kept:
    lines = Lines()
    lines.add(samples(snapshot, elapsed))
    return _Kept(snapshot=snapshot, valid_until=snapshot.valid_until(elapsed), lines=lines, size=lines.size)
