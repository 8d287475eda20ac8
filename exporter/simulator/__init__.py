"""A simulated Vobiz Partner API, for trying out and testing whatever talks to the real one.

It shares no code with the rest of the package: only a socket connects them. ``python -m exporter.simulator`` starts
it alone.

From the inside out: ``climate`` says what traffic is usual at a moment, ``traffic`` makes calls of it, ``causes`` why
they end; ``books``, ``records`` and ``wallets`` keep what was booked, ``partner`` holds them together and ``timeline``
the incidents; ``simulation`` owns all partners and the clock; ``partner_api`` and ``control`` answer requests,
``server`` listens.
"""

from __future__ import annotations

from .incidents import IncidentError, IncidentSpec, Kind, parse_incident
from .server import DemoServer
from .settings import DemoSettings, add_demo_arguments, settings_from

__all__ = [
    "DemoServer",
    "DemoSettings",
    "IncidentError",
    "IncidentSpec",
    "Kind",
    "add_demo_arguments",
    "describe",
    "parse_incident",
    "settings_from",
]


def describe(server: DemoServer) -> str:
    """Return what to print when ``server`` has started: where it listens, credentials, what will happen."""
    return server.describe()
