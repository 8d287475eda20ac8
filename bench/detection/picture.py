"""Draw docs/images/alerting-score.svg: one drop as the rules see it, with their own windows, weights and thresholds.

    python -m bench.detection.picture > docs/images/alerting-score.svg

240 calls an hour, 60 % of them usually answered; from minute 60 to minute 120 it is 20 %. Every minute has exactly its
mean, so the picture shows the idea without the noise.
"""

from __future__ import annotations

from itertools import pairwise
from math import log

from prometheus.generate import DEFAULTS, MINUTES, SIZES, WINDOWS, shares

USUAL, DROPPED, PER_MINUTE = 0.6, 0.2, 4.0
START, END, LENGTH = 60, 120, 180
DEEP = next(size for size in SIZES if size.name == "deep")
CALLS = DEEP.unanswered * DEFAULTS["answer_drop_minimum_unanswered"]
"""Unanswered calls in a row that a deep drop takes at least."""
STILL_USUAL = float(DEEP.usual) * USUAL
WEIGHT = log((1 - DEEP.dropped * STILL_USUAL) / (1 - STILL_USUAL))
INK, GRID, BLUE, RED, GREY = "#24292f", "#d0d7de", "#0969da", "#cf222e", "#57606a"


def answered_in(minute: int) -> float:
    """Answered calls of one minute."""
    return PER_MINUTE * (DROPPED if START <= minute < END else USUAL)


def evidence(begin: int, end: int) -> float:
    """Nats for a deep drop, over these minutes."""
    answered = sum(answered_in(minute) for minute in range(begin, end))
    return (PER_MINUTE * (end - begin) - answered) * WEIGHT + answered * log(DEEP.dropped)


def score(now: int) -> float:
    """The largest evidence of all windows that count, as a share of what pages."""
    scores = [0.0]
    for window in (window for window in WINDOWS if window.name not in DEEP.left_out and window.minutes <= now):
        ends = [now, *(now - MINUTES[name] for name in window.parts), now - window.minutes]
        whole = evidence(ends[-1], now)
        parts = [evidence(begin, end) / whole for end, begin in pairwise(ends)]
        if not window.parts or all(
            least < part < most for part, (least, most) in zip(parts, shares(window), strict=True)
        ):
            scores.append(whole / max(DEEP.nats, window.times * CALLS * WEIGHT))
    return max(scores)


def path(values: list[float], top: float, height: float, highest: float) -> str:
    """An SVG path of one value a minute."""
    points = [
        f"{70 + 3.6 * x:.1f},{top + height * (1 - min(value, highest) / highest):.1f}" for x, value in enumerate(values)
    ]
    return "M" + " L".join(points)


def text(x: float, y: float, words: str, *, colour: str = INK, anchor: str = "start", size: int = 13) -> str:
    """A line of text."""
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}" font-size="{size}">{words}</text>'


def picture() -> str:
    """The whole SVG."""
    rates = [100 * sum(answered_in(m) for m in range(now - 10, now)) / (10 * PER_MINUTE) for now in range(LENGTH)]
    scores = [score(now) for now in range(LENGTH)]
    page = next(now for now in range(LENGTH) if scores[now] > 1)
    over = next(now for now in range(page, LENGTH) if scores[now] <= 1)
    at = [70 + 3.6 * minute for minute in (START, END, page, over)]
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 430" font-family="Helvetica, Arial, sans-serif">',
        "<title>An answer rate that falls from 60 to 20 % for an hour, and the score of the rules</title>",
        '<rect width="760" height="430" fill="#ffffff"/>',
        f'<rect x="{at[0]:.1f}" y="40" width="{at[1] - at[0]:.1f}" height="340" fill="#fff1e5"/>',
        text(at[0] + 6, 56, "20 % of the calls are answered", colour=GREY),
        text(70, 28, "Answered in the last 10 minutes, %", colour=BLUE),
        *(f'<path d="M70 {y} H714" stroke="{GRID}"/>' for y in (70, 170, 220, 380)),
        *(
            text(62, y + 4, label, colour=GREY, anchor="end")
            for y, label in ((70, "100"), (170, "0"), (220, "4"), (380, "0"))
        ),
        f'<path d="{path(rates, 70, 100, 100)}" fill="none" stroke="{BLUE}" stroke-width="2"/>',
        text(70, 208, "Score: evidence as a share of what pages", colour=RED),
        f'<path d="M70 340 H714" stroke="{INK}" stroke-dasharray="5 4"/>',
        text(62, 344, "1", anchor="end"),
        f'<path d="{path(scores, 220, 160, 4)}" fill="none" stroke="{RED}" stroke-width="2"/>',
        f'<circle cx="{at[2]:.1f}" cy="340" r="5" fill="{RED}"/>',
        text(at[2] - 8, 332, f"page, {page - START} minutes", anchor="end"),
        text(at[3] + 8, 332, f"over, {over - END} minutes"),
        *(text(70 + 3.6 * m, 400, str(m), colour=GREY, anchor="middle") for m in range(0, LENGTH + 1, 30)),
        text(392, 420, "minutes; 240 calls an hour, 60 % usually answered", colour=GREY, anchor="middle"),
        "</svg>",
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    print(picture())
