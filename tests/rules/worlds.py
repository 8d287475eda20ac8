"""What Prometheus has of partners, healthy and in each fault, polled at any interval by one exporter or two; and which
alerts fire of it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.rig.prometheus import RULES
from tests.rig.tools import tool

MINUTE, HOUR = 60, 3600
ONSET = 2 * HOUR
"""When a fault begins, in seconds since the start of the world."""

FAULTS: Mapping[str, frozenset[str]] = {
    "none": frozenset(),
    "drop": frozenset({"VobizAnswerRateDrop", "VobizAnswerRateDegraded"}),
    "silence": frozenset({"VobizNoTraffic", "VobizTrafficLow", "VobizDataFrozen"}),
    "low": frozenset({"VobizTrafficLow"}),
    "fraud": frozenset({"VobizSpendSpike", "VobizOutboundMinutesSpike"}),
    "broke": frozenset({"VobizBalanceRunwayShort", "VobizBalanceRunwayLow"}),
    "frozen": frozenset({"VobizDataFrozen"}),
    "timeouts": frozenset({"VobizDataStale", "VobizApiErrors"}),
    "refused": frozenset({"VobizAuthFailed", "VobizDataStale", "VobizApiErrors"}),
}
"""Each fault, which is also the name of its partner, and which alerts fire once it has lasted for long enough."""

_SCORES: Mapping[str, Mapping[str, float]] = {
    'vobiz_answer_drop_score{direction="outbound"}': {"drop": 1.2},
    'vobiz_traffic_drop_score{direction="outbound"}': {"silence": 1.3, "low": 0.7},
    'vobiz_spend_spike_score{currency="INR"}': {"fraud": 1.5},
    'vobiz_minutes_spike_score{direction="outbound"}': {"fraud": 1.5},
}
"""What the exporter makes of a fault; 0 otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A partner for each fault, with 300 calls an hour each; times are seconds. A second exporter dies at the onset."""

    interval: int
    exporters: int = 1

    @property
    def step(self) -> int:
        """Between two scrapes."""
        return min(MINUTE, self.interval)

    @property
    def end(self) -> int:
        """When every alert fires: DataStale waits for five intervals, DataFrozen for two hours."""
        return ONSET + 2 * HOUR + 20 * MINUTE + 5 * self.interval

    def series(self) -> Iterator[tuple[str, list[float | None]]]:
        """Each series as promtool and OpenMetrics write it, with its value at each scrape; None where there is none."""
        times = range(0, self.end + 1, self.step)
        for number in range(self.exporters):
            target = f'job="vobiz",instance="{"ab"[number]}"'
            alive = range(len(times) if number == 0 else ONSET // self.step)
            yield f"up{{{target}}}", [float(position in alive) for position in range(len(times))]
            columns: dict[str, list[float | None]] = {}
            for position in alive:
                # the exporters poll a third of an interval apart
                for name, value in self._scraped(target, times[position], phase=number * self.interval // 3):
                    columns.setdefault(name, [None] * len(times))[position] = value
            yield from columns.items()

    def _scraped(self, target: str, at: int, *, phase: int) -> Iterator[tuple[str, float]]:
        yield f"process_start_time_seconds{{{target}}}", 0
        yield f"vobiz_exporter_build_info{{{target}}}", 1
        for fault in FAULTS:
            for series, value in self._of_partner(fault, at, phase):
                name, _, labels = series.partition("{")
                yield f'{name}{{{target},partner="{fault}"{"," if labels else "}"}{labels}', value

    def _of_partner(self, fault: str, at: int, phase: int) -> Iterator[tuple[str, float]]:
        """What the exporter shows of the partner at that time."""
        polled = max(at - (at - phase) % self.interval, 0)
        reached = fault not in ("timeouts", "refused") or polled < ONSET
        good = polled if reached else ONSET - 1 - (ONSET - 1 - phase) % self.interval
        moved = min(good, ONSET) if fault in ("silence", "frozen") else good
        yield "vobiz_poll_interval_seconds", self.interval
        yield 'vobiz_calls_total{direction="outbound"}', moved // 12
        yield 'vobiz_cost_total{currency="INR"}', moved / 12
        polls = polled // self.interval + 1
        answered = polls if reached else ONSET // self.interval
        outcome = "unauthorized" if fault == "refused" else "timeout"
        for endpoint in ("dashboard", "analytics"):
            yield f'vobiz_up{{endpoint="{endpoint}"}}', float(reached)
            yield f'vobiz_last_success_timestamp_seconds{{endpoint="{endpoint}"}}', good
            yield f'vobiz_api_requests_total{{endpoint="{endpoint}",outcome="success"}}', answered
            yield f'vobiz_api_requests_total{{endpoint="{endpoint}",outcome="{outcome}"}}', polls - answered
        if at - good <= self.interval + 5 * MINUTE:
            left = 600 if fault == "broke" and good >= ONSET else 100_000
            yield 'vobiz_balance{currency="INR"}', left - moved / 1200
            yield 'vobiz_accounts{status="active"}', 20
            yield 'vobiz_period_calls{period="30d",direction="outbound"}', 216_000
            yield 'vobiz_period_cost{period="30d",direction="outbound",currency="INR"}', 216_000
            yield 'vobiz_calls_per_hour_expected{direction="outbound"}', 300
            for name, scores in _SCORES.items():
                yield name, scores.get(fault, 0.0) if good >= ONSET else 0.0


def notation(values: list[float | None]) -> str:
    """The values in promtool's notation; a series that ends is stale from then on."""
    written: list[str] = []
    for value, run in groupby(values):
        count = len(list(run))
        if value is None:
            written.append("stale" if written else f"_x{count}")
        else:
            written.append(f"{value!r}x{count - 1}" if count > 1 else repr(value))
    return " ".join(written)


ALERTS = re.findall(r"- alert: (\w+)", "".join(path.read_text(encoding="utf-8") for path in RULES))
EXPECTED = {fault: set(alerts) for fault, alerts in FAULTS.items() if alerts}
Firing = dict[str, set[str]]
"""The names of alerts by partner; those that belong to none under the empty name."""


def firing(world: World, moments: list[int], directory: Path, *, promtool: str = "") -> dict[int, Firing]:
    """Which alerts fire at these moments, by promtool: it names what was not expected, and nothing is."""
    looks = [{"alertname": alert, "eval_time": f"{at}s", "exp_alerts": []} for at in moments for alert in ALERTS]
    test = {
        "interval": f"{world.step}s",
        "input_series": [{"series": name, "values": notation(values)} for name, values in world.series()],
        "alert_rule_test": looks,
    }
    # Where polls are rarer, so are evaluations: each takes promtool as long, and the hours are more. But there are two
    # between polls at least, so that one comes long after a poll.
    between = max(MINUTE, min(world.interval // 2, 5 * MINUTE))
    document = {"rule_files": [str(path) for path in RULES], "evaluation_interval": f"{between}s", "tests": [test]}
    path = directory / "world.test.yml"
    path.write_text(json.dumps(document), encoding="utf-8")
    command = [promtool or tool("promtool"), "test", "rules", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    found: dict[int, Firing] = {at: {} for at in moments}
    for alert, at, labels in re.findall(r"alertname: (\w+), time: (\w+),|Labels:\{(.*)\}", output):
        if alert:
            moment = found[_seconds(at)]
            continue
        fired = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        moment.setdefault(fired.get("partner", ""), set()).add(fired["alertname"])
    assert all("VobizWatchdog" in fired.pop("") for fired in found.values()), output
    return found


def _seconds(duration: str) -> int:
    units = {"d": 24 * HOUR, "h": HOUR, "m": MINUTE, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([dhms])", duration))
