"""Wheels of what is installed here, so that tests build and install without a package registry."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.rig.tools import missing

BUILD_BACKEND = "setuptools>=77"
PROJECT = "vobiz-exporter"
_LEFT_OUT = ("INSTALLER", "REQUESTED", "direct_url.json", "RECORD.jws", "RECORD.p7s")


def offline() -> dict[str, str]:
    """The environment in which pip finds what it needs here, and asks nobody. Skips a test where that is not enough."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {**clean, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(_wheelhouse())}


@functools.cache
def _wheelhouse() -> Path:
    """Kept for as long as the process lives: builds of several tests need it."""
    directory = tempfile.TemporaryDirectory(prefix="wheelhouse-")
    _kept.append(directory)
    for requirement in (BUILD_BACKEND, *(importlib.metadata.requires(PROJECT) or ())):
        _add(Requirement(requirement), Path(directory.name))
    return Path(directory.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _add(requirement: Requirement, directory: Path) -> None:
    """A distribution, and all that it needs."""
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return
    try:
        distribution = importlib.metadata.distribution(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        missing(f"{requirement.name} is not installed here: make setup")
    if not requirement.specifier.contains(distribution.version, prereleases=True):
        missing(f"{requirement} is needed, and {distribution.version} is installed here: make setup")
    if _pack(distribution, directory):
        for further in distribution.requires or ():
            _add(Requirement(further), directory)


def _pack(distribution: importlib.metadata.Distribution, directory: Path) -> bool:
    """Whether a wheel of it was made: not if there is one."""
    tags: Mapping[str, str] = dict(
        line.partition(": ")[::2] for line in (distribution.read_text("WHEEL") or "").splitlines()
    )
    name = canonicalize_name(distribution.metadata["Name"]).replace("-", "_")
    path = directory / f"{name}-{distribution.version}-{tags.get('Tag', 'py3-none-any')}.whl"
    if path.exists():
        return False
    with zipfile.ZipFile(path, "w") as wheel:
        for file in distribution.files or ():
            inside = not str(file).startswith("..") and "__pycache__" not in file.parts
            if inside and file.name not in _LEFT_OUT:
                wheel.write(str(file.locate()), str(file))
    return True
