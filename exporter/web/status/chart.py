"""Thirty days of answer rate and volume as one inline SVG, with the same in words and as a table.

Attributes and classes only: the page's security policy allows no inline styles. Every figure is a number of ours, so
that nothing from outside gets into the drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from exporter.api.model import DayRow, Rollup
from exporter.web.status import words

WIDTH, HEIGHT = 400, 214
_LEFT, _RIGHT = 40.0, 340.0
_RATE_TOP, _RATE_BOTTOM = 20.0, 96.0
_CALLS_TOP, _CALLS_BOTTOM = 124.0, 194.0
_BAR = 0.72
"""Share of a day's slot that its bar takes."""

_LABEL_GAP = 13.0
"""Least distance between the labels of the two lines."""

_DIRECTIONS: tuple[tuple[str, Callable[[DayRow], Rollup]], ...] = (
    ("inbound", lambda row: row.inbound),
    ("outbound", lambda row: row.outbound),
)


def chart(rows: Sequence[DayRow], identifier: str) -> str:
    """The figure: drawing, description and table of one day or more. ``identifier`` is unique on the page."""
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{identifier}-title {identifier}-desc">'
        f'<title id="{identifier}-title">Answer rate and calls by day</title>'
        f'<desc id="{identifier}-desc">{_description(rows)}</desc>'
        f"{_rate_panel(rows)}{_calls_panel(rows)}{_day_labels(rows)}<g>{''.join(_tooltips(rows))}</g>"
        f"</svg><details><summary>These {len(rows)} days as a table</summary>{_table(rows)}</details></figure>"
    )


def _rate_panel(rows: Sequence[DayRow]) -> str:
    parts = [_heading(_RATE_TOP, "Answer rate")]
    parts += [_gridline(_rate_y(level), f"{level:.0%}") for level in (0.0, 0.5, 1.0)]
    ends: list[tuple[float, str]] = []
    for direction, of in _DIRECTIONS:
        ratios = [of(row).answer_ratio for row in rows]
        for points in _runs(ratios):
            path = " ".join(f"{_x(index, rows):.1f},{_rate_y(ratio):.1f}" for index, ratio in points)
            if len(points) == 1:
                x, _, y = path.partition(",")
                parts.append(f'<circle class="{direction}" cx="{x}" cy="{y}" r="2"/>')
            else:
                parts.append(f'<polyline class="{direction}" points="{path}"/>')
        known = [ratio for ratio in ratios if ratio is not None]
        if known:
            ends.append((_rate_y(known[-1]), direction))
    return "".join([*parts, *_line_labels(ends)])


def _calls_panel(rows: Sequence[DayRow]) -> str:
    largest = max(sum(calls for _, calls in _stack(row)) for row in rows)
    top = _round_up(largest)
    parts = [_heading(_CALLS_TOP, "Calls a day")]
    parts += [_gridline(_CALLS_BOTTOM, "0"), _gridline(_CALLS_TOP, _short(top))]
    before = {direction: "" for direction, _ in _DIRECTIONS}
    width = _slot(rows) * _BAR
    for index, row in enumerate(rows):
        y = _CALLS_BOTTOM
        for direction, calls in _stack(row):
            tall = (_CALLS_BOTTOM - _CALLS_TOP) * calls / top
            y -= tall
            bar = _box(_x(index, rows) - width / 2, y, width, tall)
            if index < len(rows) - 1:
                before[direction] += bar
            else:
                parts.append(f'<path class="bar {direction} today" d="{bar}"/>')
    parts += [f'<path class="bar {direction}" d="{bars}"/>' for direction, bars in before.items() if bars]
    return "".join(parts)


def _stack(row: DayRow) -> list[tuple[str, int]]:
    """Inbound at the bottom, outbound on it; what is unknown has no bar."""
    return [(direction, calls) for direction, of in _DIRECTIONS if (calls := of(row).calls)]


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Stretches of days whose value is known: a line is not drawn across days without one."""
    run: list[tuple[int, float]] = []
    for index, value in enumerate(values):
        if value is not None:
            run.append((index, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _line_labels(ends: list[tuple[float, str]]) -> Iterator[str]:
    below = 0.0
    for wanted, direction in sorted(ends):
        y = max(wanted + 4, below + _LABEL_GAP)
        below = y
        yield f'<text class="label {direction}" x="{_RIGHT + 4:g}" y="{y:.1f}">{direction}</text>'


def _day_labels(rows: Sequence[DayRow]) -> str:
    places = [(0, "start", words.short_day(rows[0].day)), (len(rows) - 1, "end", "today")]
    if len(rows) > 10:
        middle = len(rows) // 2
        places.insert(1, (middle, "middle", words.short_day(rows[middle].day)))
    return "".join(
        f'<text class="axis" x="{_x(index, rows):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{label}</text>'
        for index, anchor, label in places
    )


def _tooltips(rows: Sequence[DayRow]) -> Iterator[str]:
    width = _slot(rows)
    for index, row in enumerate(rows):
        box = _box(_x(index, rows) - width / 2, _RATE_TOP, width, _CALLS_BOTTOM - _RATE_TOP)
        rates = ", ".join(f"{words.percent(of(row).answer_ratio)} {name}" for name, of in _DIRECTIONS)
        yield (
            f'<path d="{box}"><title>{words.short_day(row.day)}: {words.number(row.total.calls)} calls; '
            f"answered {rates}</title></path>"
        )


def _description(rows: Sequence[DayRow]) -> str:
    parts = [f"{words.short_day(rows[0].day)} to {words.short_day(rows[-1].day)}."]
    totals = [row.total.calls for row in rows[:-1] if row.total.calls is not None]
    if totals:
        parts.append(f"Between {min(totals):,} and {max(totals):,} calls a day before today.")
    for direction, of in _DIRECTIONS:
        ratios = [ratio for row in rows if (ratio := of(row).answer_ratio) is not None]
        if ratios:
            low, high = words.percent(min(ratios)), words.percent(max(ratios))
            parts.append(f"Answer rate {direction}: {low} to {high}, last {words.percent(ratios[-1])}.")
    return " ".join(parts)


def _table(rows: Sequence[DayRow]) -> str:
    body = "".join(
        f'<tr><th scope="row">{words.short_day(row.day)}</th>'
        + "".join(f"<td>{words.number(of(row).calls)}</td>" for _, of in _DIRECTIONS)
        + "".join(f"<td>{words.percent(of(row).answer_ratio)}</td>" for _, of in _DIRECTIONS)
        + "</tr>"
        for row in reversed(rows)
    )
    headers = "".join(
        f'<th scope="col">{text}</th>' for text in ("Day", "Calls in", "Calls out", "Answered in", "Answered out")
    )
    return f"<table><thead><tr>{headers}</tr></thead><tbody>{body}</tbody></table>"


def _heading(y: float, text: str) -> str:
    return f'<text class="heading" x="{_LEFT:g}" y="{y - 8:g}">{text}</text>'


def _gridline(y: float, label: str) -> str:
    return (
        f'<line class="grid" x1="{_LEFT:g}" x2="{_RIGHT:g}" y1="{y:g}" y2="{y:g}"/>'
        f'<text class="axis" x="{_LEFT - 5:g}" y="{y + 4:g}" text-anchor="end">{label}</text>'
    )


def _slot(rows: Sequence[DayRow]) -> float:
    return (_RIGHT - _LEFT) / len(rows)


def _x(index: int, rows: Sequence[DayRow]) -> float:
    return _LEFT + (index + 0.5) * _slot(rows)


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"


def _rate_y(ratio: float) -> float:
    return _RATE_BOTTOM - min(ratio, 1.0) * (_RATE_BOTTOM - _RATE_TOP)


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
