"""The flags of all commands as one table, from the parsers themselves."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from docs.generator.tables import code, sentence, table
from exporter.commands.arguments import command_parsers

_UNIVERSAL = ("--help", "--version")


def flags_table() -> str:
    """Every flag, and which commands take it."""
    parsers = command_parsers()
    commands: dict[tuple[str, str], list[str]] = {}
    for command, parser in parsers.items():
        for name, action in _flags(parser):
            commands.setdefault((code(_written(name, action)), _meaning(action)), []).append(command)
    rows = ((flag, _takers(takers, len(parsers)), meaning) for (flag, meaning), takers in commands.items())
    return table(("flag", "of", "meaning"), rows)


def _flags(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    # argparse has no public way to list what a parser takes
    for action in parser._actions:
        name = next((option for option in action.option_strings if option.startswith("--")), "")
        if name and name not in _UNIVERSAL:
            yield name, action


def _written(name: str, action: argparse.Action) -> str:
    if action.nargs == 0:
        return name
    value = action.metavar or (f"{{{','.join(action.choices)}}}" if action.choices else "VALUE")
    return f"{name}={value}"


def _takers(commands: list[str], all_commands: int) -> str:
    return "all" if len(commands) == all_commands else ", ".join(commands)


def _meaning(action: argparse.Action) -> str:
    return f"{sentence((action.help or '') % vars(action))}."
