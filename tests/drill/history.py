"""A week of counters for Prometheus, and the exporter's state file to go on from there.

The rules compare with the same hour of the last seven days, so a Prometheus without a past would only show what they
do on their first day. promtool writes the past into its database as blocks before it starts. The exporter gets a state
file with the totals that the past ends with, so its counters continue it without a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exporter.clock import Moment
from exporter.ledger import Ledger, dump_ledger
from exporter.metrics import CATALOGUE
from exporter.metrics.samples import samples
from exporter.poll.snapshot import ENDPOINTS, Health, Snapshot
from exporter.simulator.climate import Climate
from exporter.state import StateFile
from tests.drill.past import Past, moments
from tests.rig.prometheus import promtool

PART = 21_600.0
"""Seconds of past in one file: promtool reads its file once for every two hours that it holds."""

Part = dict[str, dict[str, list[str]]]
"""By metric name and series, the lines of its samples."""

_LABELS = {metric.name: metric.labels for metric in CATALOGUE}
_KINDS = {metric.name: metric.kind for metric in CATALOGUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is to be written: for which partners (auth_id by name), of which simulated world, with which scrape labels.

    ``shift`` is how many seconds the simulator's clock is ahead of the real one.
    """

    partners: Mapping[str, str]
    seed: int
    volume: float
    shift: float
    labels: Mapping[str, str]

    def write(self, *, start: float, end: float, directory: Path, state: Path) -> list[Path]:
        """Write the past from ``start`` to ``end`` (real seconds since 1970), and the state; the OpenMetrics files."""
        parts: dict[int, Part] = {}
        store = StateFile(state)
        store.open(configured=self.partners, now=end)
        for name, auth_id in self.partners.items():
            past = Past(climate=Climate(seed=self.seed, auth_id=auth_id, volume=self.volume))
            before = start
            for at in moments(start, end):
                past.grow(before + self.shift, at - before)
                before = at
                self._sample(name, past, at, parts.setdefault(int(at // PART), {}))
            ledger = Ledger()
            ledger.totals = {(total.lane, total.figure): total.value for total in past.counters()}
            store.save(name, {"auth_id": auth_id, "ledger": dump_ledger(ledger)})
        store.close()
        return [_write(directory / f"past-{number}.om", part) for number, part in parts.items()]

    def _sample(self, partner: str, past: Past, at: float, part: Part) -> None:
        """One line for each series of a page of the exporter, named by the exporter itself."""
        polled = Health(up=True, last_success=Moment(wall=at, elapsed=0.0))
        page = Snapshot(
            partner=partner,
            interval=60.0,
            totals=past.counters(),
            health=tuple((endpoint, polled) for endpoint in ENDPOINTS),
        )
        for name, values, value in samples(page, 0.0):
            labels = {**dict(zip(_LABELS[name], values, strict=True)), **self.labels}
            key = name + "{" + ",".join(f'{label}="{text}"' for label, text in labels.items()) + "}"
            part.setdefault(name, {}).setdefault(key, []).append(f"{key} {value!r} {at:.3f}")


def _write(path: Path, part: Part) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for name, lines in part.items():
            file.write(f"# TYPE {name.removesuffix('_total')} {_KINDS[name]}\n")
            for samples_of_one in lines.values():
                file.write("\n".join(samples_of_one) + "\n")
        file.write("# EOF\n")
    return path


def make_blocks(openmetrics: Path, database: Path) -> None:
    """Have promtool add the file's samples to the database as blocks. Raises ProcessError."""
    promtool("tsdb", "create-blocks-from", "openmetrics", "--quiet", str(openmetrics), str(database))
