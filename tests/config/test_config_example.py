"""config.example.yaml is complete, true, and loads as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from exporter.config import PERIODS, SCHEMA, load_config
from exporter.config.thresholds import THRESHOLDS
from tests.config.config_kit import ENVIRON, PARTNER, load

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
CREDENTIALS = {"VOBIZ_AUTH_ID": "PA_1", "VOBIZ_AUTH_TOKEN": "token"}


def test_the_example_is_the_defaults(tmp_path: Path) -> None:
    example = load_config(EXAMPLE, environ=CREDENTIALS)
    defaults = load(tmp_path, PARTNER, environ=ENVIRON)
    assert example.api == defaults.api
    assert example.poll == defaults.poll
    assert example.state == defaults.state
    assert example.alerts == defaults.alerts
    assert example.collect == defaults.collect
    assert example.customers == defaults.customers
    assert [partner.name for partner in example.partners] == ["PA_1"]


@pytest.mark.parametrize("path", SCHEMA)
def test_the_example_names_every_key_with_its_default(path: str) -> None:
    section, _, name = path.rpartition(".")
    text = EXAMPLE.read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    values = {"": document, "partners[]": document["partners"][0]}.get(section) or document.get(section) or {}
    default = SCHEMA[path].default
    if name not in values:
        commented = re.search(rf"^ +# {name}: (.*)$", text, re.MULTILINE)
        assert commented is not None
        assert commented[1] == (default or SCHEMA[path].example)
    elif default not in (None, "{}"):
        assert values[name] == yaml.safe_load(default or "")


def test_the_example_names_every_alert_threshold_with_its_default() -> None:
    alerts = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["alerts"]
    assert alerts == {name: threshold.default for name, threshold in THRESHOLDS.items()}


@pytest.mark.parametrize("path", SCHEMA)
def test_every_key_is_explained_in_one_line(path: str) -> None:
    assert SCHEMA[path].help
    assert "\n" not in SCHEMA[path].help


def test_the_default_periods_are_all_there_are() -> None:
    assert yaml.safe_load(SCHEMA["poll.periods"].default or "") == list(PERIODS)
