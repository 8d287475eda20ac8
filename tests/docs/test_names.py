"""Whatever the pages name exists: metrics, alerts, flags, commands, keys, files."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path

from docs.generator.keys import all_keys
from exporter.commands.arguments import command_parsers, parse_arguments
from exporter.config.load import load_config
from exporter.config.model import Config
from exporter.metrics.catalogue import CATALOGUE
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


def found(names: Callable[[Path], Iterable[str]]) -> dict[str, set[str]]:
    """What is found in the pages, by page; without those in which nothing is."""
    by_page = {name_of(page): set(names(page)) for page in PAGES}
    return {page: some for page, some in by_page.items() if some}


def _our_names(page: Path) -> str:
    """The page without the names of other people's scripts: the first column of the tables about them."""
    text = text_of(page)
    return re.sub(r"^\|[^|]*\|", "|", text, flags=re.MULTILINE) if page == MIGRATING else text


def test_every_metric_that_a_page_names_exists() -> None:
    known = {metric.name for metric in CATALOGUE}
    known |= {f"{name}{end}" for name in known for end in ("_bucket", "_count", "_sum")} | FILES | MADE_UP
    beginnings = {name[:length] for name in known for length in range(len(name) + 1)}
    pattern = re.compile(r"(?<![\w:/])(vobiz_[a-z_]+)(\*?)")
    named = found(lambda page: {f"{name}{star}" for name, star in pattern.findall(_our_names(page))})
    existing = known | {f"{name}*" for name in beginnings}
    assert named
    assert {page: names - existing for page, names in named.items() if names - existing} == {}


def test_every_recorded_series_that_a_page_names_is_recorded() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    assert found(lambda page: set(re.findall(r"vobiz:[\w:]+\w", text_of(page))) - recorded) == {}


def test_every_alert_that_a_page_names_exists() -> None:
    assert found(lambda page: set(re.findall(r"\bVobiz[A-Z]\w+", text_of(page))) - {*alerts(), *MADE_UP}) == {}


def test_every_flag_that_a_page_names_exists() -> None:
    known = {
        option
        for parser in command_parsers().values()
        for action in parser._actions
        for option in action.option_strings
    }
    pattern = r"--(?:config|log|web|demo)\.[a-z-]+(?:\.[a-z]+)*"
    assert found(lambda page: set(re.findall(pattern, text_of(page))) - known) == {}


def test_every_command_of_ours_in_a_page_can_be_given() -> None:
    for page in PAGES:
        script = "\n".join(blocks(page, "sh")).replace("\\\n", " ")
        for command in re.split(r"\n| && | \| |; ", script):
            words = shlex.split(command, comments=True)
            while words and re.match(r"\w+=|sudo$", words[0]):
                words.pop(0)
            if words and words[0].rpartition("/")[2] == "vobiz-exporter":
                parse_arguments(words[1:])


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert found(lambda page: set(re.findall(r"\bmake ([a-z][a-z-]*)", code_of(page))) - targets) == {}


def test_every_module_that_a_page_runs_exists() -> None:
    pattern = r"python3? -m ((?:exporter|bench|drill|grafana|docs|tests)[\w.]*)"
    named = found(lambda page: re.findall(pattern, code_of(page)))
    missing = {module for modules in named.values() for module in modules if not importlib.util.find_spec(module)}
    assert missing == set()


def test_every_configuration_key_that_a_page_names_exists() -> None:
    known = {key.path for key in all_keys(Config)} | NOT_KEYS
    pattern = r"(?<![\w./])(?:api|poll|state|alerts)\.[a-z_]+(?![\w.]*\()"
    assert found(lambda page: set(re.findall(pattern, code_of(page))) - known) == {}


def test_every_file_of_the_project_that_a_page_names_exists() -> None:
    pattern = rf"(?<![\w./@-])((?:{'|'.join(TREES)})/[\w./*-]*\w)"
    named = found(lambda page: set(re.findall(pattern, code_of(page))) - MADE_UP)
    assert {
        page: gone for page, paths in named.items() if (gone := {one for one in paths if not any(ROOT.glob(one))})
    } == {}


def test_every_configuration_shown_in_a_page_loads(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("token")
    file = tmp_path / "config.yaml"
    for page in PAGES:
        for block in blocks(page, "yaml"):
            if block.startswith("partners:"):
                file.write_text(
                    re.sub(r"/run/secrets/\w+|(?<=_file: )token\b", str(secret), block).replace("XXXXXXX", "")
                )
                assert load_config(file, environ={}).partners, name_of(page)
