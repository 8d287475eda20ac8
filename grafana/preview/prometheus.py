"""A Prometheus of our own on a loopback port, over blocks of the past."""

from __future__ import annotations

from pathlib import Path

from tests.rig.prometheus import Prometheus, promtool


def import_rules(url: str, rules: Path, data: Path, *, start: float, end: float, step: float) -> None:
    """Make blocks of what recording rules would have recorded. Raises ProcessError with what promtool says."""
    promtool(
        *("tsdb", "create-blocks-from", "rules", f"--url={url}", f"--start={start:.0f}", f"--end={end:.0f}"),
        *(f"--eval-interval={step:.0f}s", f"--output-dir={data}", str(rules)),
    )


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
