"""What a process takes of the machine, from /proc."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """At one moment: simulated seconds since the start, resident memory in MiB, open files, threads."""

    at: float
    life: int
    memory: float
    files: int
    threads: int


def usage(pid: int, *, at: float, life: int) -> Usage:
    """Look at a process. Raises OSError if it has ended."""
    process = Path(f"/proc/{pid}")
    status = process.joinpath("status").read_text(encoding="ascii")
    return Usage(
        at=at,
        life=life,
        memory=_number(status, "VmRSS") / 1024,
        files=sum(1 for _ in process.joinpath("fd").iterdir()),
        threads=_number(status, "Threads"),
    )


def longest_life(samples: Sequence[Usage]) -> list[Usage]:
    """The samples of the process that lived longest, without its first fifth: until everything has happened once."""
    lives: dict[int, list[Usage]] = {}
    for sample in samples:
        lives.setdefault(sample.life, []).append(sample)
    longest = max(lives.values(), key=lambda life: life[-1].at - life[0].at, default=[])
    return longest[len(longest) // 5 :]


def slope(samples: Sequence[Usage]) -> float:
    """MiB a simulated day, by least squares; the samples are of more than one moment."""
    return linear_regression([sample.at / 86_400 for sample in samples], [sample.memory for sample in samples]).slope


def first_and_last(samples: Sequence[Usage], value: Callable[[Usage], float]) -> tuple[float, float]:
    """The lowest of the first quarter and of the last: what leaks is never given back, and what is open for a moment,
    as the sockets of polls under way, is no leak."""
    quarter = max(len(samples) // 4, 1)
    return min(map(value, samples[:quarter])), min(map(value, samples[-quarter:]))


def _number(status: str, name: str) -> int:
    return int(re.findall(rf"^{name}:\s+(\d+)", status, re.MULTILINE)[0])
