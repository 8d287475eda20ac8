"""Proof end to end: break a simulated Vobiz, see who is paged, heal it, see the page resolved.

The exporter, Prometheus and Alertmanager are the real programs, on loopback, with the rules and example files that
ship. ``python -m tests.drill`` runs all faults, ``python -m tests.drill ha`` kills each program of two; docs/drill.md
says how to read its output.

``shipped`` reads the files that ship and changes addresses and intervals; ``past`` teaches the detector the week
before; ``stack`` starts everything; ``receiver`` takes notifications, ``events`` reads PagerDuty's, ``pager`` makes
incidents of them; ``faults`` says what goes wrong, ``fault_run`` follows one fault, ``runner`` runs them all and
``report`` prints.
"""

from __future__ import annotations
