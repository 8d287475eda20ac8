"""``vobiz-exporter assets``: what comes along, and that nobody's changes are lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.packaging.checkout import written_assets
from tests.test_commands import exporter

pytestmark = pytest.mark.process


def write(directory: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    return exporter("assets", f"--output={directory}", *flags)


def written(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def test_rules_dashboards_examples_and_deployment_files_are_listed() -> None:
    listed = exporter("assets").stdout.splitlines()
    assert listed == sorted(written_assets())
    for kind in (
        "prometheus/rules/",
        "grafana/dashboards/",
        "deploy/systemd/",
        "deploy/kubernetes/",
        "docs/runbooks/",
        "config.example",
    ):
        assert any(name.startswith(kind) for name in listed), kind


def test_they_are_written_as_they_are_in_the_repository_and_what_is_made_of_them_too(tmp_path: Path) -> None:
    done = write(tmp_path / "new" / "folder")
    assert (done.returncode, done.stderr) == (0, "")
    assert written(tmp_path / "new" / "folder") == written_assets()


def test_writing_them_again_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path)
    assert write(tmp_path).returncode == 0
    assert written(tmp_path) == written_assets()


def test_a_changed_file_is_named_and_not_one_file_is_written_over_or_beside_it(tmp_path: Path) -> None:
    changed = tmp_path / "prometheus" / "rules" / "vobiz-money.yml"
    changed.parent.mkdir(parents=True)
    changed.write_text("mine\n")
    done = write(tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{changed}: differs from this version's",
        "nothing was written; keep your changes elsewhere, then give --force to overwrite",
    ]
    assert written(tmp_path) == {"prometheus/rules/vobiz-money.yml": b"mine\n"}


def test_force_overwrites_a_changed_file_and_leaves_others_alone(tmp_path: Path) -> None:
    (tmp_path / "prometheus" / "rules").mkdir(parents=True)
    (tmp_path / "prometheus" / "rules" / "vobiz-money.yml").write_text("mine\n")
    (tmp_path / "prometheus" / "rules" / "ours.yml").write_text("groups: []\n")
    assert write(tmp_path, "--force").returncode == 0
    assert written(tmp_path) == {**written_assets(), "prometheus/rules/ours.yml": b"groups: []\n"}


def test_a_place_that_cannot_be_written_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = write(tmp_path / "file")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith(f"--output {tmp_path / 'file'}: ")
    assert line.endswith("; give a directory that can be written")
