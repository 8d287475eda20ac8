"""config.example.yaml: every key with its default and its explanation, in a form that loads as it is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from docs.generator.tables import sentence
from exporter.config import SCHEMA, Key
from exporter.config.schema import keys_of
from exporter.config.thresholds import THRESHOLDS

WIDTH = 120

_HEAD = """\
# vobiz-exporter: every key, with its default where it has one. Written by `make docs` from the code.
# Commented out are keys that have no default, and keys whose default depends on another key.
# ${NAME} in a value is replaced from the environment; $$ is a dollar sign.
# Durations are Prometheus durations: 500ms, 60s, 1h30m. Relative paths count from the current directory.
"""

_GIVEN = {"partners[].auth_id": "${VOBIZ_AUTH_ID}", "partners[].auth_token": "${VOBIZ_AUTH_TOKEN}"}
"""Values of keys that have no default, and without which the file would not load."""


def example() -> str:
    """The file."""
    return _HEAD + "".join(f"\n{_top(SCHEMA[name])}" for name in keys_of(""))


def _top(key: Key) -> str:
    lines = list(_comment(key, ""))
    if key.path == "alerts":
        lines += ["alerts:", *_thresholds()]
    elif f"{key.path}[]" in {_section(path) for path in SCHEMA}:
        lines += [f"{key.path}:", *_items(key.path)]
    elif keys_of(key.path):
        lines += [f"{key.path}:", *_keys(key.path, "  ")]
    else:
        lines.append(_line(key))
    return "\n".join(lines) + "\n"


def _keys(section: str, indent: str) -> Iterator[str]:
    """The keys of a section; a section within it follows in the same way."""
    for name in keys_of(section):
        key = SCHEMA[f"{section}.{name}"]
        yield from _comment(key, indent)
        if keys_of(key.path):
            yield f"{indent}{name}:"
            yield from _keys(key.path, f"{indent}  ")
        else:
            yield indent + _line(key)


def _items(section: str) -> Iterator[str]:
    """The keys of one item of a list; the dash stands before the first line."""
    for number, line in enumerate(_keys(f"{section}[]", "    ")):
        yield f"  - {line[4:]}" if number == 0 else line


def _thresholds() -> Iterator[str]:
    for name, threshold in THRESHOLDS.items():
        yield f"  # {sentence(threshold.help)} ({threshold.unit})."
        yield f"  {name}: {threshold.default:g}"


def _line(key: Key) -> str:
    name = key.path.rpartition(".")[2]
    if key.path in _GIVEN:
        return f"{name}: {_GIVEN[key.path]}"
    if key.default is None or key.otherwise:
        return f"# {name}: {key.default or key.example}"
    return f"{name}: {key.default}"


def _comment(key: Key, indent: str) -> Iterator[str]:
    text = f"{sentence(key.help)}."
    if key.minimum:
        text += f" {key.minimum} to {key.maximum}."
    if key.otherwise:
        text += f" Left out, it is {key.default}, or {key.otherwise}."
    return (f"{indent}{line}" for line in textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# "))


def _section(path: str) -> str:
    return path.rpartition(".")[0]
