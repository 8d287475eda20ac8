"""The Dockerfile and .dockerignore, read. Only what this project's own files use is understood."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from tests.packaging.checkout import ROOT, committed

FILE = ROOT / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """Each instruction with its arguments, continued lines joined."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(word, " ".join(rest.split())) for word, _, rest in (line.partition(" ") for line in joined) if word]


def context() -> list[Path]:
    """The committed files that an engine is given."""
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    return [path for path in committed() if _given(path, patterns)]


def _given(path: Path, patterns: list[str]) -> bool:
    """The last pattern that fits the path, or a folder that it is in, decides."""
    given = True
    for pattern in patterns:
        glob = pattern.removeprefix("!").removeprefix("**/")
        if any(fnmatch.fnmatch(str(part), glob) for part in (path, *path.parents[:-1])):
            given = pattern.startswith("!")
    return given


def copied(arguments: str) -> dict[Path, Path]:
    """Where each file of the context goes, relative to the working directory, for the arguments of one COPY."""
    *sources, target = arguments.split()
    files = context()
    found: dict[Path, Path] = {}
    for source in map(Path, sources):
        below = {path: Path(target) / path.relative_to(source) for path in files if path.is_relative_to(source)}
        assert below, f"COPY {arguments}: .dockerignore leaves nothing of {source}"
        found |= {path: Path(target) / path.name if path == source else to for path, to in below.items()}
    return found


@dataclass(slots=True)
class Settings:
    """What the last stage says of the container."""

    environment: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    user: str = ""
    healthcheck: list[str] = field(default_factory=list)
    entrypoint: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)


def settings() -> Settings:
    """Those of the image; build arguments have their defaults."""
    arguments: dict[str, str] = {}
    found = Settings()
    for word, raw in instructions():
        rest = re.sub(r"\$\{(\w+)\}", lambda match: arguments[match[1]], raw)
        match word:
            case "FROM":
                found = Settings()
            case "ARG":
                name, _, value = rest.partition("=")
                arguments[name] = value
            case "ENV":
                found.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
            case "LABEL":
                found.labels |= dict(pair.split("=", 1) for pair in shlex.split(rest))
            case "USER":
                found.user = rest
            case "VOLUME":
                found.volumes += json.loads(rest)
            case "HEALTHCHECK":
                found.healthcheck = json.loads(rest[rest.index("[") :])
            case "ENTRYPOINT":
                found.entrypoint = json.loads(rest)
    return found
