"""The fault matrix: everything that can go wrong around the exporter, done to the real daemon, and judged.

``python -m tests.faults`` makes all faults and prints the table of docs/reliability.md; ``--list`` names them.

``vobiz`` answers over real sockets and keeps the truth; ``values`` works out of it what the exposition must show;
``watch`` judges every exposition; ``testbed`` puts a daemon between the two, and ``case`` follows one fault of the API.
``statuses``, ``transport`` and ``bodies`` say how answers can be wrong (many in one daemon, see ``batches``, and
``long_waits``), ``connections`` how none comes about (a daemon each; ``breakers`` make and end it). ``disks``,
``processes``, ``clocks`` and ``files`` are faults of this machine, run by ``local``, with mounts in a ``namespace`` of
their own. ``job`` has the rows and their verdicts, and ``report`` prints.
"""

from __future__ import annotations
