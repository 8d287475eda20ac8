"""Bounds on what clients may take of the server."""

from __future__ import annotations

import resource
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many connections at a time, and for how long each step of one may last, in seconds."""

    connections: int = 256
    """Connections at a time; fewer where the process may not open four times as many files."""

    request_seconds: float = 10.0
    """From the first byte (of a connection: from its start, TLS handshake included) to the end of a request."""

    idle_seconds: float = 330.0
    """Between requests. Prometheus drops idle connections after 300 s: the client ends them, so none is lost midway."""

    answer_seconds: float = 60.0
    """From the end of a request until the client has taken the answer; a scrape's own limit is usually 10 s."""

    linger_seconds: float = 2.0
    """How long a client may still send after the last answer, so that it reads that answer before the end."""

    closing_seconds: float = 1.0
    """How long `close` waits for answers under way."""

    def connections_allowed(self) -> int:
        """`connections`, or a quarter of the process's open-file limit where that is less."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            return self.connections
        return max(4, min(self.connections, soft // 4))
