"""The fault matrix: everything that can go wrong around the exporter, made before the real daemon, and what came of it.

``python -m tests.faults`` makes all of it and prints the table of docs/reliability.md; ``--list`` names the faults.

``vobiz`` answers over real sockets and keeps the truth; ``figures`` works out of it what the page must show; ``watch``
judges every page; ``stage`` puts a daemon between the two, and ``course`` follows one fault of the API. ``statuses``,
``wire``, ``bodies`` (many in one daemon, see ``batches``) and ``ways`` (a daemon each, see ``connections`` and
``doors``) say what the API does; ``disks``, ``processes``, ``days`` and ``files`` what befalls this side, on the scene
that ``here`` sets, with mounts in a namespace of their own (``private``). ``verdict`` is a row and ``report`` prints.
"""

from __future__ import annotations
