"""What is written from the code is current, and leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.generator import files
from docs.generator.keys import all_keys
from docs.generator.labels import LABELS
from docs.generator.metrics import unit_of
from exporter.config.model import Config
from exporter.metrics.catalogue import CATALOGUE, GROUPS

ROOT = Path(__file__).parents[2]
EXPORTER = ROOT / "exporter"
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_every_generated_file_is_current() -> None:
    for path, current in files.generated():
        assert path.read_text(encoding="utf-8") == current, f"{path.relative_to(ROOT)} is not current: run make docs"


def test_every_table_that_can_be_generated_is_shown_somewhere() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path, _ in files.generated())
    assert set(files.TABLES) <= set(re.findall(r"<!-- generated: ([\w ]+) -->", pages))


def test_every_metric_is_in_one_group_of_the_reference() -> None:
    grouped = [metric.name for group in GROUPS.values() for metric in group]
    assert sorted(grouped) == sorted(metric.name for metric in CATALOGUE)


def test_every_label_is_explained() -> None:
    assert {label for metric in CATALOGUE for label in metric.labels} <= set(LABELS)


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("vobiz_balance", "the currency"),
        ("vobiz_period_minutes", "minutes"),
        ("vobiz_call_seconds_total", "seconds"),
        ("vobiz_last_success_timestamp_seconds", "Unix time"),
        ("vobiz_period_answer_ratio", "0 to 1"),
        ("vobiz_corrections_total", ""),
    ],
)
def test_the_unit_of_a_metric_follows_from_its_name(metric: str, unit: str) -> None:
    assert unit_of(next(known for known in CATALOGUE if known.name == metric)) == unit


def test_every_key_is_explained_in_one_line() -> None:
    keys = list(all_keys(Config))
    assert [key.path for key in keys if not key.help or "\n" in key.help + key.example] == []


def test_every_environment_variable_that_the_code_names_is_explained() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in EXPORTER.rglob("*.py"))
    named = set(re.findall(r'"((?:VOBIZ|REQUESTS|CURL|NOTIFY|CREDENTIALS)_[A-Z_]+)"', code))
    assert len(named) > 3
    assert {name for name in named if f"`{name}`" not in CONFIGURATION} == set()
