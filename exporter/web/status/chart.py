"""Thirty days of answer rate and volume: the numbers that the drawing consists of, in its own coordinates.

The template writes them down as one inline SVG. All text in it is made here, so nothing from outside gets in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from exporter.api.model import DIRECTIONS, DayRow, Rollup
from exporter.web.status import words

WIDTH, HEIGHT = 400, 214
LEFT, RIGHT = 40.0, 340.0
_RATE_TOP, _RATE_BOTTOM = 20.0, 96.0
_CALLS_TOP, _CALLS_BOTTOM = 124.0, 194.0
_BAR = 0.72
"""Share of a day's slot that its bar takes."""

_LABEL_GAP = 13.0
"""Smallest distance between the labels of the two lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words at a place; ``anchor`` is SVG's text-anchor."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    kind: str = "axis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines as points, bars and tooltips as SVG paths. ``description`` says in words what the drawing shows."""

    lines: Sequence[tuple[str, Sequence[tuple[float, float]]]]
    bars: Sequence[tuple[str, str]]
    grid: Sequence[float]
    texts: Sequence[Text]
    tooltips: Sequence[tuple[str, str]]
    description: str


def chart_of(rows: Sequence[DayRow]) -> Chart:
    """The chart of at least one day, oldest first; the last one is today."""
    lines, ends = [], []
    for direction in DIRECTIONS:
        ratios = [_of(row, direction).answer_ratio for row in rows]
        for run in _runs(ratios):
            lines.append((direction, [(_x(index, rows), _rate_y(ratio)) for index, ratio in run]))
        known = [ratio for ratio in ratios if ratio is not None]
        if known:
            ends.append((_rate_y(known[-1]), direction))
    top = _round_up(max(sum(calls for _, calls in _stack(row)) for row in rows))
    return Chart(
        lines=lines,
        bars=tuple(_bars(rows, top)),
        grid=(_RATE_TOP, (_RATE_TOP + _RATE_BOTTOM) / 2, _RATE_BOTTOM, _CALLS_TOP, _CALLS_BOTTOM),
        texts=(*_scales(top), *_line_labels(ends), *_day_labels(rows)),
        tooltips=tuple(_tooltips(rows)),
        description=_description(rows),
    )


def _of(row: DayRow, direction: str) -> Rollup:
    return row.inbound if direction == "inbound" else row.outbound


def _stack(row: DayRow) -> list[tuple[str, int]]:
    """Inbound at the bottom, outbound on it; what is unknown has no bar."""
    return [(direction, calls) for direction in DIRECTIONS if (calls := _of(row, direction).calls)]


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Stretches of days whose value is known: a line is not drawn across days without one."""
    run: list[tuple[int, float]] = []
    for index, value in enumerate([*values, None]):
        if value is not None:
            run.append((index, value))
        elif run:
            yield run
            run = []


def _bars(rows: Sequence[DayRow], top: int) -> Iterator[tuple[str, str]]:
    """One path a direction for the days before, and one for today."""
    width = _slot(rows) * _BAR
    paths: dict[str, str] = {}
    for index, row in enumerate(rows):
        y = _CALLS_BOTTOM
        for direction, calls in _stack(row):
            height = (_CALLS_BOTTOM - _CALLS_TOP) * calls / top
            y -= height
            kind = direction if index < len(rows) - 1 else f"{direction} today"
            paths[kind] = paths.get(kind, "") + _box(_x(index, rows) - width / 2, y, width, height)
    yield from paths.items()


def _scales(top: int) -> Iterator[Text]:
    yield Text(x=LEFT, y=_RATE_TOP - 8, text="Answer rate", kind="heading")
    yield Text(x=LEFT, y=_CALLS_TOP - 8, text="Calls a day", kind="heading")
    marks = (*((_rate_y(level), f"{level:.0%}") for level in (0.0, 0.5, 1.0)), (_CALLS_BOTTOM, "0"))
    for y, text in (*marks, (_CALLS_TOP, _short(top))):
        yield Text(x=LEFT - 5, y=y + 4, text=text, anchor="end")


def _line_labels(ends: list[tuple[float, str]]) -> Iterator[Text]:
    y = 0.0
    for wanted, direction in sorted(ends):
        y = max(wanted + 4, y + _LABEL_GAP)
        yield Text(x=RIGHT + 4, y=y, text=direction, kind=f"label {direction}")


def _day_labels(rows: Sequence[DayRow]) -> Iterator[Text]:
    places = {0: "start", len(rows) - 1: "end"}
    if len(rows) > 10:
        places[len(rows) // 2] = "middle"
    for index, anchor in places.items():
        text = "today" if index == len(rows) - 1 else words.short_day(rows[index].day)
        yield Text(x=_x(index, rows), y=HEIGHT - 6, text=text, anchor=anchor)


def _tooltips(rows: Sequence[DayRow]) -> Iterator[tuple[str, str]]:
    width = _slot(rows)
    for index, row in enumerate(rows):
        rates = ", ".join(f"{words.percent(_of(row, direction).answer_ratio)} {direction}" for direction in DIRECTIONS)
        yield (
            _box(_x(index, rows) - width / 2, _RATE_TOP, width, _CALLS_BOTTOM - _RATE_TOP),
            f"{words.short_day(row.day)}: {words.number(row.total.calls)} calls; answered {rates}",
        )


def _description(rows: Sequence[DayRow]) -> str:
    parts = [f"{words.short_day(rows[0].day)} to {words.short_day(rows[-1].day)}."]
    totals = [row.total.calls for row in rows[:-1] if row.total.calls is not None]
    if totals:
        parts.append(f"Between {min(totals):,} and {max(totals):,} calls a day before today.")
    for direction in DIRECTIONS:
        ratios = [ratio for row in rows if (ratio := _of(row, direction).answer_ratio) is not None]
        if ratios:
            low, high = words.percent(min(ratios)), words.percent(max(ratios))
            parts.append(f"Answer rate {direction}: {low} to {high}, last {words.percent(ratios[-1])}.")
    return " ".join(parts)


def _slot(rows: Sequence[DayRow]) -> float:
    return (RIGHT - LEFT) / len(rows)


def _x(index: int, rows: Sequence[DayRow]) -> float:
    return LEFT + (index + 0.5) * _slot(rows)


def _rate_y(ratio: float) -> float:
    return _RATE_BOTTOM - min(ratio, 1.0) * (_RATE_BOTTOM - _RATE_TOP)


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"


def _round_up(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 and so on."""
    size = 1
    while size < value:
        for step in (2, 5, 10):
            if size * step >= value:
                return size * step
        size *= 10
    return size


def _short(value: int) -> str:
    for size, suffix in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value // size}{suffix}"
    return str(value)
