"""The exporter as a process that is started again and again, on one state file and one log."""

from __future__ import annotations

import json
import re
import signal
import sys
import urllib.request
from pathlib import Path

from tests.drill.processes import DrillError, Process, free_port
from tests.soak.counters import Counters, shown_counters
from tests.soak.usage import Usage, usage

_REQUESTS = re.compile(r'^vobiz_api_requests_total\{endpoint="dashboard",.*\} (\S+)$', re.MULTILINE)


class Daemon:
    """``exporter run`` for one partner, polling every second, with a timeout that hanging answers soon run into."""

    def __init__(self, *, directory: Path, base_url: str, auth_id: str, token: str) -> None:
        address = f"127.0.0.1:{free_port()}"
        config = {
            "partners": [{"name": "acme", "auth_id": auth_id, "auth_token": token}],
            "api": {"base_url": base_url, "timeout": "2s"},
            "poll": {"interval": "1s", "slow_interval": "1s"},
            "state": {"path": str(directory / "state.db")},
        }
        path = directory / "config.json"
        # YAML reads JSON.
        path.write_text(json.dumps(config), encoding="utf-8")
        self.state = directory / "state.db"
        self.log = directory / "exporter.log"
        self.lives = 0
        self.polls = 0
        self._polls_of_this_life = 0
        self._url = f"http://{address}"
        arguments = ("run", f"--config.file={path}", f"--web.listen-address={address}")
        self._process = Process("exporter", (sys.executable, "-m", "exporter", *arguments), self.log)
        self._running = False

    def start(self) -> None:
        """Start it, and wait for its first poll. Nothing if it runs."""
        if self._running:
            return
        self._process.start()
        self._running = True
        self.lives += 1
        self._polls_of_this_life = 0
        self._process.wait_for_page(f"{self._url}/-/ready")

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal. Raises DrillError if it took SIGTERM for anything but a reason to stop cleanly."""
        code = self._process.end(number)
        self._running = False
        if number == signal.SIGTERM and code not in (0, None):
            raise DrillError(f"the exporter ended with exit code {code} after SIGTERM")

    @property
    def running(self) -> bool:
        """Whether it was started and not ended."""
        return self._running

    def counters(self) -> Counters:
        """What its page shows now."""
        with urllib.request.urlopen(f"{self._url}/metrics", timeout=10) as answer:
            page = answer.read().decode()
        polls = int(sum(map(float, _REQUESTS.findall(page))))
        self.polls += polls - self._polls_of_this_life
        self._polls_of_this_life = polls
        return shown_counters(page)

    def usage(self, *, at: float) -> Usage:
        """What it takes of the machine now."""
        return usage(self._process.pid, at=at, life=self.lives)
