"""A Prometheus of our own on a loopback port, over blocks of the past and metrics of the present."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grafana.preview.world import INSTANCE, JOB
from tests.rig.prometheus import Prometheus, promtool


def import_past(past: Path, data: Path) -> None:
    """Make blocks of an OpenMetrics file. Raises ProcessError with what promtool says."""
    promtool("tsdb", "create-blocks-from", "openmetrics", str(past), str(data))


def import_rules(url: str, rules: Path, data: Path, *, start: float, end: float, step: float) -> None:
    """Make blocks of what recording rules would have recorded. Raises ProcessError with what promtool says."""
    promtool(
        *("tsdb", "create-blocks-from", "rules", f"--url={url}", f"--start={start:.0f}", f"--end={end:.0f}"),
        *(f"--eval-interval={step:.0f}s", f"--output-dir={data}", str(rules)),
    )


def running(
    directory: Path, *, page: int | None = None, rules: Sequence[Path] = (), interval: float = 1.0
) -> Prometheus:
    """Prometheus over ``directory/data``; scrapes a loopback port if one is given, and evaluates rules."""
    targets = [] if page is None else [{"targets": [f"127.0.0.1:{page}"], "labels": {"instance": INSTANCE}}]
    config = {
        "global": {"scrape_interval": f"{interval:g}s", "evaluation_interval": f"{interval:g}s"},
        "rule_files": [str(path) for path in rules],
        "scrape_configs": [{"job_name": JOB, "static_configs": targets}],
    }
    flags = ("--storage.tsdb.retention.time=400d", "--web.cors.origin=.*", "--log.level=warn")
    return Prometheus(directory, config, flags=flags)
