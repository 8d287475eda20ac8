"""The simulated Vobiz as the drill uses it: credentials, clock, incidents."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.drill.processes import DrillError

READY = "kinds:"
"""In what it prints once it listens."""


class SimulatedVobiz:
    """Found by what it ``said`` when it started. Raises :class:`DrillError` if that names no address."""

    def __init__(self, said: str) -> None:
        found = re.search(r"API: (http://[^/\s]+)", said)
        if found is None:
            raise DrillError("the simulated Vobiz does not say where it listens")
        self._origin = found[1]
        self.url = self._origin + "/api/v1/partner"

    def credentials(self) -> list[tuple[str, str]]:
        """Every partner's auth_id and token, in order."""
        with urllib.request.urlopen(self._origin + "/", timeout=10) as answer:
            return re.findall(r"X-Auth-ID: (\S+) +X-Auth-Token: (\S+)", answer.read().decode())

    def now(self) -> float:
        """Its clock, in seconds since 1970."""
        return datetime.fromisoformat(self._ask("truth")["now"].replace("Z", "+00:00")).timestamp()

    def truth(self, auth_id: str) -> dict[str, Any]:
        """What really happened to a partner's calls since the start."""
        truth: dict[str, Any] = self._ask("truth")["partners"][auth_id]
        return truth

    def pause(self) -> None:
        """Stop its clock: nothing happens any more."""
        self._ask("pause", method="POST")

    def resume(self) -> None:
        """Let its clock run on."""
        self._ask("resume", method="POST")

    def clear_all(self) -> None:
        """End every incident."""
        self._ask("incident", method="DELETE")

    def cause(self, auth_id: str, incident: Mapping[str, object]) -> int:
        """Let an incident begin for one partner; its number."""
        return int(self._ask("incident", method="POST", body={**incident, "partner": auth_id})["id"])

    def clear(self, number: int) -> None:
        """End an incident."""
        self._ask(f"incident/{number}", method="DELETE")

    def _ask(self, path: str, *, method: str = "GET", body: Mapping[str, object] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._origin}/_demo/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
