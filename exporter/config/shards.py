"""Sharing partners out over several processes."""

from __future__ import annotations

import hashlib
import re
import socket
from dataclasses import dataclass

from exporter.config.errors import Invalid

MAX_PARTNERS = 100
"""Partners that one process polls."""

_SHARD = re.compile(r"(auto|[0-9]{1,4})/([0-9]{1,4})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of ``count`` shares; ``number`` counts from 1."""

    number: int = 1
    count: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def holds(self, name: str) -> bool:
        """Whether the partner of this name belongs to this share.

        Rendezvous hashing: it belongs to the share whose number hashes highest together with its name. So that
        depends on its own name alone, and another count moves no more partners than it must.
        """
        weights = {n: hashlib.sha256(f"{n} {name}".encode()).digest() for n in range(1, self.count + 1)}
        return max(weights, key=weights.__getitem__) == self.number


def parse_shard(text: str, *, hostname: str | None = None) -> Shard:
    """The share that ``2/5`` names, or ``auto/5`` by the number at the end of the host's name. Raises ``Invalid``."""
    match = _SHARD.fullmatch(text)
    if match is None:
        raise Invalid("not a share", "write one such as 2/5 or auto/5")
    number, count = match[1], int(match[2])
    if number == "auto":
        host = re.search(r"-([0-9]{1,4})$", (hostname or socket.gethostname()).partition(".")[0], re.ASCII)
        if host is None:
            remedy = "run in a StatefulSet, or give the share itself"
            raise Invalid("auto, but the host's name ends in no number", remedy)
        number = str(int(host[1]) + 1)
    if not 1 <= int(number) <= count:
        remedy = f"give 1 to {max(count, 1)}, the same count to every process"
        raise Invalid(f"there is no share {int(number)} of {count}", remedy)
    return Shard(number=int(number), count=count)
