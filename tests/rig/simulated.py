"""The simulated Vobiz as a process, with its control side: the clock, incidents, and the truth."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.rig.fetch import fetch, fetch_json
from tests.rig.process import Process, module


class SimulatedVobiz(Process):
    """``python -m exporter.simulator``; keywords are its flags: ``midnight_in="13h"`` for ``--demo.midnight-in=13h``.

    ``incidents`` are given as ``--demo.incident``. It answers when ``with`` or :meth:`start` has returned.
    """

    def __init__(self, *, log: Path | None = None, incidents: tuple[str, ...] = (), **flags: object) -> None:
        arguments = [f"--demo.{name.replace('_', '-')}={value}" for name, value in flags.items()]
        arguments += [f"--demo.incident={incident}" for incident in incidents]
        super().__init__(module("exporter.simulator", *arguments), name="the simulated Vobiz", log=log)
        self.origin = ""

    def start(self) -> None:
        """Start it, and wait until it listens."""
        super().start()
        found = self.wait_for(lambda: re.search(r"API: (http://[^/\s]+)", self.output), "its address")
        self.origin = found[1]

    @property
    def url(self) -> str:
        """What to give as ``api.base_url``."""
        return f"{self.origin}/api/v1/partner"

    @property
    def partners(self) -> list[tuple[str, str]]:
        """Every partner's auth_id and token, in order."""
        return re.findall(r"X-Auth-ID: (\S+) +X-Auth-Token: (\S+)", fetch(f"{self.origin}/").decode())

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

    def begin(self, **incident: object) -> int:
        """Begin an incident, for one ``partner`` or all: words as the control side takes them; its number."""
        return int(self._ask("incident", method="POST", data=incident)["id"])

    def end(self, number: int) -> None:
        """End an incident."""
        self._ask(f"incident/{number}", method="DELETE")

    def end_all(self) -> None:
        """End every incident."""
        self._ask("incident", method="DELETE")

    def _ask(self, path: str, *, method: str = "GET", data: object = None) -> Any:
        return fetch_json(f"{self.origin}/_demo/{path}", method=method, data=data)
