"""Proof of staying power: a simulated month at high speed, with restarts, incidents and midnights.

The exporter and the simulated Vobiz are the real programs, on loopback. ``python -m tests.soak`` runs the month and
says whether every call was counted once, and whether memory, open files, threads, the log and the state file stayed
within bounds.

``plan`` says what happens when, ``counters`` compares the page with the truth, ``daemon`` is the exporter as a process,
``usage`` what it takes of the machine, ``course`` lets the month happen, ``treadmill`` makes a month's polls beside it,
``verdict`` judges.
"""

from __future__ import annotations
