"""Programs beside a test: started, watched and ended, each by its own process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from random import SystemRandom
from typing import IO, TypeVar

from tests.rig.fetch import fetch
from tests.rig.waiting import PATIENCE, wait_for

T = TypeVar("T")
P = TypeVar("P", bound="Process")

_RANDOM = SystemRandom()


class ProcessError(Exception):
    """A program does not do what it has to: says what failed, and what the program said."""


class Process:
    """A program and its output; in a session of its own, as Ctrl-C is for whoever runs it.

    It is started by ``with`` or :meth:`start`, and again after it has ended; the output of all lives is one, and is
    added to ``log``. ``environment`` is added to that of this process. Output comes through a pipe, as limits on files
    that a test sets must not concern it.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        name: str = "",
        log: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name or Path(command[0]).name
        self._command = list(command)
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
        self._log = log
        self._written = b""
        self._process: subprocess.Popen[bytes] | None = None
        self._reader = threading.Thread()

    def __enter__(self: P) -> P:
        try:
            self.start()
        except BaseException:
            # it may run already, and what it takes long for be interrupted
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start it."""
        assert not self.running, f"{self.name} runs already"
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the present or last life."""
        return self._last.pid

    def send(self, number: int) -> None:
        """Send a signal."""
        self._last.send_signal(number)

    def wait(self, *, seconds: float = PATIENCE) -> int:
        """The exit code, once it has ended by itself. Raises ProcessError if it does not."""
        try:
            code = self._last.wait(seconds)
        except subprocess.TimeoutExpired:
            raise self._error("does not end") from None
        self._reader.join(PATIENCE)
        return code

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and wait for the end; the exit code."""
        self.send(number)
        return self.wait()

    def close(self) -> None:
        """End it, by force if need be. Nothing if it has ended."""
        if self.running:
            self.send(signal.SIGTERM)
            try:
                self._last.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._last.kill()
        if self._process is not None:
            self.wait()

    @property
    def lines(self) -> list[str]:
        """The whole lines that it has written."""
        return self.output.split("\n")[:-1]

    @property
    def output(self) -> str:
        """All that it has written."""
        return self._written.decode(errors="replace")

    def wait_for(self, condition: Callable[[], T | None], what: str, *, patience: float = PATIENCE) -> T:
        """As :func:`~tests.rig.waiting.wait_for`, but raises ProcessError, and at once when the program has ended."""

        def found() -> T | None:
            # first, as a program may have written its last words and ended
            ended = not self.running
            if ended:
                self._reader.join(PATIENCE)
            value = None
            # what is raised for "not yet" must not hide that the program has ended
            with suppress(OSError):
                value = condition()
            if ended and not value:
                raise self._error(f"ended with code {self._last.returncode}, waiting for {what}")
            return value

        try:
            return wait_for(found, what, patience=patience)
        except AssertionError:
            raise self._error(f"took too long, waiting for {what}") from None

    def wait_for_log(self, text: str) -> str:
        """The first line with this text."""
        return self.wait_for(lambda: next((line for line in self.lines if text in line), None), repr(text))

    def wait_for_page(self, url: str) -> None:
        """Return once a page answers with no error."""
        self.wait_for(lambda: fetch(url, timeout=5), url)

    @property
    def _last(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, f"{self.name} was not started"
        return self._process

    def _read(self, output: IO[bytes]) -> None:
        with ExitStack() as opened:
            opened.enter_context(output)
            log = opened.enter_context(self._log.open("ab")) if self._log else None
            while data := os.read(output.fileno(), 1 << 16):
                if log is not None:
                    log.write(data)
                    log.flush()
                self._written += data

    def _error(self, problem: str) -> ProcessError:
        last = self.output.strip().splitlines()[-1:] or ["it wrote nothing"]
        return ProcessError(f"{self.name} {problem}; last line: {last[0]}")


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """What a command prints on standard output. Raises ProcessError with all that it said if it does not succeed."""
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProcessError(f"{' '.join(words[:5])} failed: {done.stderr}{done.stdout}")
    return done.stdout


def module(name: str, *arguments: str) -> list[str]:
    """The command for ``python -m name``."""
    return [sys.executable, "-m", name, *arguments]


def marked(name: str, *arguments: str, mark: Path) -> Process:
    """A module of ours; it and all that it starts bear a mark. The mark is also where they keep temporary files."""
    return Process(module(name, *arguments), name=name, environment={"TMPDIR": str(mark)})


def processes(mark: Path) -> int:
    """How many processes with that mark are running."""
    found = 0
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            found += f"TMPDIR={mark}\0".encode() in entry.read_bytes()
    return found


def free_port() -> int:
    """A free port of loopback, below those that the system gives to connections, one of which might take it first."""
    while True:
        port = _RANDOM.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
