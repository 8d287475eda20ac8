"""config.example.yaml: every key with its default and its explanation, in a form that loads as it is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from docs.generator.keys import Key, keys_in
from docs.generator.tables import sentence
from exporter.config.model import Config

WIDTH = 120

_HEAD = """\
# yaml-language-server: $schema=config.schema.json
# vobiz-exporter: every key, with its default where it has one. Written by `make docs` from the code.
# Commented out are keys that have no default, and keys whose default depends on another key.
# ${NAME} in a value is replaced from the environment; $$ is a dollar sign.
# Durations are Prometheus durations: 500ms, 60s, 1h30m. Relative paths count from the current directory.
"""


def example() -> str:
    """The file."""
    return _HEAD + "".join("\n".join(["", *_lines(key, ""), ""]) for key in keys_in(Config))


def _lines(key: Key, indent: str) -> Iterator[str]:
    text = f"{sentence(key.help)} ({unit})." if (unit := key.about.get("unit")) else f"{sentence(key.help)}."
    if key.kind is not None and key.kind.range and not key.is_list:
        text += f" {key.kind.range}."
    if otherwise := key.about.get("otherwise"):
        text += f" Left out, it is {otherwise}."
    yield from (f"{indent}{line}" for line in textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# "))
    if key.model is None:
        yield indent + _value(key)
    elif key.about.get("inherits"):
        yield f"{indent}# {key.name}: {{}}"
    else:
        yield f"{indent}{key.name}:"
        yield from _items(key.model, indent) if key.is_list else _section(key.model, f"{indent}  ")


def _section(model: type[Any], indent: str) -> Iterator[str]:
    for key in keys_in(model):
        yield from _lines(key, indent)


def _items(model: type[Any], indent: str) -> Iterator[str]:
    """The keys of one item of a list; the dash stands before the first line."""
    for number, line in enumerate(_section(model, f"{indent}    ")):
        yield f"{indent}  - {line[4 + len(indent) :]}" if number == 0 else line


def _value(key: Key) -> str:
    if key.about.get("given"):
        return f"{key.name}: {key.example}"
    return f"{key.name}: {key.written_default}" if key.has_default else f"# {key.name}: {key.example}"
