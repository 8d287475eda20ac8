"""Flags of all commands, named as other Prometheus exporters name theirs. None of them takes a secret."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from exporter import __version__, logs

COMMANDS = ("run", "demo", "once", "check", "replay", "backfill", "assets")
DEFAULT_ADDRESS = ":10147"
SCRAPE_LABELS = (("job", "vobiz"), ("instance", "localhost:10147"))
"""What prometheus.example.yml makes of a scraped series."""

_DESCRIPTION = "Prometheus exporter for the Vobiz Partner API. Without a command it runs the daemon."
_EPILOG = "Without --config.file, credentials come from VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN, or the files that VOBIZ_AUTH_ID_FILE and VOBIZ_AUTH_TOKEN_FILE name."  # noqa: E501


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """The command and its flags. Raises SystemExit: 2 for wrong usage, 0 after ``--help`` or ``--version``."""
    argv = _command_first(argv)
    parser, _ = _parser(with_demo=argv[:1] == ["demo"])
    if not argv[0].startswith("-") and argv[0] not in COMMANDS:
        parser.error(_complaint(argv[0]))
    if empty := next((argument for argument in argv if argument.endswith("=--")), None):
        # argparse would take the -- out, and leave no value at all
        parser.error(f"{empty}: -- is not a value")
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        # Their values are not repeated: somebody may have tried to give a secret.
        flags = [argument.partition("=")[0] for argument in unknown if argument.startswith("--")]
        parser.error(f"unknown arguments: {' '.join(flags) or len(unknown)}; see --help")
    if args.command in ("run", "demo"):
        args.web_listen_address = args.web_listen_address or [DEFAULT_ADDRESS]
    if args.command == "backfill":
        args.label = args.label or SCRAPE_LABELS
        if args.to and not args.first:
            parser.error("--to needs --from")
        if args.to and args.first > args.to:
            parser.error("--from is later than --to")
    return args


def command_parsers() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command, by its name, for the reference of flags."""
    return _parser(with_demo=True)[1]


def _command_first(argv: Sequence[str]) -> list[str]:
    """``[flags] command [flags]`` with the command in front; ``run`` if there is none."""
    if argv[:1] and argv[0] in _ENDING:
        return list(argv)
    is_value = False
    for position, argument in enumerate(argv):
        if not is_value and not argument.startswith("-"):
            return [argument, *argv[:position], *argv[position + 1 :]]
        is_value = not is_value and "=" not in argument and argument not in _SWITCHES
    return ["run", *argv]


def _complaint(word: str) -> str:
    """About a first word that is no command. It is repeated only if it is nearly one, as it may be a secret."""
    nearest = difflib.get_close_matches(word, COMMANDS, n=1)
    problem = f"unknown command {word!r}, did you mean {nearest[0]}?" if nearest else "unknown command;"
    return f"{problem} commands are {', '.join(COMMANDS)}; a configuration file goes with --config.file=FILE"


_ENDING = ("-h", "--help", "--version")
_SWITCHES = ("--web.enable-lifecycle", "--config.auto-reload", "--live", "--force", "--", *_ENDING)


def _parser(*, with_demo: bool) -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    parser = argparse.ArgumentParser(
        prog="vobiz-exporter", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False
    )
    _add_version(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, summary: str, *groups: Callable[[argparse.ArgumentParser], None]) -> None:
        command = commands.add_parser(name, help=summary, description=summary, epilog=_EPILOG, allow_abbrev=False)
        for group in (_add_logging, *groups):
            group(command)

    daemon = (_add_config, _add_web)
    simulated = (_add_demo,) if with_demo else ()
    add("run", "the daemon: polls Vobiz and serves /metrics (the default)", *daemon)
    add("demo", "the daemon against a simulated Vobiz on loopback; needs no account", *daemon, *simulated)
    add("once", "one poll, metrics to stdout; exit code 0 only if it worked", _add_config, _add_once)
    reads = "read the configuration that the same flags would run, and report every problem in it"
    add("check", reads, *daemon, _add_check)
    add("replay", "what would have paged, from the counters that Prometheus has stored", _add_replay)
    past = "past days as OpenMetrics, for promtool tsdb create-blocks-from openmetrics"
    add("backfill", past, _add_config, _add_backfill)
    add("assets", "list the rules, dashboards and examples that came along, or write them out", _add_assets)
    return parser, commands.choices


def _flag(parser: argparse.ArgumentParser, name: str, help: str, **about: Any) -> None:
    """``--web.config.file`` is ``web_config_file`` in the result, unless ``about`` says otherwise."""
    parser.add_argument(name, help=help, **{"dest": re.sub("[.-]", "_", name[2:]), **about})


def _add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", action="version", version=f"vobiz-exporter {__version__}")


def _add_logging(parser: argparse.ArgumentParser) -> None:
    _flag(parser, "--log.level", "how much is logged, default: info", choices=logs.LEVELS, default="info")
    _flag(parser, "--log.format", "how it is written, default: logfmt", choices=logs.FORMATS, default="logfmt")
    _add_version(parser)


def _add_config(parser: argparse.ArgumentParser) -> None:
    _flag(parser, "--config.file", "configuration, see config.example.yaml", metavar="FILE", type=Path)


def _add_web(parser: argparse.ArgumentParser) -> None:
    where = f"where to serve, as HOST:PORT or [IPV6]:PORT; may be given more than once; default: {DEFAULT_ADDRESS}"
    _flag(parser, "--web.listen-address", where, metavar="ADDRESS", action="append")
    where = "where the metrics are, default: /metrics"
    _flag(parser, "--web.telemetry-path", where, metavar="PATH", type=_telemetry_path, default="/metrics")
    toolkit = "TLS and basic auth, in the exporter-toolkit's format"
    _flag(parser, "--web.config.file", toolkit, metavar="FILE", type=Path)
    _flag(parser, "--web.enable-lifecycle", "allow POST /-/reload and POST /-/accept-usual", action="store_true")
    _flag(parser, "--config.auto-reload", "reload when the configuration file changes", action="store_true")


def _add_demo(parser: argparse.ArgumentParser) -> None:
    """Imported for this command alone: starting the daemon must not wait for the simulator's modules."""
    from exporter.simulator import add_demo_arguments

    add_demo_arguments(parser)


def _add_once(parser: argparse.ArgumentParser) -> None:
    _flag(parser, "--output", "write to this file instead, in one step", metavar="FILE", type=_file)


def _add_check(parser: argparse.ArgumentParser) -> None:
    _flag(parser, "--live", "also ask the API whether the credentials work", action="store_true")


def _add_assets(parser: argparse.ArgumentParser) -> None:
    _flag(parser, "--output", "write them here, in folders as they are listed", metavar="DIR", type=_directory)
    _flag(parser, "--force", "also over files that differ", action="store_true")


def _add_backfill(parser: argparse.ArgumentParser) -> None:
    first = "first day; without it, the days that one answer of /dashboard holds"
    _flag(parser, "--from", first, dest="first", metavar="YYYY-MM-DD", type=_day)
    _flag(parser, "--to", "last day, default: yesterday", metavar="YYYY-MM-DD", type=_day)
    output = Path("backfill.om")
    _flag(parser, "--output", f"where to write, default: {output}", metavar="FILE", type=_file, default=output)
    scraped = " and ".join(map("=".join, SCRAPE_LABELS))
    label = f"label that Prometheus adds to the scraped series, default: {scraped}"
    _flag(parser, "--label", label, metavar="NAME=VALUE", type=_label, action="append")


def _add_replay(parser: argparse.ArgumentParser) -> None:
    _flag(parser, "--prometheus.url", "such as http://localhost:9090", metavar="URL", required=True)
    _flag(parser, "--from", "first day, in UTC", dest="first", metavar="YYYY-MM-DD", type=_day, required=True)
    _flag(parser, "--to", "last day, in UTC, default: today", metavar="YYYY-MM-DD", type=_day)
    _flag(parser, "--partner", "only this partner, default: all that have counters", metavar="NAME")


def _file(text: str) -> Path:
    path = Path(text)
    if path.name in ("", ".."):
        raise argparse.ArgumentTypeError(f"not a file: {text!r}")
    return path


def _directory(text: str) -> Path:
    if not text:  # as from a variable of the shell that is not set: the files would go wherever one is
        raise argparse.ArgumentTypeError("empty; write . for the directory you are in")
    return Path(text)


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
