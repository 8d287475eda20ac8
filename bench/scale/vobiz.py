"""A Vobiz that answers from memory: any name is a partner, some hang, one has 100,000 customers."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone

from bench.scale.canned import body
from tests.rig.raw_server import HostileServer, Peer
from tests.rig.vobiz import AnyAnswer, Request, answer_requests

HANGING, MANY = "PA_HANG", "PA_MANY"
"""How the auth_id of a partner begins that is never answered, and of the one with many customers."""

CUSTOMERS = 100_000
SHOWN_DAYS = 31


class CannedVobiz:
    """Serves from the start; ``arrivals`` is when each partner's ``/dashboard`` was asked for, by auth_id."""

    def __init__(self) -> None:
        self.arrivals: dict[str, list[float]] = defaultdict(list)
        self.server = HostileServer(lambda peer: answer_requests(peer, self._respond))

    @property
    def url(self) -> str:
        """What to give as ``api.base_url``."""
        return f"http://{self.server.authority}/api/v1/partner"

    def _respond(self, request: Request) -> AnyAnswer:
        auth_id = request.headers["x-auth-id"]
        if request.endpoint == "dashboard":
            self.arrivals[auth_id].append(time.monotonic())
        if auth_id.startswith(HANGING):
            return _hang
        now = datetime.now(timezone.utc)
        last = date.fromisoformat(request.query.get("to_date", now.date().isoformat()))
        first = date.fromisoformat(request.query.get("from_date", (last - timedelta(SHOWN_DAYS - 1)).isoformat()))
        customers = CUSTOMERS if auth_id.startswith(MANY) else 3
        return 200, body(first, last, today=now.date(), second=int(now.timestamp()) % 86_400, customers=customers)


def _hang(peer: Peer) -> bool:
    peer.hang()
    return False
