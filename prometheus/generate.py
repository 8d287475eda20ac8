"""Write the rule files that repeat one expression for many windows, days or thresholds.

    make rules                               writes rules/vobiz-thresholds.yml and rules/vobiz-answer-rate.yml
    python prometheus/generate.py --check    says which of them is out of date, and exits 1 if one is

Each comes from the file of that name in templates/, where a line `@name` is replaced by what the function `name`
returns.
The other rule files are written by hand. docs/alerting.md explains the idea behind the answer-rate rules.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from itertools import pairwise
from math import log
from pathlib import Path

from exporter.config.thresholds import THRESHOLDS

HERE = Path(__file__).parent
LANE = "job, instance, partner, direction"
"""What the answer-rate rules are evaluated by: one direction of one partner, as one exporter sees it."""

DEFAULTS = {name: threshold.default for name, threshold in THRESHOLDS.items()}
"""Every threshold the rules read, and the value used for a partner whose exporter exports none."""


@dataclass(frozen=True, slots=True)
class Window:
    """How far back a count of calls reaches, how much evidence it needs, and the shorter windows that have to agree.

    `times` multiplies the evidence that pages. `parts` are two shorter windows that divide it into three parts, each of
    which has to hold its share of the evidence; a window without parts speaks for itself. `last` has to speak for a
    drop.
    """

    name: str
    minutes: int
    times: float = 1
    parts: tuple[str, ...] = ()
    last: str = ""


WINDOWS = (
    Window("1m", 1, times=2.3),
    Window("2m", 2, times=2.3),
    Window("3m", 3, times=1.3, parts=("1m", "2m")),
    Window("5m", 5, times=1.3, parts=("2m", "3m")),
    Window("10m", 10, times=1.3, parts=("3m", "5m")),
    Window("15m", 15, parts=("5m", "10m")),
    Window("30m", 30, parts=("10m", "15m")),
    Window("1h", 60, parts=("15m", "30m"), last="10m"),
    Window("2h", 120, parts=("30m", "1h"), last="10m"),
    Window("4h", 240, parts=("1h", "2h"), last="15m"),
)
MINUTES = {window.name: window.minutes for window in WINDOWS}
SHORT = "|".join(window.name for window in WINDOWS if window.minutes <= 15)

LEAST = 0.4
"""Of the share of the time that a part is, the least share of the evidence that it must hold: the drop goes on."""

MOST_MORE = 0.3
"""Of what the other parts are, the most that a part may hold beyond its own share: it is no burst of redialling."""


def shares(window: Window) -> tuple[tuple[float, float], ...]:
    """The least and the most share of the evidence that each part may hold, the most recent part first."""
    ends = [0, *(MINUTES[name] for name in window.parts), window.minutes]
    fair = [(end - begin) / window.minutes for begin, end in pairwise(ends)]
    return tuple((LEAST * share, share + MOST_MORE * (1 - share)) for share in fair)


@dataclass(frozen=True, slots=True)
class Size:
    """One size of drop that is looked for: what is still usual, what is a drop, and how much evidence pages.

    `usual` is a share of the expected ratio, as an expression; `dropped` a share of `usual`; `nats` and `unanswered`
    (in units of `answer_drop_minimum_unanswered`) are the least evidence. The windows `left_out` do not look for it:
    in short ones the calls of one burst would look like it, and over hours a rate may wander further.
    """

    name: str
    usual: str
    dropped: float
    nats: float
    unanswered: float
    left_out: tuple[str, ...] = ()


WANDER = """(1 - clamp(
  0.01 / vobiz:answer_ratio:expected
    * on (job, instance, partner) group_left () vobiz:alert_threshold{alert="answer_wander_points"}
, 0.1, 0.5))"""

SIZES = (
    Size("total", "0.85", dropped=0.12, nats=12, unanswered=1, left_out=("1m", "2m")),
    Size("deep", "0.85", dropped=0.47, nats=12, unanswered=1.1, left_out=("1m", "2m")),
    Size("moderate", WANDER, dropped=0.83, nats=14, unanswered=2.1, left_out=("4h",)),
)


def rule(name: str, expr: str, **labels: str) -> str:
    """One recording rule as YAML."""
    lines = [f"  - record: {name}"]
    if labels:
        lines.append("    labels: {" + ", ".join(f'{key}: "{value}"' for key, value in labels.items()) + "}")
    lines.append("    expr: |")
    return "\n".join(lines + [f"      {line}" for line in expr.strip("\n").splitlines()])


def thresholds() -> str:
    """A recording rule for every threshold: what the exporter exports, or else the default."""
    return "\n".join(
        rule(
            "vobiz:alert_threshold",
            f'max by (job, instance, partner) (vobiz_alert_threshold{{alert="{key}"}}) or {default:g} * vobiz:partner',
            alert=key,
        )
        for key, default in DEFAULTS.items()
    )


def counts() -> str:
    """Calls and answered calls of every window."""
    return "\n".join(
        rule(
            f"vobiz:{what}:count",
            f"sum by ({LANE}) (vobiz_{what}_total - vobiz_{what}_total offset {window.name} >= 0)",
            window=window.name,
        )
        for window in WINDOWS
        for what in ("calls", "answered_calls")
    )


def days() -> str:
    """Calls and answered calls of the hour around this time of day, on each of the seven days before."""
    return "\n".join(
        rule(
            f"vobiz:{what}:same_hour",
            f"""
sum by ({LANE}) (
  vobiz_{what}_total offset {24 * day - 1}h30m - vobiz_{what}_total offset {24 * day}h30m >= 0
  and vobiz_{what}_total
)""",
            days_ago=str(day),
        )
        for day in range(1, 8)
        for what in ("calls", "answered_calls")
    )


def floods() -> str:
    """The share of calls in every window that are more than usual."""
    return "\n".join(
        rule(
            "vobiz:calls:flood",
            f"""
clamp_min(
  1 - (20 + {1.5 * window.minutes / 60:g} * {usual_calls(window)})
    / on ({LANE}) clamp_min(vobiz:calls:count{{window="{window.name}"}}, 1)
, 0)""",
            window=window.name,
        )
        for window in WINDOWS
    )


def expected() -> str:
    """The answer ratio expected of each window."""
    return "\n".join(
        rule(
            "vobiz:answer_ratio:expected",
            f"""
vobiz:answer_ratio:expected_today * (1 - {flood(window)})
or max by ({LANE}) (vobiz:answer_ratio:expected_today)""",
            window=window.name,
        )
        for window in WINDOWS
    )


def flood(window: Window) -> str:
    """By how much a flood of calls lowers what is expected of a window."""
    if window.minutes <= 15:
        return f'0.9 * max by ({LANE}) (vobiz:calls:flood{{window=~"{SHORT}"}})'
    return f'0.4 * sum by ({LANE}) (vobiz:calls:flood{{window="{window.name}"}})'


def usual_calls(window: Window) -> str:
    """The usual calls an hour: lately for a short window, over all of a long one."""
    if window.minutes <= 15:
        return "vobiz:calls_per_hour:lately"
    name = "vobiz:calls_per_hour:roughly"
    return name if window.minutes < 60 else f"avg_over_time({name}[{window.name}:15m])"


def weights() -> str:
    """The weight of one unanswered call, for every size of drop."""
    return "\n".join(
        rule(
            "vobiz:answer_drop:weight",
            f"""
ln(
  (1 - {size.dropped} * vobiz:answer_ratio:expected * {size.usual})
  / (1 - vobiz:answer_ratio:expected * {size.usual})
)""",
            size=size.name,
        )
        for size in SIZES
    )


def evidence() -> str:
    """The evidence of every window, for every size of drop; an answered call weighs ln(dropped), against it."""
    return "\n".join(
        rule(
            "vobiz:answer_drop:evidence",
            f"""
clamp_min(vobiz:calls:count - vobiz:answered_calls:count, 0)
  * on ({LANE}, window) vobiz:answer_drop:weight{{size="{size.name}"}}
- {-log(size.dropped):.4f} * vobiz:answered_calls:count""",
            size=size.name,
        )
        for size in SIZES
    )


def needed(size: Size, window: Window) -> str:
    """The evidence that pages, for one size of drop and one window."""
    return f"""clamp_min(
    {window.times * size.unanswered:g} * vobiz:answer_drop:weight{{size="{size.name}",window="{window.name}"}}
      * on (job, instance, partner) group_left () vobiz:alert_threshold{{alert="answer_drop_minimum_unanswered"}}
  , {size.nats:g})"""


def scores() -> str:
    """Evidence as a share of what pages, in the windows whose parts agree."""
    return "\n".join(
        rule("vobiz:answer_drop:score", score(size, window), size=size.name, window=window.name)
        for size in SIZES
        for window in WINDOWS
        if window.name not in size.left_out
    )


def score(size: Size, window: Window) -> str:
    """The score of one size of drop in one window."""

    def of(name: str) -> str:
        return f'vobiz:answer_drop:evidence{{size="{size.name}",window="{name}"}}'

    expr = f"{of(window.name)}\n  / {needed(size, window)}"
    if window.parts:
        recent, more = map(of, window.parts)
        (least, most), (middle_least, middle_most), (first_least, first_most) = shares(window)
        whole = f"/ ignoring (window) {of(window.name)}"
        expr += (
            f"\n  and ignoring (window) {recent}\n    {whole} > {least:.3f} < {most:.3f}"
            f"\n  and ignoring (window) ({more} - ignoring (window) {recent})"
            f"\n    {whole} > {middle_least:.3f} < {middle_most:.3f}"
            f"\n  and ignoring (window) {more}\n    {whole} > {1 - first_most:.3f} < {1 - first_least:.3f}"
        )
    if window.last:
        expr += f"\n  and ignoring (window) {of(window.last)} > 0"
    return expr


def render(template: str) -> str:
    """The template with every line `@name` replaced by what the function `name` returns."""
    parts = {
        f"@{part.__name__}": part for part in (thresholds, counts, days, floods, expected, weights, evidence, scores)
    }
    return "\n".join(parts[line]() if line in parts else line for line in template.splitlines()) + "\n"


def main(argv: list[str] | None = None) -> int:
    """Write the files, or with --check compare them."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    check = arguments.parse_args(argv).check
    status = 0
    for template in sorted((HERE / "templates").glob("*.yml")):
        target, text = HERE / "rules" / template.name, render(template.read_text())
        if not check:
            target.write_text(text)
        elif not target.exists() or target.read_text() != text:
            print(f"prometheus/rules/{target.name} is out of date: run make rules", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
