"""The daemon under test: many partners, two months of state, one core."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path

from bench.scale.state import write_state
from bench.web.children import Child

INTERVAL = 60.0


@contextlib.contextmanager
def running(
    api: Child, auth_ids: Mapping[str, str], directory: Path, *, core: int, interval: float = INTERVAL
) -> Iterator[tuple[Child, float]]:
    """It, once it has started, and when that began by the monotonic clock. ``auth_ids`` are by partner."""
    state, config = directory / "state.json", directory / "config.json"
    write_state(state, auth_ids, datetime.now(timezone.utc).date())
    settings = {
        "partners": [
            {"name": name, "auth_id": auth_id, "auth_token": "token-of-the-bench"} for name, auth_id in auth_ids.items()
        ],
        "api": {"base_url": api.url},
        "poll": {"interval": f"{interval:.0f}s"},
        "state": {"path": str(state)},
    }
    # YAML reads JSON.
    config.write_text(json.dumps(settings), encoding="utf-8")
    log = directory / "log"
    command = ["exporter", f"--config.file={config}", "--web.listen-address=127.0.0.1:0"]
    with log.open("wb") as stderr:
        started = time.monotonic()
        process = subprocess.Popen(["taskset", "--cpu-list", str(core), sys.executable, "-m", *command], stderr=stderr)
    try:
        yield Child(url=_url(log, process), pid=process.pid), started
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _url(log: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"msg=started .*url=(\S+)", log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"the exporter did not start: {log.read_text(encoding='utf-8')[-500:]}")
