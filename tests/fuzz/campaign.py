"""One target, fuzzed for so many inputs in a process of its own; and the result."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.target import Target
from tests.fuzz.targets import load

_DONE = re.compile(r"Done ([0-9]+) runs in ([0-9]+) second")
_EDGES = re.compile(r"^#([0-9]+)\s.* cov: ([0-9]+)", re.MULTILINE)
_ARTIFACT = re.compile(r"Test unit written to (\S+)")
_PROGRESS = re.compile(r"#[0-9]+\t|INFO: |WARNING: ")
HANGS_AFTER = 20
"""Seconds; the slowest input of a healthy target takes a thousandth of it."""
MAX_MEMORY_MB = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """``inputs`` tried in ``seconds``, ``edges`` reached; ``finding`` is the input that broke the target, if one did.

    ``output`` is what the fuzzer said, without its progress.
    """

    inputs: int
    seconds: int
    edges: int
    finding: Path | None
    output: str


def run(name: str, *, runs: int, seconds: int, kept: Path, scratch: Path, seed: int) -> Result:
    """Fuzz with at most so many inputs and seconds. What reaches something new is kept for the next time.

    ``kept`` is where, and where an input goes that breaks the target; ``scratch`` is an empty directory.
    """
    corpus, findings, given, work = kept / name, kept / "findings", scratch / "seeds", scratch / "work"
    for directory in (corpus, findings, given, work):
        directory.mkdir(parents=True, exist_ok=True)
    target = load(name, work)
    target.close()
    _write_seeds(target, given)
    words = scratch / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), encoding="ascii")
    for left in work.iterdir():
        left.unlink()
    arguments = [
        f"-runs={runs}",
        f"-max_total_time={seconds}",
        f"-max_len={target.max_length}",
        f"-dict={words}",
        f"-timeout={HANGS_AFTER}",
        f"-rss_limit_mb={MAX_MEMORY_MB}",
        f"-artifact_prefix={findings / name}-",
        f"-seed={seed}",
        "-print_final_stats=1",
        str(corpus),
        str(given),
    ]
    engine = [sys.executable, "-m", "tests.fuzz.engine", name, str(work), *arguments]
    ended = subprocess.run(engine, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return result_of(ended.stdout.decode("utf-8", "replace"))


def _write_seeds(target: Target, directory: Path) -> None:
    for number, seed in enumerate(target.seeds):
        (directory / str(number)).write_bytes(seed)


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def result_of(output: str) -> Result:
    """What the fuzzer's words say. Raises RuntimeError if it did not come to fuzzing."""
    done, artifact = _DONE.search(output), _ARTIFACT.search(output)
    progress = _EDGES.findall(output)
    if done is None and artifact is None:
        raise RuntimeError(f"the fuzzer did not run:\n{output[-4000:]}")
    return Result(
        inputs=int(done[1]) if done else int(progress[-1][0]) if progress else 0,
        seconds=int(done[2]) if done else 0,
        edges=max((int(edges) for _, edges in progress), default=0),
        finding=Path(artifact[1]) if artifact else None,
        output="\n".join(line for line in output.splitlines() if not _PROGRESS.match(line)),
    )
