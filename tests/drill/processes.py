"""Programs that run beside the drill, each with a log file, each ended by its own pid."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

PATIENCE = 60.0
GRACE = 10.0


class DrillError(Exception):
    """The drill cannot go on: one line that says what failed and where to look."""


class Process:
    """A program, started by ``with`` and ended with it. It is in a session of its own: Ctrl-C is for the drill."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self.name = name
        self._command = list(command)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; its output is added to the log."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def pid(self) -> int:
        """Of the running program; KeyError if it is not running."""
        if self._process is None:
            raise KeyError(self.name)
        return self._process.pid

    def end(self, number: int = signal.SIGTERM) -> int | None:
        """Send a signal and wait; kill it if it does not end. Its exit code; None if it was not running."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(number)
            try:
                self._process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self._process.kill()
        code = self._process.wait()
        self._process = None
        return code

    def __enter__(self) -> Process:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def output(self) -> str:
        """All it has written."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE) -> None:
        """Return once a condition holds. Raises :class:`DrillError` if the program ends before, or takes too long."""
        end = time.monotonic() + seconds
        while not condition():
            code = None if self._process is None else self._process.poll()
            if code is not None or time.monotonic() > end:
                last = self.output.strip().splitlines()[-1:] or ["it wrote nothing"]
                state = "took too long" if code is None else f"ended with exit code {code}"
                raise DrillError(f"{self.name} {state}, waiting for {what}; last line: {last[0]}")
            time.sleep(0.1)

    def wait_for_page(self, url: str) -> None:
        """Return once a page answers with 200."""
        self.wait_for(lambda: answers(url), url)


def answers(url: str) -> bool:
    """Whether a page answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
