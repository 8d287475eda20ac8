"""config.example.yaml and config.schema.json are complete, true, and say the same as the reader."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from docs.generator.keys import Key, all_keys
from exporter.config.load import load_config
from exporter.config.model import Config
from tests.config.config_kit import ENVIRON, PARTNER, load, problems

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.yaml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "config.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
CREDENTIALS = {"VOBIZ_AUTH_ID": "PA_1", "VOBIZ_AUTH_TOKEN": "secret-1"}


def is_valid(document: Any) -> bool:
    """What an editor would say."""
    return bool(VALIDATOR.is_valid(document))


def test_the_example_is_the_defaults(tmp_path: Path) -> None:
    example = load_config(EXAMPLE, environ=CREDENTIALS)
    defaults = load(tmp_path, PARTNER, environ=ENVIRON)
    for name in ("api", "poll", "state", "alerts", "collect", "customers", "causes"):
        assert getattr(example, name) == getattr(defaults, name)
    assert [partner.name for partner in example.partners] == ["PA_1"]


def test_the_example_names_every_key_with_its_default() -> None:
    for key in all_keys(Config):
        written = re.findall(rf"^ *(?:- )?((?:# )?{key.name}:.*)$", _part(key), re.MULTILINE)
        assert len(written) == 1, key.path
        if key.kind is not None:
            default = key.example if written[0].startswith("# ") else key.written_default or key.example
            assert yaml.safe_load(written[0].removeprefix("# "))[key.name] == yaml.safe_load(default), key.path


def _part(key: Key) -> str:
    """The lines of the section that the key belongs to."""
    section = key.path.partition(".")[0].removesuffix("[]")
    if section == key.path:
        return "".join(re.findall(r"^\w.*\n", TEXT, re.MULTILINE))
    return TEXT.partition(f"\n{section}:\n")[2].partition("\n\n")[0]


def test_the_first_line_of_the_example_names_the_schema_beside_it() -> None:
    assert TEXT.startswith("# yaml-language-server: $schema=config.schema.json\n")


def test_the_schema_is_one_and_takes_the_example() -> None:
    VALIDATOR.check_schema(SCHEMA)
    assert is_valid(yaml.safe_load(TEXT))


def test_the_schema_explains_every_key() -> None:
    for key in all_keys(Config):
        node = SCHEMA
        for name in key.path.split("."):
            node = node["properties"][name.removesuffix("[]")]
            about = node["description"]
            node = node.get("items", node)
            node = SCHEMA["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
        assert about == f"{key.help}.", key.path


@pytest.mark.parametrize(
    "content",
    [
        PARTNER,
        "partners: [{auth_id_file: /a, auth_token_file: /b, name: acme, collect: [], alerts: {page_warning: 1}}]\n",
        PARTNER + "api: {timeout: 1h30m, allow_http: true, base_url: HTTPS://example.org}",
        PARTNER + "api:\npoll:\nalerts:\ncollect:\ncustomers: {accounts: }",
        PARTNER + "poll: {interval: '${INTERVAL}', shard: '${SHARD}', periods: ['${PERIOD}']}",
        PARTNER
        + "poll: {shard: auto/3}\ncustomers: {below_balance: 2.5, names: '${NAMES}'}\nalerts: {spike_ratio: '${X}'}",
    ],
)
def test_the_schema_takes_what_the_reader_takes(content: str) -> None:
    assert is_valid(yaml.safe_load(content))


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "[]",
        "partners: []",
        "partners: acme",
        "partners: [acme]",
        "partners: [{auth_id: PA_1}]",
        "partners: [{auth_id: PA_1, auth_id_file: a, auth_token: b}]",
        "partners: [{auth_id: PA_1, token: b}]",
        "partners: [{auth_id: PA_1, auth_token: 12345678}]",
        "partners: [{auth_id: PA_1, auth_token: b, name: on}]",
        "partners: [{auth_id: PA_1, auth_token: b, name: ''}]",
        "partners: [{auth_id: PA_1, auth_token: b, alerts: {page_critical: 2}}]",
        PARTNER + "interval: 30s",
        PARTNER + "api: 5",
        PARTNER + "api: {timeout: 60}",
        PARTNER + "api: {timeout: }",
        PARTNER + "api: {timeout: 1.5h}",
        PARTNER + "api: {base_url: 'ftp://example.org'}",
        PARTNER + "poll: {periods: today}",
        PARTNER + "poll: {periods: [century]}",
        PARTNER + "poll: {periods: []}",
        PARTNER + "poll: {interval: [60s]}",
        PARTNER + "poll: {shard: 2}",
        PARTNER + "poll: {shard: two/5}",
        PARTNER + "state: {path: true}",
        PARTNER + "alerts: {answer_drop_evidence: 5}",
        PARTNER + "alerts: {spend: 1}",
        PARTNER + "alerts: [1]",
        PARTNER + "collect: [walet]",
        PARTNER + "customers: {lowest: 1.5}",
        PARTNER + "customers: {series_limit: -1}",
        PARTNER + "causes: {pages: 0}",
    ],
)
def test_the_schema_refuses_what_the_reader_refuses_for_its_shape(tmp_path: Path, content: str) -> None:
    assert problems(tmp_path, content, environ={**ENVIRON})
    assert not is_valid(yaml.safe_load(content))
