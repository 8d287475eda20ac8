"""Every fault there is."""

from __future__ import annotations

from tests.faults import batches, clocks, connections, disks, files, local, long_waits, processes
from tests.faults.job import Job

JOBS: tuple[Job, ...] = (
    *connections.jobs(),
    *local.jobs((*disks.ROWS, *processes.ROWS, *clocks.ROWS, *files.ROWS)),
    *batches.jobs(),
    *long_waits.jobs(),
)
_ALL = [row for job in JOBS for row in job.rows]

ROWS: tuple[tuple[str, str, str], ...] = tuple(
    row for group in dict.fromkeys(group for group, _, _ in _ALL) for row in _ALL if row[0] == group
)
"""Group, name and what is done, as the table has them."""
