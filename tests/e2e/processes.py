"""The parts of an end-to-end run, each started, asked, and ended by its own process id."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from prometheus_client.parser import text_string_to_metric_families

from exporter.simulator import DemoServer, DemoSettings

T = TypeVar("T")
Series = tuple[str, str, str]
"""Counter, the label that tells its series apart, and that label's value."""

_OPENER = build_opener(ProxyHandler({}))


def fetch(url: str, *, method: str = "GET", data: Mapping[str, object] | None = None, timeout: float = 30) -> bytes:
    """The body of an answer, without any proxy; ``data`` is sent as JSON. Raises OSError."""
    body = None if data is None else json.dumps(data).encode()
    with _OPENER.open(Request(url, data=body, method=method), timeout=timeout) as response:
        content: bytes = response.read()
        return content


def free_port() -> int:
    """A port of loopback that is free at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def wait_for(look: Callable[[], T | None], what: str, *, seconds: float = 30.0) -> T:
    """What ``look`` returns once it is neither None nor false; an OSError counts as not yet."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        with suppress(OSError):
            if found := look():
                return found
        pause.wait(0.05)
    raise AssertionError(f"not within {seconds:g} s: {what}")


class SimulatedVobiz:
    """The simulated Vobiz with its control side."""

    def __init__(self, settings: DemoSettings) -> None:
        self._server = DemoServer(settings)

    def __enter__(self) -> SimulatedVobiz:
        self._server.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def credentials(self) -> tuple[str, str]:
        """Of the first partner."""
        return self.partners[0]

    @property
    def partners(self) -> tuple[tuple[str, str], ...]:
        """Every partner's credentials."""
        return self._server.partners

    def pause(self) -> None:
        """Stop simulated time: nothing changes any more."""
        self._control("POST", "pause")

    def resume(self) -> None:
        self._control("POST", "resume")

    def incident(self, kind: str, **words: object) -> None:
        self._control("POST", "incident", {"kind": kind, **words})

    def end_incidents(self) -> None:
        self._control("DELETE", "incident")

    def today(self) -> str:
        return str(self._truth()["today"])

    def counters(self) -> dict[Series, Decimal]:
        """What the exporter's counters must say by now, had they begun with the simulation."""
        truth = self._truth()
        names = {"calls": "calls_total", "answered_calls": "answered_calls_total", "seconds": "call_seconds_total"}
        counters = {("vobiz_cost_total", "currency", "INR"): Decimal(truth["cost"])}
        for field, name in names.items():
            for direction, tally in truth["by_direction"].items():
                counters[f"vobiz_{name}", "direction", direction] = Decimal(tally[field])
        for field, name in {**names, "cost": "cost_total"}.items():
            for product, tally in truth["by_product"].items():
                counters[f"vobiz_product_{name}", "product", product] = Decimal(tally[field])
        return counters

    def _truth(self) -> dict[str, Any]:
        truth: dict[str, Any] = json.loads(fetch(f"{self._server.control_url}/truth"))
        partner: dict[str, Any] = truth["partners"][self.credentials[0]]
        return partner

    def _control(self, method: str, what: str, data: Mapping[str, object] | None = None) -> None:
        fetch(f"{self._server.control_url}/{what}", method=method, data=data)


class ExporterProcess:
    """``exporter run`` as a process that can be started again and again on the same port, state and configuration."""

    def __init__(
        self,
        *,
        directory: Path,
        vobiz: SimulatedVobiz,
        state_path: Path | None,
        port: int,
        config: Mapping[str, object] | None = None,
    ) -> None:
        self.address = f"127.0.0.1:{port}"
        self.log = directory / "exporter.log"
        self._config = directory / "config.yaml"
        self._process: subprocess.Popen[bytes] | None = None
        auth_id, token = vobiz.credentials
        settings: dict[str, object] = {
            "partners": [{"name": "acme", "auth_id": auth_id, "auth_token": token}],
            **(config or {}),
            "api": {"base_url": vobiz.url},
            "poll": {"interval": "1s", "slow_interval": "1s"},
        }
        if state_path is not None:
            settings["state"] = {"path": str(state_path)}
        # YAML reads JSON.
        self._config.write_text(json.dumps(settings), encoding="utf-8")

    def __enter__(self) -> ExporterProcess:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        arguments = ["run", f"--config.file={self._config}", f"--web.listen-address={self.address}"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "exporter", *arguments], stdout=log, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def run_for(self, seconds: float) -> None:
        """Let it run; fails if it ends by itself."""
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(seconds)
            raise AssertionError(f"the exporter ended with code {code}: {self.log.read_text(encoding='utf-8')[-2000:]}")

    def counters(self) -> dict[Series, Decimal]:
        """Its counters of calls and cost as they are now. Raises OSError while it does not answer."""
        labels = ("direction", "product", "currency")
        return {
            (name, label, of[label]): Decimal(repr(value))
            for name, of, value in self._samples()
            if name.startswith("vobiz_") and name.endswith(("calls_total", "seconds_total", "cost_total"))
            for label in labels
            if label in of and not (label == "currency" and "product" in of)
        }

    def wait_for_polls_since(self, moment: float) -> None:
        """Until both endpoints were asked, with success, after this real time."""

        def polled() -> bool:
            name = "vobiz_last_success_timestamp_seconds"
            at = [value for sample, _, value in self._samples() if sample == name]
            return len(at) == 2 and min(at) > moment

        wait_for(polled, "a poll that worked")

    def wait_for_next_polls(self) -> None:
        """Until both endpoints were asked after now, twice, so that nothing that was in flight is left."""
        self.wait_for_polls_since(time.time())
        self.wait_for_polls_since(time.time())

    def _samples(self) -> list[tuple[str, dict[str, str], float]]:
        text = fetch(f"http://{self.address}/metrics").decode()
        families = text_string_to_metric_families(text)
        return [(sample.name, sample.labels, sample.value) for family in families for sample in family.samples]


class Prometheus:
    """A real Prometheus that scrapes one target every second, or what ``scrape_configs`` says; with rules or not."""

    def __init__(
        self,
        program: str,
        *,
        directory: Path,
        target: str = "",
        port: int,
        scrape_configs: Sequence[Mapping[str, object]] = (),
        rules: Sequence[Path] = (),
    ) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1"
        self._process: subprocess.Popen[bytes] | None = None
        job = {"job_name": "vobiz", "static_configs": [{"targets": [target]}]}
        settings = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "scrape_configs": list(scrape_configs) or [job],
            "rule_files": [str(path) for path in rules],
        }
        config = directory / "prometheus.yml"
        config.write_text(json.dumps(settings), encoding="utf-8")
        self._log = directory / "prometheus.log"
        self._command = [
            program,
            f"--config.file={config}",
            f"--storage.tsdb.path={directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]

    def __enter__(self) -> Prometheus:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def query(self, expression: str, *, at: float | None = None) -> list[dict[str, Any]]:
        """The result of an instant query. Raises OSError while it does not answer."""
        parameters = {"query": expression} if at is None else {"query": expression, "time": f"{at:.3f}"}
        answer = json.loads(fetch(f"{self._url}/query?{urlencode(parameters)}"))
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def rules(self) -> list[dict[str, Any]]:
        """Every rule with its health. Raises OSError while it does not answer."""
        answer = json.loads(fetch(f"{self._url}/rules"))
        return [rule for group in answer["data"]["groups"] for rule in group["rules"]]
