"""Flags of all commands, named as other Prometheus exporters name theirs. None of them takes a secret."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from exporter import __version__, logs
from exporter.config.errors import Invalid
from exporter.config.kinds import parse_path

DEFAULT_ADDRESS = ":10147"
SCRAPE_LABELS = (("job", "vobiz"), ("instance", "localhost:10147"))
"""What prometheus.example.yml makes of a scraped series."""

_DESCRIPTION = "Prometheus exporter for the Vobiz Partner API. Without a command it runs the daemon."
_EPILOG = "Without --config.file, credentials come from VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN, or the files that VOBIZ_AUTH_ID_FILE and VOBIZ_AUTH_TOKEN_FILE name."  # noqa: E501


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """The command and its flags. Raises SystemExit: 2 for wrong usage, 0 after ``--help`` or ``--version``."""
    words = zip(argv, ("", *argv), strict=False)
    at = next((at for at, (word, before) in enumerate(words) if word in _COMMANDS and before not in _VALUED), None)
    command, flags = (None, list(argv)) if at is None else (argv[at], [*argv[:at], *argv[at + 1 :]])
    parser, _ = _parser(command or "run")
    for_all = command is None and flags[:1] in (["-h"], ["--help"])
    args, unknown = parser.parse_known_args(flags if for_all else [command or "run", *flags])
    if unknown:
        parser.error(_complaint(unknown, with_command=command is not None))
    if [] in vars(args).values():  # argparse takes the -- out of --flag=--
        parser.error("-- is not a value")
    if args.command in ("run", "demo"):
        args.web_listen_address = args.web_listen_address or [DEFAULT_ADDRESS]
    if args.command == "backfill":
        args.label = args.label or SCRAPE_LABELS
    if vars(args).get("to") and args.first > args.to:
        parser.error("--from is later than --to")
    return args


def command_parsers() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command, by its name, for the reference of flags."""
    return _parser(None)[1]


def _complaint(unknown: Sequence[str], *, with_command: bool) -> str:
    """About arguments that no command takes. Only what is nearly a command is repeated: the rest may be a secret."""
    if with_command or unknown[0].startswith("-"):
        flags = [argument.partition("=")[0] for argument in unknown if argument.startswith("--")]
        return f"unknown arguments: {' '.join(flags) or 'words without a flag'}; see --help"
    nearest = difflib.get_close_matches(unknown[0], _COMMANDS, n=1)
    problem = f"unknown command {unknown[0]!r}, did you mean {nearest[0]}?" if nearest else "unknown command;"
    return f"{problem} commands are {', '.join(_COMMANDS)}; a configuration file goes with --config.file=FILE"


def _path(text: str) -> Path:
    try:
        return parse_path(text)
    except Invalid as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _label(text: str) -> tuple[str, str]:
    # Bytes of the command line that are not UTF-8 come as surrogates, with which no file can be written. Names that
    # begin with __ are Prometheus' own.
    match = re.fullmatch("((?!__)[a-zA-Z_][a-zA-Z0-9_]*)=([^\ud800-\udfff]*)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"not a label: {text!r}; write it as job=vobiz")
    return match[1], match[2]


def _telemetry_path(text: str) -> str:
    taken = ("/", "/-/healthy", "/-/ready", "/-/reload", "/-/accept-usual", "/api/v1/status")
    if not re.fullmatch(r"/[A-Za-z0-9._~/-]*", text) or text in taken:
        raise argparse.ArgumentTypeError("give a path of its own, such as /metrics")
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a date: {text!r}; write it as 2026-01-31") from None


_Flag = tuple[str, Mapping[str, Any]]


def _flag(name: str, help: str, **about: Any) -> _Flag:
    """``--web.config.file`` is ``web_config_file`` in the result, unless ``about`` says otherwise."""
    return name, {"help": help, "dest": re.sub("[.-]", "_", name[2:]), **about}


_FILE = {"metavar": "FILE", "type": _path}
_DAY = {"metavar": "YYYY-MM-DD", "type": _day}
_FIRST: Mapping[str, Any] = {**_DAY, "dest": "first", "required": True}
_METRICS: Mapping[str, Any] = {"metavar": "PATH", "type": _telemetry_path, "default": "/metrics"}
_OPENMETRICS: Mapping[str, Any] = {**_FILE, "default": Path("backfill.om")}
_LABELS: Mapping[str, Any] = {"metavar": "NAME=VALUE", "type": _label, "action": "append"}
_LISTEN = f"where to serve, as HOST:PORT or [IPV6]:PORT; may be given more than once; default: {DEFAULT_ADDRESS}"
_SCRAPED = f"label that Prometheus adds to the scraped series, default: {' and '.join(map('='.join, SCRAPE_LABELS))}"

_ALL = (
    _flag("--log.level", "how much is logged, default: info", choices=logs.LEVELS, default="info"),
    _flag("--log.format", "how it is written, default: logfmt", choices=logs.FORMATS, default="logfmt"),
)
_CONFIG = _flag("--config.file", "configuration, see config.example.yaml", **_FILE)
_DAEMON = (
    _CONFIG,
    _flag("--web.listen-address", _LISTEN, metavar="ADDRESS", action="append"),
    _flag("--web.telemetry-path", "where the metrics are, default: /metrics", **_METRICS),
    _flag("--web.config.file", "TLS and basic auth, in the exporter-toolkit's format", **_FILE),
    _flag("--web.enable-lifecycle", "allow POST /-/reload and POST /-/accept-usual", action="store_true"),
    _flag("--config.auto-reload", "reload when the configuration file changes", action="store_true"),
)
_COMMANDS: Mapping[str, tuple[str, Sequence[_Flag]]] = {
    "run": ("the daemon: polls Vobiz and serves /metrics (the default)", _DAEMON),
    "demo": ("the daemon against a simulated Vobiz on loopback; needs no account", _DAEMON),
    "once": (
        "one poll, metrics to stdout; exit code 0 only if it worked",
        (_CONFIG, _flag("--output", "write to this file instead, in one step", **_FILE)),
    ),
    "check": (
        "read the configuration that the same flags would run, and report every problem in it",
        (*_DAEMON, _flag("--live", "also ask the API whether the credentials work", action="store_true")),
    ),
    "replay": (
        "what would have paged, from the counters that Prometheus has stored",
        (
            _flag("--prometheus.url", "such as http://localhost:9090", metavar="URL", required=True),
            _flag("--from", "first day, in UTC", **_FIRST),
            _flag("--to", "last day, in UTC, default: today", **_DAY),
            _flag("--partner", "only this partner, default: all that have counters", metavar="NAME"),
        ),
    ),
    "backfill": (
        "past days as OpenMetrics, for promtool tsdb create-blocks-from openmetrics",
        (
            _CONFIG,
            _flag("--from", "first day", **_FIRST),
            _flag("--to", "last day, default: yesterday", **_DAY),
            _flag("--output", "where to write, default: backfill.om", **_OPENMETRICS),
            _flag("--label", _SCRAPED, **_LABELS),
        ),
    ),
    "assets": (
        "list the rules, dashboards and examples that came along, or write them out",
        (
            _flag("--output", "write them here, in folders as they are listed", **{**_FILE, "metavar": "DIR"}),
            _flag("--force", "also over files that differ", action="store_true"),
        ),
    ),
}
"""Each command: what it does, and its flags beside those of all."""

_VALUED = {name for _, own in _COMMANDS.values() for name, about in (*_ALL, *own) if "metavar" in about}
"""Flags with a value, which is not the command even if it is spelled as one."""


def _parser(wanted: str | None) -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """All commands, with the flags of the one that is wanted, or of all: the daemon's start must not wait for these."""
    version = argparse.ArgumentParser(add_help=False)
    version.add_argument("--version", action="version", version=f"vobiz-exporter {__version__}")
    about: Any = {"epilog": _EPILOG, "allow_abbrev": False, "parents": [version]}
    parser = argparse.ArgumentParser(prog="vobiz-exporter", description=_DESCRIPTION, **about)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, flags) in _COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary, **about)
        for flag, meaning in (*_ALL, *flags) if wanted in (name, None) else ():
            command.add_argument(flag, **meaning)
    if wanted in ("demo", None):
        from exporter.simulator import add_demo_arguments

        add_demo_arguments(commands.choices["demo"])
    return parser, commands.choices
