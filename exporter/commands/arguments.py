"""Flags of all commands, named as other Prometheus exporters name theirs. None of them takes a secret."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

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
    if argv[:1] and not argv[0].startswith("-") and argv[0] not in COMMANDS:
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
        if args.first and args.to and args.first > args.to:
            parser.error("--from is later than --to")
    return args


def command_parsers() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command, by its name, for the reference of flags."""
    return _parser(with_demo=True)[1]


def _command_first(argv: Sequence[str]) -> list[str]:
    """``[flags] command [flags]`` with the command in front; ``run`` if there is none."""
    if any(argument in ("-h", "--help", "--version") for argument in argv[:1]):
        return list(argv)
    position = _first_word(argv)
    if position is None:
        return ["run", *argv]
    return [argv[position], *argv[:position], *argv[position + 1 :]]


def _first_word(argv: Sequence[str]) -> int | None:
    """Where the first argument stands that is neither a flag nor a flag's value."""
    position = 0
    while position < len(argv):
        argument = argv[position]
        if not argument.startswith("-"):
            return position
        position += 1 if "=" in argument or argument in _SWITCHES else 2
    return None


def _complaint(word: str) -> str:
    """About a first word that is no command. It is repeated only if it is nearly one, as it may be a secret."""
    nearest = difflib.get_close_matches(word, COMMANDS, n=1)
    problem = f"unknown command {word!r}, did you mean {nearest[0]}?" if nearest else "unknown command;"
    return f"{problem} commands are {', '.join(COMMANDS)}; a configuration file goes with --config.file=FILE"


_SWITCHES = ("--web.enable-lifecycle", "--config.auto-reload", "--live", "--force", "-h", "--help", "--version", "--")


def _parser(*, with_demo: bool) -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    parser = argparse.ArgumentParser(
        prog="vobiz-exporter", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"vobiz-exporter {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    logging, web = _logging(), _web()
    common = _common(logging)

    def add(name: str, summary: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, help=summary, description=summary, epilog=_EPILOG, parents=list(parents), allow_abbrev=False
        )

    add("run", "the daemon: polls Vobiz and serves /metrics (the default)", common, web)
    demo = add("demo", "the daemon against a simulated Vobiz on loopback; needs no account", common, web)
    if with_demo:
        _add_demo(demo)
    once = add("once", "one poll, metrics to stdout; exit code 0 only if it worked", common)
    once.add_argument("--output", metavar="FILE", type=Path, help="write to this file instead, in one step")
    check = add(
        "check", "read the configuration that the same flags would run, and report every problem in it", common, web
    )
    check.add_argument("--live", action="store_true", help="also ask the API whether the credentials work")
    replay = add("replay", "what would have paged, from the counters that Prometheus has stored", logging)
    _add_replay(replay)
    backfill = add("backfill", "past days as OpenMetrics, for promtool tsdb create-blocks-from openmetrics", common)
    _add_backfill(backfill)
    assets = add("assets", "list the rules, dashboards and examples that came along, or write them out", logging)
    assets.add_argument("--output", metavar="DIR", type=Path, help="write them here, in folders as they are listed")
    assets.add_argument("--force", action="store_true", help="also over files that differ")
    return parser, commands.choices


def _common(logging: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False, parents=[logging])
    parser.add_argument(
        "--config.file", dest="config_file", metavar="FILE", type=Path, help="configuration, see config.example.yaml"
    )
    return parser


def _logging() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--log.level", dest="log_level", choices=logs.LEVELS, default="info", help="how much is logged, default: info"
    )
    parser.add_argument(
        "--log.format",
        dest="log_format",
        choices=logs.FORMATS,
        default="logfmt",
        help="how it is written, default: logfmt",
    )
    parser.add_argument("--version", action="version", version=f"vobiz-exporter {__version__}")
    return parser


def _web() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--web.listen-address",
        dest="web_listen_address",
        metavar="ADDRESS",
        action="append",
        help=f"where to serve, as HOST:PORT or [IPV6]:PORT; may be given more than once; default: {DEFAULT_ADDRESS}",
    )
    parser.add_argument(
        "--web.telemetry-path",
        dest="web_telemetry_path",
        metavar="PATH",
        type=_telemetry_path,
        default="/metrics",
        help="where the metrics are, default: /metrics",
    )
    parser.add_argument(
        "--web.config.file",
        dest="web_config_file",
        metavar="FILE",
        type=Path,
        help="TLS and basic auth, in the exporter-toolkit's format",
    )
    parser.add_argument(
        "--web.enable-lifecycle",
        dest="web_enable_lifecycle",
        action="store_true",
        help="allow POST /-/reload and POST /-/accept-usual",
    )
    parser.add_argument(
        "--config.auto-reload",
        dest="config_auto_reload",
        action="store_true",
        help="reload when the configuration file changes",
    )
    return parser


def _add_demo(parser: argparse.ArgumentParser) -> None:
    """Imported for this command alone: starting the daemon must not wait for the simulator's modules."""
    from exporter.simulator import add_demo_arguments

    add_demo_arguments(parser)


def _add_backfill(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="first",
        metavar="YYYY-MM-DD",
        type=_day,
        help="first day; without it, the days that one answer of /dashboard holds",
    )
    parser.add_argument("--to", dest="to", metavar="YYYY-MM-DD", type=_day, help="last day, default: yesterday")
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="where to write, default: backfill.om", default=Path("backfill.om")
    )
    parser.add_argument(
        "--label",
        metavar="NAME=VALUE",
        type=_label,
        action="append",
        help=f"label that Prometheus adds to the scraped series, default: {' and '.join(map('='.join, SCRAPE_LABELS))}",
    )


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prometheus.url", dest="prometheus_url", metavar="URL", required=True, help="such as http://localhost:9090"
    )
    parser.add_argument(
        "--from", dest="first", metavar="YYYY-MM-DD", type=_day, required=True, help="first day, in UTC"
    )
    parser.add_argument("--to", dest="to", metavar="YYYY-MM-DD", type=_day, help="last day, in UTC, default: today")
    parser.add_argument("--partner", metavar="NAME", help="only this partner, default: all that have counters")


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name) or not _is_text(value):
        raise argparse.ArgumentTypeError(f"not a label: {text!r}; write it as job=vobiz")
    return name, value


def _is_text(value: str) -> bool:
    """Whether it was text in UTF-8: other bytes of the command line come as what no file can be written with."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


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
