"""A past for a Prometheus: series that it has now, written into its database for the moments that queries look at."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tests.rig.tools import tool

HOUR, DAY = 3_600, 86_400
STEP = 240
"""Seconds between samples: a query finds one that is up to five minutes old."""

Series = tuple[Mapping[str, str], float]
"""Labels, with the metric's name as ``__name__``, and the value."""


def moments(now: float) -> list[float]:
    """The last seven hours, and on each of the eight days before some moments around this time, oldest first.

    A step before each of the latter there is another one, for whoever looks a little later than now.
    """
    apart = (-HOUR // 2, 0, HOUR // 2, HOUR)
    around = (day * DAY + near + step for day in range(1, 9) for near in apart for step in (0, STEP))
    return sorted(now - ago for ago in (*range(STEP, 7 * HOUR, STEP), *around))


def write_past(
    directory: Path, data: Path, series: Iterable[Series], *, value: Callable[[str, float, float], float]
) -> None:
    """Add a past of these series to the database in ``data``, which no Prometheus may be using.

    ``value(name, now, ago)`` makes the value so many seconds ago of the one that there is now.
    """
    now = time.time()
    at = moments(now)
    path = directory / "past.om"
    with path.open("w", encoding="utf-8") as file:
        for labels, current in series:
            file.writelines(_lines(labels, ((value(labels["__name__"], current, now - t), t) for t in at)))
        file.write("# EOF\n")
    command = [tool("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(path), str(data)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _lines(labels: Mapping[str, str], samples: Iterable[tuple[float, float]]) -> Iterator[str]:
    written = ",".join(f'{name}="{text}"' for name, text in labels.items() if name != "__name__")
    for value, at in samples:
        yield f"{labels['__name__']}{{{written}}} {value!r} {at:.3f}\n"
