"""The daemon as a user runs it: a process, its pages, its log."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

DEADLINE = 30.0


class Running:
    """A process of ``python -m exporter``. Its log is read by a thread of its own."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], program: Sequence[str]) -> None:
        self.lines: list[str] = []
        self._url = ""
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **environment},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def url(self) -> str:
        """Where its metrics are; waits for it to have started."""
        assert self.waits_for_log("started"), "\n".join(self.lines)
        # in either format of the log
        found = re.search(r"""msg"?[=:] ?"?started\b.*url"?[=:] ?"?([^\s"]+)""", "\n".join(self.lines))
        assert found is not None
        return found[1]

    def page(self, path: str = "/metrics") -> str:
        """One of its pages."""
        with urllib.request.urlopen(self.url.replace("/metrics", path), timeout=30) as answer:
            return str(answer.read().decode())

    def value(self, name: str, **labels: str) -> float | None:
        """A sample of the page; None if it is not there. For label values without commas."""
        wanted = {f'{label}="{value}"' for label, value in labels.items()}
        for line in self.page("/metrics").splitlines():
            series, _, value = line.rpartition(" ")
            shown, _, rest = series.partition("{")
            if shown == name and wanted <= set(rest.removesuffix("}").split(",")):
                return float(value)
        return None

    def waits_for_log(self, text: str) -> bool:
        """Whether a line with this text is written before the deadline."""
        with self._news:
            return self._news.wait_for(
                lambda: any(text in line for line in self.lines) or self.process.poll() is not None, DEADLINE
            ) and any(text in line for line in self.lines)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(DEADLINE)
        self._reader.join()
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                with self._news:
                    self.lines.append(line.rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()


@contextmanager
def running(
    *arguments: str, environment: Mapping[str, str] | None = None, program: Sequence[str] = ("-m", "exporter")
) -> Iterator[Running]:
    """The exporter with these arguments, on a free port unless they name one; killed at the end if need be.

    ``program`` is what Python is given instead of it.
    """
    if not any(argument.startswith("--web.listen-address") for argument in arguments):
        arguments = (*arguments, "--web.listen-address=127.0.0.1:0")
    daemon = Running(arguments, environment or {}, program)
    try:
        yield daemon
    finally:
        if daemon.process.poll() is None:
            daemon.stop(signal.SIGKILL)
        daemon._reader.join()


def eventually(condition: Callable[[], bool], seconds: float = DEADLINE) -> bool:
    """Whether a condition comes true before a deadline."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def write_config(directory: Path, base_url: str, *, extra: str = "", partners: str = "", timeout: str = "20s") -> Path:
    """A configuration for tests: one partner, a poll every second; ``timeout`` is that of a request."""
    path = directory / "config.yaml"
    partners = partners or "- {name: acme, auth_id: PA_TEST0001, auth_token: t0ken-of-the-test}"
    path.write_text(
        f"partners:\n{partners}\napi: {{base_url: '{base_url}', timeout: {timeout}, max_body: 64KiB}}\n"
        f"poll: {{interval: 1s, slow_interval: 1s}}\n{extra}"
    )
    return path
