"""The tables of docs/alerting.md, from the verdicts of all lanes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench.detection.bound import bound_in_calls
from bench.detection.figures import delays, rate, wilson_90
from bench.detection.rules import EVIDENCE
from bench.detection.verdict import Detection, Verdict
from bench.detection.worlds import DEPTHS

SHOWN = ((100.0, 0.6), (1000.0, 0.85), (1000.0, 0.4), (10000.0, 0.6))
"""The cells whose delays are shown of harder worlds."""
BEGIN, END = "<!-- written by make bench-detection: begin -->", "<!-- written by make bench-detection: end -->"


class Results:
    """Verdicts by table and by what distinguishes them there."""

    def __init__(self) -> None:
        self.base: list[Verdict] = []
        self.worlds: dict[str, list[Verdict]] = defaultdict(list)
        self.evidence: dict[float, list[Verdict]] = defaultdict(list)
        self.others: dict[str, list[Verdict]] = defaultdict(list)
        self.naive: dict[str, list[Verdict]] = defaultdict(list)

    def add(self, table: str, evidence: float, found: Iterable[tuple[str, Verdict]]) -> None:
        """File the verdicts of some lanes."""
        for rule, verdict in found:
            if table == "base":
                self.base.append(verdict)
            elif table == "worlds":
                self.worlds[verdict.world].append(verdict)
            elif table == "others":
                self.others[rule].append(verdict)
            elif table == "evidence":
                self.evidence[evidence].append(verdict)
            else:
                self.naive[rule or "the detector"].append(verdict)


def document(results: Results, *, date: str, first: int) -> str:
    """All tables as one text."""
    every = (results.base, *results.worlds.values(), *results.evidence.values(), *results.others.values())
    last = max(verdict.seed for verdicts in every for verdict in verdicts)
    parts = [
        f"Measured on {date} with seeds {first} to {last}, other worlds with the first of them; intervals are 90 %. A "
        "false page is a new firing after 15 quiet minutes outside drops and the hour after them, per 30 days and "
        "direction.",
    ]
    if results.base:
        parts += ["", *_base(results.base)]
    if results.evidence:
        parts += ["", "**The knob.** `alerts.answer_drop_evidence`; delays at 60 % usual:", ""]
        seeds = {verdict.seed for verdicts in results.evidence.values() for verdict in verdicts}
        shipped = [verdict for verdict in results.base if verdict.seed in seeds]
        parts += _evidence({**results.evidence, EVIDENCE: shipped})
    if results.worlds:
        parts += ["", *_worlds(results.worlds), *_special(results.worlds)]
    if results.others:
        parts += ["", *_others(results.others)]
    if results.naive:
        parts += ["", "**What people write first**, on the same lanes, 60 % usually answered:", ""]
        parts += _naive(results.naive)
    return "\n".join(parts)


def write(path: Path, text: str) -> None:
    """Put the tables between the two marks of a document."""
    document = path.read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _cells(verdicts: Sequence[Verdict]) -> Iterator[tuple[float, float, list[Verdict]]]:
    for volume, usual in sorted({(v.volume, -v.usual) for v in verdicts}):
        yield volume, -usual, [v for v in verdicts if (v.volume, v.usual) == (volume, -usual)]


def _false_pages(verdicts: Sequence[Verdict]) -> str:
    pages, days = sum(v.false_pages for v in verdicts), sum(v.days for v in verdicts)
    if not days:
        return "-"
    found = rate(pages, days)
    return f"{found.per_30_days:.2f} ({found.low:.2f} to {found.high:.2f})"


def _drops(verdicts: Sequence[Verdict], depth: float) -> list[Detection]:
    return [
        drop
        for v in verdicts
        for drop in v.detections
        if drop.event.depth == depth and drop.event.by_day and not drop.already
    ]


def _minutes(value: float) -> str:
    return "-" if math.isinf(value) else f"{value:.0f}" if value >= 1.95 else f"{value:.1f}"


def _delay(found: Sequence[Detection]) -> str:
    if not found:
        return ""
    of = delays([drop.delay for drop in found])
    if of.missed > 0.97:
        return "missed"
    text = f"{_minutes(of.median)}/{_minutes(of.p90)}" + (f" ({of.missed:.0%})" if of.missed >= 0.005 else "")
    late = not math.isinf(of.median) and of.median > 2 * found[0].bound + 2 and found[0].bound < 120
    return f"*{text}*" if late else text


def _clears(verdicts: Sequence[Verdict], depth: float) -> str:
    found = sorted(drop.clears for drop in _drops(verdicts, depth) if not math.isinf(drop.delay))
    if not found:
        return "-"
    pages = sum(len(drop.pages) for drop in _drops(verdicts, depth) if not math.isinf(drop.delay)) / len(found)
    return f"{found[len(found) // 2]:.0f} ({pages:.1f})"


def _base(verdicts: Sequence[Verdict]) -> Iterator[str]:
    found = rate(sum(v.false_pages for v in verdicts), sum(v.days for v in verdicts))
    yield (
        f"In all {found.pages} in {found.days:,.0f} days: **{found.per_30_days:.3f}** "
        f"({found.low:.3f} to {found.high:.3f})."
    )
    yield ""
    yield (
        "Delays are minutes from the onset of a drop of four hours by day to the page, a scrape and an evaluation "
        "included: median/90th percentile, and the share missed. The bound is Lorden's, for a detector that knows "
        "everything but the moment. In *italics*: later than twice the bound and two minutes. The last column has the "
        "minutes from the end of a 50 % drop until the score is below 1, and the pages a drop."
    )
    yield ""
    yield "| calls/h | usual | false pages | 20 % drop | 30 % | 50 % | 100 % | bound, 20/30/50/100 % | clears |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for volume, usual, cell in _cells(verdicts):
        bounds = "/".join(_minutes(bound_in_calls(volume, usual, depth) / volume * 60) for depth in DEPTHS)
        row = " | ".join(_delay(_drops(cell, depth)) for depth in DEPTHS)
        yield f"| {volume:,.0f} | {usual:.0%} | {_false_pages(cell)} | {row} | {bounds} | {_clears(cell, 0.5)} |"


def _evidence(by: dict[float, list[Verdict]]) -> Iterator[str]:
    columns = ((1000.0, 0.3), (100.0, 0.5), (1000.0, 0.5), (20.0, 1.0), (1000.0, 1.0))
    heads = " | ".join(f"{depth:.0%} at {volume:,.0f}" for volume, depth in columns)
    yield f"| evidence | false pages | {heads} |"
    yield "|---|---|---|---|---|---|---|"
    for evidence, verdicts in sorted(by.items()):
        at = {volume: cell for volume, usual, cell in _cells(verdicts) if usual == 0.6}
        row = " | ".join(_delay(_drops(at[volume], depth)).strip("*") for volume, depth in columns)
        yield f"| {evidence:.0f} | {_false_pages(verdicts)} | {row} |"


def _worlds(by: dict[str, list[Verdict]]) -> Iterator[str]:
    yield (
        "**Harder worlds**, each like the base world but for what bench/detection/worlds.py says. Delays at 100 calls "
        "an hour and 60 %, 1,000 and 85 %, 1,000 and 40 %, 10,000 and 60 %:"
    )
    yield ""
    yield "| world | false pages | in so many days | 50 % drops | 100 % drops |"
    yield "|---|---|---|---|---|"
    for world, verdicts in by.items():
        cells = [cell for volume, usual, cell in _cells(verdicts) if (volume, usual) in SHOWN]
        rows = ["; ".join(_delay(_drops(cell, depth)).strip("*") for cell in cells) for depth in (0.5, 1.0)]
        shown = " | ".join(row if row.strip("; ") else "-" for row in rows)
        yield f"| {world} | {_false_pages(verdicts)} | {sum(v.days for v in verdicts):,.0f} | {shown} |"


def _special(by: dict[str, list[Verdict]]) -> Iterator[str]:
    campaigns = [campaign for v in by.get("campaign", ()) for campaign in v.campaigns]
    if campaigns:
        hits = sum(paged for _, paged in campaigns)
        low, high = wilson_90(hits, len(campaigns))
        lower = sum(paged for points, paged in campaigns if points > 0)
        yield ""
        yield (
            f"Campaigns of eight times the calls page in {hits} of {len(campaigns):,} ({low:.2%} to {high:.2%}); "
            f"{lower} of these have an answer rate five points lower, which is a true drop."
        )
    for world, words, depth in (
        ("partial", "A quarter of all calls dead (of four hours), as its direction sees it", 0.25),
        ("product", "The same as the lane of the dead product sees it, which has half of a direction's calls", 1.0),
    ):
        if world in by:
            cells = "; ".join(
                f"{volume:,.0f} at {usual:.0%} {_delay(_drops(cell, depth)).strip('*')}"
                for volume, usual, cell in _cells(by[world])
            )
            yield ""
            yield f"{words}, is found after: {cells}."
    for world, words in (("mix20", "A change by 20 points for good"), ("mix8", "A change by 8 points for good")):
        if world in by:
            lanes = [drop for v in by[world] for drop in v.detections]
            days = [
                sum(minute // 1440 == day for drop in lanes for minute in drop.pages) / len(lanes) for day in range(3)
            ]
            later = sum(minute >= 3 * 1440 for drop in lanes for minute in drop.pages) / len(lanes)
            yield ""
            yield (
                f"{words}: {sum(len(drop.pages) for drop in lanes) / len(lanes):.1f} pages a lane, on days one to "
                f"three {', '.join(f'{day:.2f}' for day in days)}, in the rest of two weeks {later:.2f}."
            )
    if "bleed" in by:
        bleeds = []
        for volume, usual, cell in _cells(by["bleed"]):
            found = delays([drop.delay for v in cell for drop in v.detections if not drop.already])
            median = "not found" if math.isinf(found.median) else f"-{found.median / 60:.0f} points"
            bleeds.append(f"{volume:,.0f}/{usual:.0%} {median} ({found.missed:.0%} missed)")
        yield ""
        yield f"A bleed of a point an hour for a day is found at: {', '.join(bleeds)}."


def _others(by: dict[str, list[Verdict]]) -> Iterator[str]:
    seeds = [verdict.seed for verdicts in by.values() for verdict in verdicts]
    yield (
        f"**Silence and fraud**, with 100 and 1,000 calls an hour, seeds {min(seeds)} to {max(seeds)}. Fraud is two "
        "hours of six times the calls, which are four times as expensive (for the minutes alert: as long). In the "
        "uneven worlds lengths and prices vary from call to call, log-normally, and prices from day to day:"
    )
    yield ""
    yield (
        "| alert | false pages | in so many days | two hours of silence | fraud by day | fraud by night "
        "| uneven, by day | uneven, by night | campaigns |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for alert, verdicts in by.items():
        campaigns = [paged for v in verdicts for _, paged in v.campaigns]
        silence = _event(verdicts, "silence") if "Traffic" in alert else "-"
        kind = "fraud" if "Spend" in alert else "held" if "Minutes" in alert else ""
        found = [
            _event(verdicts, world, by_day=by_day) if kind else "-"
            for world in (kind, f"uneven-{kind}")
            for by_day in (True, False)
        ]
        hits = f"{sum(campaigns)} of {len(campaigns)}" if campaigns else "-"
        yield (
            f"| {alert} | {_false_pages(verdicts)} | {sum(v.days for v in verdicts):,.0f} | {silence} "
            f"| {' | '.join(found)} | {hits} |"
        )


def _event(verdicts: Sequence[Verdict], world: str, *, by_day: bool = True) -> str:
    """The delays of a world's events, by volume."""
    return "; ".join(
        _delay([drop for v in cell for drop in v.detections if drop.event.by_day == by_day]).strip("*")
        for _, _, cell in _cells([v for v in verdicts if v.world == world])
    )


def _naive(by: dict[str, list[Verdict]]) -> Iterator[str]:
    volumes = sorted({v.volume for verdicts in by.values() for v in verdicts})
    yield (
        "| rule | "
        + " | ".join(f"false pages at {volume:,.0f}" for volume in volumes)
        + " | 50 % drops | 100 % drops |"
    )
    yield "|---" * (len(volumes) + 3) + "|"
    for rule, verdicts in by.items():
        cells = [cell for _, _, cell in _cells(verdicts)]
        pages = " | ".join(
            f"{rate(sum(v.false_pages for v in cell), sum(v.days for v in cell)).per_30_days:.3g}" for cell in cells
        )
        rows = ("; ".join(_delay(_drops(cell, depth)).strip("*") or "-" for cell in cells) for depth in (0.5, 1.0))
        yield f"| {rule} | {pages} | {' | '.join(rows)} |"
