"""The exporter as a user runs it: a process, its pages, its log."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.rig.fetch import fetch
from tests.rig.process import Process

STARTED = re.compile(r"""msg"?[=:] ?"?started\b.*url"?[=:] ?"?([^\s"]+)""")
"""The line that says where it listens, in either format of the log."""


class Exporter(Process):
    """``python -m exporter`` with these arguments, on a free port unless they name one.

    ``program`` is what Python is given instead of ``-m exporter``.
    """

    def __init__(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
        program: Sequence[str] = ("-m", "exporter"),
    ) -> None:
        if not any(argument.startswith("--web.listen-address") for argument in arguments):
            arguments = (*arguments, "--web.listen-address=127.0.0.1:0")
        super().__init__([sys.executable, *program, *arguments], name="exporter", environment=environment, log=log)
        self._before = 0

    def start(self) -> None:
        """Start it, also after it has ended."""
        self._before = len(self.lines)
        super().start()

    @property
    def life(self) -> list[str]:
        """The lines of the present life, or of the last one."""
        return self.lines[self._before :]

    @property
    def url_if_started(self) -> str | None:
        """Where its metrics are; None as long as it has not said so."""
        found = next(filter(None, map(STARTED.search, self.life)), None)
        return found[1] if found else None

    @property
    def url(self) -> str:
        """Where its metrics are; waits for it to have started."""
        return self.wait_for(lambda: self.url_if_started, "its start")

    def page(self, path: str = "/metrics") -> str:
        """One of its pages. Raises OSError."""
        return fetch(self.url.replace("/metrics", path)).decode()

    def value(self, name: str, **labels: str) -> float | None:
        """A sample of the page; None if it is not there. For label values without commas."""
        wanted = {f'{label}="{value}"' for label, value in labels.items()}
        for line in self.page().splitlines():
            series, _, value = line.rpartition(" ")
            shown, _, rest = series.partition("{")
            if shown == name and wanted <= set(rest.removesuffix("}").split(",")):
                return float(value)
        return None

    def close(self) -> None:
        """End it with SIGKILL: how it stops by itself is for a test to try."""
        if self.running:
            self.send(signal.SIGKILL)
        super().close()

    def wait_until_ready(self) -> None:
        """Return once every partner was polled."""
        self.wait_for_page(self.url.replace("/metrics", "/-/ready"))


def write_config(directory: Path, base_url: str, *, extra: str = "", partners: str = "", timeout: str = "20s") -> Path:
    """A configuration for tests: one partner, a poll every second; ``timeout`` is that of a request."""
    path = directory / "config.yaml"
    partners = partners or "- {name: acme, auth_id: PA_TEST0001, auth_token: t0ken-of-the-test}"
    path.write_text(
        f"partners:\n{partners}\napi: {{base_url: '{base_url}', timeout: {timeout}}}\n"
        f"poll: {{interval: 1s, slow_interval: 1s}}\n{extra}"
    )
    return path
