"""Proof of staying power: a simulated month at high speed, with restarts, incidents and midnights.

The exporter and the simulated Vobiz are the real programs, on loopback. ``python -m tests.soak`` runs the month and
says whether every call was counted once, and whether memory, open files, threads, the log and the state stayed within
bounds.

``plan`` says what happens when, ``month`` lets it happen, ``polls`` makes as many polls as a month has beside it,
``usage`` reads what a process takes of the machine, ``verdict`` judges.
"""

from __future__ import annotations
