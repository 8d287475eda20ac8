"""What tests and benchmarks share: one of each, and nothing here knows the inside of the exporter.

``waiting`` has the one limit for all waits. ``raw_server`` and ``raw_client`` are the two sides of a hostile socket;
``vobiz`` answers as a script says, on the first of them. ``process`` runs programs and sees what is left of them;
``exporter`` (the daemon), ``simulated`` (the simulated Vobiz) and ``prometheus`` (with Alertmanager) are such programs.
``fetch`` gets a page, ``certificates`` makes certificates, ``proxy`` forwards, ``tools`` finds programs of others.
"""

from __future__ import annotations
