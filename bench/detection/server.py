"""A Prometheus on loopback that holds one batch of partners: written by remote write, read by range queries."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from bench.detection.firing import STEP

Floats = NDArray[np.float64]
STALE_BITS = np.uint64(0x7FF0000000000002)
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""The NaN that Prometheus takes for the end of a series."""


class QueryError(Exception):
    """The engine refused an expression."""


class Prometheus:
    """One server whose head holds everything: no compaction, no blocks. A context manager that ends it."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self._folder = Path(tempfile.mkdtemp(prefix="detection-", dir=memory if os.access(memory, os.W_OK) else None))
        config = self._folder / "prometheus.yml"
        config.write_text("global: {}\n")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        command = [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self._port}",
            "--web.enable-remote-write-receiver",
            "--storage.tsdb.retention.time=100y",
            "--storage.tsdb.min-block-duration=400d",
            "--storage.tsdb.max-block-duration=400d",
            "--query.max-samples=2000000000",
            "--query.timeout=10m",
            "--log.level=error",
        ]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "GOGC": "200"})
        self._pending: list[bytes] = []
        self._size = 0
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def _wait(self) -> None:
        for _ in range(300):
            try:
                if self._request("GET", "/-/ready")[0] == 200:
                    return
            except OSError:
                if self._process.poll() is not None:
                    break
            time.sleep(0.1)
        raise RuntimeError(f"prometheus did not start: {(self._folder / 'log').read_text()[-2000:]}")

    def __enter__(self) -> Prometheus:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the server and remove its data."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=900)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def write(self, labels: dict[str, str], times: Floats, values: Floats) -> None:
        """Queue the samples of one series (seconds, values)."""
        for begin in range(0, len(times), 200_000):
            part = slice(begin, begin + 200_000)
            body = series_message(labels, times[part], values[part])
            self._pending.append(body)
            self._size += len(body)
            if self._size > 8_000_000:
                self.flush()

    def flush(self) -> None:
        """Send what is queued."""
        body, self._pending, self._size = b"".join(self._pending), [], 0
        if not body:
            return
        # Snappy's block format with one literal: nothing is compressed.
        body = varint(len(body)) + b"\xfc" + struct.pack("<I", len(body) - 1) + body
        headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
        status, text = self._request("POST", "/api/v1/write", body, headers)
        if status // 100 != 2:
            raise RuntimeError(f"remote write: {status} {text[:300]!r}")

    def range(self, expr: str, start: float, end: float) -> list[tuple[dict[str, str], Floats, Floats]]:
        """(labels, times, values) of every series of a range query, in pieces below the server's 11,000 points."""
        parts: dict[bytes, list[Floats]] = {}
        for begin in range(int(start), int(end) + 1, 10_000 * STEP):
            query = {"query": expr, "start": begin, "end": min(int(end), begin + 9_999 * STEP), "step": STEP}
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            body = urllib.parse.urlencode(query).encode()
            status, answer = self._request("POST", "/api/v1/query_range", body, headers)
            if status != 200:
                raise QueryError(answer[:400].decode(errors="replace"))
            for piece in answer.split(b'{"metric":')[1:]:
                metric, _, values = piece.partition(b',"values":[[')
                flat = values[: values.rindex(b"]]")].translate(None, b'[]"').decode()
                parts.setdefault(metric, []).append(np.fromstring(flat, sep=",").reshape(-1, 2))
        out = []
        for metric, pieces in parts.items():
            both = np.concatenate(pieces)
            out.append((json.loads(metric), both[:, 0], both[:, 1]))
        return out


def varint(number: int) -> bytes:
    """Protobuf's variable-length integer."""
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def series_message(labels: dict[str, str], times: Floats, values: Floats) -> bytes:
    """A remote-write TimeSeries. Every sample takes 18 bytes: milliseconds of our time are a varint of 6."""
    milliseconds = (times * 1000).astype(np.int64)
    block = np.empty((len(times), 18), np.uint8)
    block[:, :3], block[:, 11] = (0x12, 16, 0x09), 0x10
    block[:, 3:11] = np.ascontiguousarray(values, "<f8").view(np.uint8).reshape(-1, 8)
    for byte in range(6):
        block[:, 12 + byte] = (milliseconds >> 7 * byte) & 0x7F | (0x80 if byte < 5 else 0)
    head = b""
    for name, value in sorted(labels.items()):
        pair = b"".join(tag + varint(len(x)) + x for tag, x in ((b"\x0a", name.encode()), (b"\x12", value.encode())))
        head += b"\x0a" + varint(len(pair)) + pair
    body = head + block.tobytes()
    return b"\x0a" + varint(len(body)) + body


def with_ends(times: Floats, values: Floats, end: float) -> tuple[Floats, Floats]:
    """Add the marker that ends a series after each run of samples that stops before `end`.

    Without it an old value would be seen for another five minutes.
    """
    at = np.flatnonzero(np.diff(times) > STEP * 1.5)
    if len(times) and times[-1] < end - STEP / 2:
        at = np.append(at, len(times) - 1)
    if not len(at):
        return times, values
    times, values = np.insert(times, at + 1, times[at] + STEP), np.insert(values, at + 1, STALE)
    values.view(np.uint64)[at + 1 + np.arange(len(at))] = STALE_BITS
    return times, values
