"""A Prometheus of our own on a loopback port, over blocks of the past."""

from __future__ import annotations

from pathlib import Path

from tests.rig.process import run
from tests.rig.prometheus import Prometheus


def import_rules(url: str, rules: Path, data: Path, *, start: float, end: float, step: float) -> None:
    """Make blocks of what recording rules would have recorded. Raises ProcessError with what promtool says."""
    flags = (f"--url={url}", f"--start={start:.0f}", f"--end={end:.0f}", f"--eval-interval={step:.0f}s")
    run("promtool", "tsdb", "create-blocks-from", "rules", *flags, f"--output-dir={data}", rules)


def running(directory: Path) -> Prometheus:
    """Prometheus over ``directory/data``, which scrapes nothing. Use as a context manager."""
    # samples of the month are half an hour apart
    flags = (
        "--query.lookback-delta=31m",
        "--storage.tsdb.retention.time=400d",
        "--web.cors.origin=.*",
        "--log.level=warn",
    )
    return Prometheus(directory, {}, flags=flags)
