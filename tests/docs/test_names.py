"""Whatever the pages name exists: metrics, alerts, flags, commands, keys, files."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from docs.generator.keys import all_keys
from exporter.commands.arguments import command_parsers, parse_arguments
from exporter.config import Config, load_config
from exporter.metrics import CATALOGUE
from tests.docs.pages import PAGES, ROOT, blocks, code_of, name_of, text_of
from tests.grafana.known import alerts, rules

MIGRATING = ROOT / "docs" / "migrating.md"
FILES = {"vobiz_auth_id", "vobiz_auth_token"}
"""Names of secret files, which look like metrics."""

MADE_UP = {"vobiz_accounts_opened", "VobizAccountsNearLimit", "docs/runbooks/VobizAccountsNearLimit.md"}
"""What the example in CONTRIBUTING.md adds."""

NOT_KEYS = {"alerts.accounts_limit_percent", "state.db", "poll.intervall", "api.vobiz"}
"""A key of an example in CONTRIBUTING.md, a file, a misspelt key, and the beginning of the host's name."""

TREES = ("bench", "deploy", "docs", "exporter", "grafana", "prometheus", "tests")

each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def _our_names(page: Path) -> str:
    """The page without the names of other people's scripts: the first column of the tables about them."""
    text = text_of(page)
    return re.sub(r"^\|[^|]*\|", "|", text, flags=re.MULTILINE) if page == MIGRATING else text


@each_page
def test_every_metric_that_a_page_names_exists(page: Path) -> None:
    known = {metric.name for metric in CATALOGUE}
    known |= {f"{name}{end}" for name in known for end in ("_bucket", "_count", "_sum")}
    for name, star in re.findall(r"(?<![\w:/])(vobiz_[a-z_]+)(\*?)", _our_names(page)):
        if star:
            assert any(metric.startswith(name) for metric in known), f"{name}*"
        elif name not in FILES | MADE_UP:
            assert name in known


@each_page
def test_every_recorded_series_that_a_page_names_is_recorded(page: Path) -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    assert set(re.findall(r"vobiz:[\w:]+\w", text_of(page))) <= recorded


@each_page
def test_every_alert_that_a_page_names_exists(page: Path) -> None:
    assert set(re.findall(r"\bVobiz[A-Z]\w+", text_of(page))) <= {*alerts(), *MADE_UP}


@each_page
def test_every_flag_that_a_page_names_exists(page: Path) -> None:
    known = {
        option
        for parser in command_parsers().values()
        for action in parser._actions
        for option in action.option_strings
    }
    named = set(re.findall(r"--(?:config|log|web|demo)\.[a-z-]+(?:\.[a-z]+)*", text_of(page)))
    assert named <= known


@each_page
def test_every_command_of_ours_in_a_page_can_be_given(page: Path) -> None:
    script = "\n".join(blocks(page, "sh")).replace("\\\n", " ")
    for command in re.split(r"\n| && | \| |; ", script):
        words = shlex.split(command, comments=True)
        while words and re.match(r"\w+=|sudo$", words[0]):
            words.pop(0)
        if words and words[0].rpartition("/")[2] == "vobiz-exporter":
            parse_arguments(words[1:])


@each_page
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code_of(page))) <= targets


@each_page
def test_every_module_that_a_page_runs_exists(page: Path) -> None:
    for module in re.findall(r"python3? -m ((?:exporter|bench|drill|grafana|docs|tests)[\w.]*)", code_of(page)):
        assert importlib.util.find_spec(module), module


@each_page
def test_every_configuration_key_that_a_page_names_exists(page: Path) -> None:
    known = {key.path for key in all_keys(Config)}
    named = set(re.findall(r"(?<![\w./])(?:api|poll|state|alerts)\.[a-z_]+(?![\w.]*\()", code_of(page)))
    assert named - NOT_KEYS <= known


@each_page
def test_every_file_of_the_project_that_a_page_names_exists(page: Path) -> None:
    for path in re.findall(rf"(?<![\w./@-])((?:{'|'.join(TREES)})/[\w./*-]*\w)", code_of(page)):
        assert path in MADE_UP or any(ROOT.glob(path)), path


@each_page
def test_every_configuration_shown_in_a_page_loads(page: Path, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("token")
    for number, block in enumerate(block for block in blocks(page, "yaml") if block.startswith("partners:")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(re.sub(r"/run/secrets/\w+|(?<=_file: )token\b", str(secret), block).replace("XXXXXXX", ""))
        assert load_config(file, environ={}).partners
