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
from math import log
from pathlib import Path

from exporter.alert_thresholds import THRESHOLDS

HERE = Path(__file__).parent
LANE = "job, instance, partner, direction"
"""What the answer-rate rules are evaluated by: one direction of one partner, as one exporter sees it."""

DEFAULTS = {name: threshold.default for name, threshold in THRESHOLDS.items()}
"""Every threshold the rules read, and the value used for a partner whose exporter exports none."""


@dataclass(frozen=True, slots=True)
class Window:
    """How far back a count of calls reaches, and the shorter windows that have to agree.

    `recent` has to hold between `least` and six tenths of the evidence, and `last` has to speak for a drop. A window
    without them speaks for itself.
    """

    name: str
    minutes: int
    recent: str = ""
    least: float = 0.0
    last: str = ""


WINDOWS = (
    Window("1m", 1),
    Window("2m", 2),
    Window("3m", 3),
    Window("5m", 5),
    Window("10m", 10),
    Window("15m", 15, recent="5m", least=0.2),
    Window("30m", 30, recent="10m", least=0.15),
    Window("1h", 60, recent="15m", least=0.1, last="10m"),
    Window("2h", 120, recent="30m", least=0.1, last="10m"),
    Window("4h", 240, recent="1h", least=0.1, last="15m"),
)
SHORT = "|".join(window.name for window in WINDOWS if window.minutes <= 15)
ALONE = "|".join(window.name for window in WINDOWS if not window.recent)


@dataclass(frozen=True, slots=True)
class Size:
    """One size of drop that is looked for: what is still usual, what is a drop, and how much evidence pages.

    `usual` is a share of the expected ratio, as an expression; `dropped` a share of `usual`; `nats` and `unanswered`
    (in units of `answer_drop_minimum_unanswered`) are the least evidence. In the windows `too_short` for it the calls
    of one burst would look like it.
    """

    name: str
    usual: str
    dropped: float
    nats: float
    unanswered: float
    too_short: tuple[str, ...] = ()


WANDER = """(1 - clamp(
  0.01 / vobiz:answer_ratio:expected
    * on (job, instance, partner) group_left () vobiz:alert_threshold{alert="answer_wander_points"}
, 0.1, 0.5))"""

SIZES = (
    Size("total", "0.85", dropped=0.12, nats=12, unanswered=1, too_short=("1m", "2m")),
    Size("deep", "0.85", dropped=0.47, nats=12, unanswered=1.25, too_short=("1m", "2m")),
    Size("moderate", WANDER, dropped=0.83, nats=14, unanswered=1.5),
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


def needed(size: Size, factor: float, windows: str) -> str:
    """The evidence that pages, for one size of drop and the windows that the matcher selects."""
    return f"""clamp_min(
    {factor * size.unanswered:g} * vobiz:answer_drop:weight{{size="{size.name}",{windows}}}
      * on (job, instance, partner) group_left () vobiz:alert_threshold{{alert="answer_drop_minimum_unanswered"}}
  , {size.nats:g})"""


def scores() -> str:
    """Evidence as a share of what pages, for the windows that speak for themselves and those that need others."""
    rules = []
    for size in SIZES:
        windows = [name for name in ALONE.split("|") if name not in size.too_short]
        matcher = f'window=~"{"|".join(windows)}"'
        evidence = f'vobiz:answer_drop:evidence{{size="{size.name}",{matcher}}}'
        rules.append(rule("vobiz:answer_drop:score", f"{evidence}\n  / {needed(size, 1.5, matcher)}", size=size.name))
    for size in SIZES:
        for window in (window for window in WINDOWS if window.recent):
            matcher = f'window="{window.name}"'
            evidence, recent, last = (
                f'vobiz:answer_drop:evidence{{size="{size.name}",window="{name}"}}'
                for name in (window.name, window.recent, window.last)
            )
            expr = f"{evidence}\n  / {needed(size, 1, matcher)}"
            expr += f"\n  and ignoring (window) {recent}\n    / ignoring (window) {evidence} > {window.least} < 0.6"
            if window.last:
                expr += f"\n  and ignoring (window) {last} > 0"
            rules.append(rule("vobiz:answer_drop:score", expr, size=size.name, window=window.name))
    return "\n".join(rules)


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
