"""What the tests of the configuration share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from exporter.config.errors import ConfigError
from exporter.config.load import load_config
from exporter.config.model import Config

TOKEN = "t0ken-that-must-stay-secret"
PARTNER = "partners: [{auth_id: PA_1, auth_token: '${TOKEN}'}]\n"
ENVIRON = {"TOKEN": TOKEN}
DURATION = "not a duration; write whole numbers with units (y w d h m s ms), longest first, such as 1h30m"


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "config.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def load(
    folder: Path,
    content: str | bytes,
    *,
    environ: Mapping[str, str] = ENVIRON,
) -> Config:
    return load_config(write(folder, content), environ=environ)


def problems(
    folder: Path,
    content: str | bytes,
    *,
    environ: Mapping[str, str] = ENVIRON,
) -> list[str]:
    """What is said about a file, its path shortened to ``config.yaml``. The token is in none of it."""
    with pytest.raises(ConfigError) as caught:
        load(folder, content, environ=environ)
    assert TOKEN not in str(caught.value) + repr(caught.value)
    assert str(caught.value).split("\n") == [str(problem) for problem in caught.value.problems]
    return str(caught.value).replace(f"{folder}/", "").split("\n")
