"""config.schema.json: the configuration file as JSON Schema, for editors that complete and check YAML."""

from __future__ import annotations

import json
from math import isinf
from typing import Any

import yaml

from docs.generator.keys import Key, keys_in
from exporter.config.kinds import Kind
from exporter.config.model import Config, PartnerConfig

_VARIABLE = {"type": "string", "pattern": r"\$\{"}
"""What holds a ``${NAME}``, which an editor cannot look into."""

_PATTERNS = {
    "duration": r"^([0-9]+(ms|[ywdhms]))+$",
    "URL": r"^(?i:https?)://",
    "share": r"^(auto|[0-9]+)/[0-9]+$",
    "name": r".",
}
"""What the text of some kinds looks like."""

_BARE = {"whole number": "integer", "number": "number", "boolean": "boolean"}
"""The kinds that YAML has a type for."""

_NOT_EMPTY = ("partners", "poll.periods")


def schema() -> str:
    """The file. A value that holds a ``${NAME}`` is taken for good: it is known when the exporter starts."""
    definitions: dict[str, Any] = {}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "vobiz-exporter configuration",
        **_section(Config, definitions),
        "required": ["partners"],
        "$defs": definitions,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _section(model: type[Any], definitions: dict[str, Any], path: str = "") -> dict[str, Any]:
    properties = {key.name: _property(key, definitions) for key in keys_in(model, path)}
    document = {"type": ["object", "null"], "properties": properties, "additionalProperties": False}
    if model is PartnerConfig:
        pairs = (("auth_id", "auth_id_file"), ("auth_token", "auth_token_file"))
        document["allOf"] = [{"oneOf": [{"required": [name]} for name in pair]} for pair in pairs]
    return document


def _property(key: Key, definitions: dict[str, Any]) -> dict[str, Any]:
    if key.model is None:
        item = _value(key.kind) if key.kind else {}
    else:
        name = key.model.__name__
        definitions[name] = definitions.get(name) or _section(key.model, definitions, key.path)
        item = {"$ref": f"#/$defs/{name}"}
    about: dict[str, Any] = {"description": f"{key.help}."}
    if key.has_default:
        about["default"] = yaml.safe_load(key.written_default)
    if not key.is_list:
        return {**about, **item}
    length = {"type": "array", "minItems": 1} if key.path in _NOT_EMPTY else {"type": ["array", "null"]}
    return {**about, **length, "items": item}


def _value(kind: Kind) -> dict[str, Any]:
    if kind.choices:
        return {"anyOf": [{"enum": list(kind.choices)}, _VARIABLE]}
    pattern = _PATTERNS.get(kind.name)
    written = {"type": "string", "pattern": rf"{pattern}|\$\{{"} if pattern else {"type": "string"}
    if kind.name not in _BARE:
        return written
    bounds = {"minimum": kind.minimum, "maximum": kind.maximum}
    bare = {"type": _BARE[kind.name], **{name: bound for name, bound in bounds.items() if not isinf(bound)}}
    return {"anyOf": [bare, written if pattern else _VARIABLE]}
