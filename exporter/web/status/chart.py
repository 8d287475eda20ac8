"""Thirty days of answer rate and volume: the numbers that the drawing consists of, in its own coordinates.

The template writes them down as one inline SVG, 400 wide and 214 high, and adds the words and what is the same in each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from exporter.api.model import DIRECTIONS, DayRow

LEFT, RIGHT = 40.0, 340.0
RATE_TOP, RATE_BOTTOM = 20.0, 96.0
CALLS_TOP, CALLS_BOTTOM = 124.0, 194.0
_BAR = 0.72
"""Share of a day's slot that its bar takes."""

_LABEL_GAP = 13.0
"""Smallest distance between the labels of the two lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines as points by direction, bars as SVG paths by class; ``top`` is the scale's.

    ``middles`` and ``slots`` are each day's: its x, and the path around all that is drawn of it. ``labels`` are those
    at the lines' ends: y and direction.
    """

    middles: Sequence[float]
    slots: Sequence[str]
    lines: Sequence[tuple[str, Sequence[tuple[float, float]]]]
    labels: Sequence[tuple[float, str]]
    bars: Sequence[tuple[str, str]]
    top: str


def chart_of(rows: Sequence[DayRow]) -> Chart:
    """The chart of at least one day, oldest first; the last one is today."""
    slot = (RIGHT - LEFT) / len(rows)
    middles = [LEFT + (index + 0.5) * slot for index in range(len(rows))]
    lines = [(direction, run) for direction in DIRECTIONS for run in _runs(rows, direction, middles)]
    ends = {direction: points[-1][1] for direction, points in lines}
    top = _round_up(max((row.inbound.calls or 0) + (row.outbound.calls or 0) for row in rows))
    return Chart(
        middles=middles,
        slots=[_box(x - slot / 2, RATE_TOP, slot, CALLS_BOTTOM - RATE_TOP) for x in middles],
        lines=lines,
        labels=list(_labels(ends)),
        bars=list(_bars(rows, top, middles, slot).items()),
        top=_short(top),
    )


def _runs(rows: Sequence[DayRow], direction: str, middles: Sequence[float]) -> Iterator[list[tuple[float, float]]]:
    """Stretches of days whose rate is known: a line is not drawn across days without one."""
    ratios = [getattr(row, direction).answer_ratio for row in rows]
    for known, run in groupby(zip(middles, ratios, strict=True), key=lambda point: point[1] is not None):
        if known:
            yield [(x, RATE_BOTTOM - min(ratio, 1.0) * (RATE_BOTTOM - RATE_TOP)) for x, ratio in run]


def _labels(ends: dict[str, float]) -> Iterator[tuple[float, str]]:
    y = 0.0
    for wanted, direction in sorted((end, direction) for direction, end in ends.items()):
        y = max(wanted + 4, y + _LABEL_GAP)
        yield y, direction


def _bars(rows: Sequence[DayRow], top: int, middles: Sequence[float], slot: float) -> dict[str, str]:
    """One path a direction for the days before, and one for today; inbound at the bottom, outbound on it."""
    width, paths = slot * _BAR, dict[str, str]()
    for x, row in zip(middles, rows, strict=True):
        y = CALLS_BOTTOM
        for direction in DIRECTIONS:
            if calls := getattr(row, direction).calls:
                height = (CALLS_BOTTOM - CALLS_TOP) * calls / top
                y -= height
                kind = f"{direction} today" if row is rows[-1] else direction
                paths[kind] = paths.get(kind, "") + _box(x - width / 2, y, width, height)
    return paths


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"


def _round_up(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 and so on."""
    size = 10 ** max(len(str(value - 1)) - 1, 0) if value > 1 else 1
    return next(size * step for step in (1, 2, 5, 10) if size * step >= value)


def _short(value: int) -> str:
    for size, suffix in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value // size}{suffix}"
    return str(value)
