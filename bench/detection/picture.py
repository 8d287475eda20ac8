"""docs/images/alerting-score.svg: one drop as the shipped detector sees it.

100 calls an hour, of which 60 % are usually answered; from minute 60 to minute 180 none is. Calls come as a seeded
Poisson process.
"""

from __future__ import annotations

import numpy as np

from exporter.detect.answer_rate import AnswerRateLane
from exporter.detect.observations import Counts, Moment

USUAL, VOLUME, EVIDENCE = 0.6, 100.0, 12.0
CALM, START, END, LENGTH = 3 * 1440, 60, 180, 240
INK, GRID, BLUE, RED, GREY = "#24292f", "#d0d7de", "#0969da", "#cf222e", "#57606a"


def trace() -> tuple[list[float], list[float]]:
    """The answer rate of the last 20 minutes in percent, and the score, minute by minute."""
    rng = np.random.default_rng(7)
    lane = AnswerRateLane()
    lane.begin(0.0, USUAL, 24 * VOLUME)
    counts, rates, scores = [], [], []
    for minute in range(1, CALM + LENGTH + 1):
        at = minute - CALM
        calls = int(rng.poisson(VOLUME / 60))
        answered = 0 if START < at <= END else int(rng.binomial(calls, USUAL))
        counts.append((calls, answered))
        moment = Moment(minute=float(minute), weekday=minute // 1440 % 7, hour_of_day=minute % 1440 / 60, interval=1.0)
        lane.observe(moment, Counts(calls=calls, answered=answered, seconds=150.0 * answered), EVIDENCE)
        if at > 0:
            last = counts[-20:]
            rates.append(100 * sum(a for _, a in last) / max(1, sum(n for n, _ in last)))
            scores.append(lane.score)
    return rates, scores


def picture() -> str:
    """The whole SVG."""
    rates, scores = trace()
    page = next(at for at in range(START, LENGTH) if scores[at] > 1)
    over = next(at for at in range(END, LENGTH) if scores[at] <= 1)
    at = [70 + 2.7 * minute for minute in (START, END, page, over)]
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 430" font-family="Helvetica, Arial, sans-serif">',
        "<title>No call is answered for two hours, and the score of the detector</title>",
        '<rect width="760" height="430" fill="#ffffff"/>',
        f'<rect x="{at[0]:.1f}" y="40" width="{at[1] - at[0]:.1f}" height="340" fill="#fff1e5"/>',
        _text(at[0] + 6, 56, "no call is answered", colour=GREY),
        _text(70, 28, "Answered in the last 20 minutes, %", colour=BLUE),
        *(f'<path d="M70 {y} H714" stroke="{GRID}"/>' for y in (70, 170, 220, 380)),
        *(
            _text(62, y + 4, label, colour=GREY, anchor="end")
            for y, label in ((70, "100"), (170, "0"), (220, "1.2"), (380, "0"))
        ),
        f'<path d="{_path(rates, 70, 100, 100)}" fill="none" stroke="{BLUE}" stroke-width="2"/>',
        _text(70, 208, "Score: evidence as a share of what pages", colour=RED),
        f'<path d="M70 {_y(1.0):.1f} H714" stroke="{INK}" stroke-dasharray="5 4"/>',
        _text(62, _y(1.0) + 4, "1", anchor="end"),
        f'<path d="{_path(scores, 220, 160, 1.2)}" fill="none" stroke="{RED}" stroke-width="2"/>',
        f'<circle cx="{at[2]:.1f}" cy="{_y(1.0):.1f}" r="5" fill="{RED}"/>',
        _text(at[2] + 8, _y(1.0) + 18, f"page after {page - START + 1} minutes"),
        _text(at[3] + 8, _y(1.0) + 18, f"over after {over - END + 1}"),
        *(_text(70 + 2.7 * m, 400, str(m), colour=GREY, anchor="middle") for m in range(0, LENGTH + 1, 30)),
        _text(392, 420, "minutes; 100 calls an hour, 60 % usually answered", colour=GREY, anchor="middle"),
        "</svg>",
    ]
    return "\n".join(parts)


def _y(score: float) -> float:
    return 220 + 160 * (1 - score / 1.2)


def _path(values: list[float], top: float, height: float, highest: float) -> str:
    points = [
        f"{70 + 2.7 * x:.1f},{top + height * (1 - min(value, highest) / highest):.1f}" for x, value in enumerate(values)
    ]
    return "M" + " L".join(points)


def _text(x: float, y: float, words: str, *, colour: str = INK, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}" font-size="13">{words}</text>'
