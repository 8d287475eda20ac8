"""The version is in one place, and everything that repeats it agrees."""

from __future__ import annotations

import configparser
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from exporter import __version__
from tests.deploy.chart import CHART
from tests.deploy.dockerfile import settings
from tests.deploy.manifests import KUBERNETES, kustomization
from tests.packaging.checkout import ROOT
from tests.packaging.pythons import VERSIONS


def _setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def _oldest() -> str:
    return _setup()["options"]["python_requires"].removeprefix(">=")


def test_the_version_is_one_of_semantic_versioning_and_the_package_takes_it_from_the_code() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(rc\d+)?", __version__)
    assert _setup()["metadata"]["version"] == "attr: exporter.__version__"


def test_the_image_the_manifests_and_the_chart_have_it() -> None:
    assert settings().labels["org.opencontainers.image.version"] == __version__
    assert [image["newTag"] for image in kustomization(KUBERNETES)["images"]] == [__version__]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    # a candidate is 1.0.0rc1 to Python, and 1.0.0-rc1 to Helm
    assert (chart["version"], chart["appVersion"]) == (__version__.replace("rc", "-rc"), __version__)


def test_the_newest_release_in_the_changelog_is_this_version_or_none_is_there_yet() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", text, re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert all(date for _, date in headings[1:])
    assert [version for version, _ in headings[1:2]] in ([], [__version__])


def test_the_oldest_python_is_the_same_everywhere() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    classifiers = re.findall(r"Python :: (3\.\d+)", _setup()["metadata"]["classifiers"])
    assert tuple(classifiers) == VERSIONS
    assert classifiers[0] == _oldest() == _setup()["mypy"]["python_version"]
    assert f'target-version = "py{_oldest().replace(".", "")}"' in (ROOT / "ruff.toml").read_text(encoding="utf-8")
    assert f"({_oldest().replace('.', ', ')})" in makefile


def test_the_package_says_that_it_is_for_python_3_alone() -> None:
    assert "Programming Language :: Python :: 3 :: Only" in _setup()["metadata"]["classifiers"]


@pytest.mark.process
def test_the_release_notes_that_contributing_cuts_are_those_of_one_version(tmp_path: Path) -> None:
    [command] = re.findall(r"^(sed -n .*CHANGELOG\.md) >", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-02-01\n\n### Added\n- New.\n\n"
        "## [1.2.2] - 2026-01-01\n\n### Fixed\n- Old.\n"
    )
    done = subprocess.run(
        ["sh", "-c", f"VERSION=1.2.3; {command}"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n### Added\n- New.\n\n"
