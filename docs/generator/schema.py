"""config.schema.json: the configuration file as JSON Schema, for editors that complete and check YAML."""

from __future__ import annotations

import json
from typing import Any

import yaml

from exporter.config import Config, PartnerConfig
from exporter.config.keys import Key, keys_in


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


def _section(model: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    properties = {key.name: _property(key, definitions) for key in keys_in(model)}
    document = {"type": ["object", "null"], "properties": properties, "additionalProperties": False}
    if model is PartnerConfig:
        pairs = (("auth_id", "auth_id_file"), ("auth_token", "auth_token_file"))
        document["allOf"] = [{"oneOf": [{"required": [name]} for name in pair]} for pair in pairs]
    return document


def _property(key: Key, definitions: dict[str, Any]) -> dict[str, Any]:
    if key.model is None:
        item = dict(key.kind.schema if key.kind else {})
    else:
        name = key.model.__name__
        definitions[name] = definitions.get(name) or _section(key.model, definitions)
        item = {"$ref": f"#/$defs/{name}"}
    if key.is_list:
        item = {"type": ["array", "null"], "items": item, "uniqueItems": True}
    about: dict[str, Any] = {"description": f"{key.help}."}
    if key.written_default and not key.about.get("otherwise") and not key.about.get("inherits"):
        about["default"] = yaml.safe_load(key.written_default)
    return {**about, **item, **key.about.get("schema", {})}
