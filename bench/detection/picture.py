"""Draw docs/images/alerting-score.svg: one drop as the rules see it, with their own windows, weights and thresholds.

    python -m bench.detection.picture > docs/images/alerting-score.svg

240 calls an hour, 60 % of them usually answered; from minute 60 to minute 120 it is 20 %. Every minute has exactly its
mean, so the picture shows the idea without the noise.
"""

from __future__ import annotations

from math import log

USUAL, DROPPED, PER_MINUTE = 0.6, 0.2, 4.0
START, END, LENGTH = 60, 120, 180
CALLS = 1.25 * 28
"""Unanswered calls in a row that a deep drop takes at least."""
WINDOWS = {3: (0, 0.0), 5: (0, 0.0), 10: (0, 0.0), 15: (5, 0.2), 30: (10, 0.15), 60: (15, 0.1)}
"""Minutes of a window: minutes of its recent part (0: none), and the share of the evidence that part has to hold."""
STILL_USUAL = 0.85 * USUAL
DROP = 0.47 * STILL_USUAL
WEIGHT = log((1 - DROP) / (1 - STILL_USUAL))
INK, GRID, BLUE, RED, GREY = "#24292f", "#d0d7de", "#0969da", "#cf222e", "#57606a"


def answered_in(minute: int) -> float:
    """Answered calls of one minute."""
    return PER_MINUTE * (DROPPED if START <= minute < END else USUAL)


def evidence(now: int, window: int) -> float:
    """Nats for a deep drop, over the window that ends now."""
    answered = sum(answered_in(minute) for minute in range(now - window, now))
    return (PER_MINUTE * window - answered) * WEIGHT + answered * log(0.47)


def score(now: int) -> float:
    """The largest evidence of all windows that count, as a share of what pages."""
    scores = [0.0]
    for window, (recent, least) in WINDOWS.items():
        total = evidence(now, window)
        if not recent:
            scores.append(total / max(12, 1.5 * CALLS * WEIGHT))
        elif least < evidence(now, recent) / total < 0.6:
            scores.append(total / max(12, CALLS * WEIGHT))
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
