"""What an interrupted backfill had already fetched: one JSON line a day, so that the next run goes on from there."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import date
from pathlib import Path
from types import TracebackType

import msgspec

from exporter.commands.backfilling.days import Day
from exporter.metrics.sample import Sample


class _Line(msgspec.Struct):
    partner: str
    day: date
    samples: tuple[Sample, ...]


_DECODER = msgspec.json.Decoder(_Line)


class Journal:
    """Days fetched so far, kept beside the output until that is complete. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.days = {(day.partner, day.day): day for day in _read(path)}
        self._file = open(path, "ab", opener=_for_the_owner)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if not self.days:
            self._path.unlink(missing_ok=True)

    def add(self, day: Day) -> None:
        """Keep a day, at once: the next moment may be a Ctrl-C."""
        line = _Line(partner=day.partner, day=day.day, samples=day.samples)
        self._file.write(msgspec.json.encode(line) + b"\n")
        self._file.flush()
        self.days[day.partner, day.day] = day

    def discard(self) -> None:
        """The output is complete: the next backfill asks afresh, as late records may have changed a day since."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _read(path: Path) -> Collection[Day]:
    """A line that cannot be read, such as the last one of a killed run, is a day to fetch again."""
    if not path.exists():
        return ()
    days = []
    for line in path.read_bytes().splitlines():
        try:
            read = _DECODER.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        days.append(Day(partner=read.partner, day=read.day, samples=read.samples))
    return days
