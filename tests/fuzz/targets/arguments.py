"""The command line as a whole: arguments that can be used, or exit code 2."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from exporter.commands.arguments import COMMANDS, parse_arguments
from tests.fuzz.target import Target

_FLAGS = b"--config.file=a|--web.listen-address=:0|--web.telemetry-path=/m|--web.config.file=w|--web.enable-lifecycle|\
--config.auto-reload|--log.level=debug|--log.format=json|--live|--output=o|--from=2026-01-01|--to=2026-01-31|--label=job=a|\
--demo.seed=1|--demo.speed=60|--demo.incident=outage@5m|--version|--help|--".split(b"|")  # fmt: skip


def target(_: Path) -> Target:
    """The target: arguments, one a line."""
    seeds = (
        *(name.encode() + b"\n" + flag for name in COMMANDS for flag in _FLAGS[:4]),
        b"backfill\n--from=2026-01-01\n--to=2026-01-31\n--label=job=a\n--label=b=c",
        b"--log.level\ndebug\ncheck\n--live",
        b"demo\n--demo.incident=fraud@2m:10m:0.8\n--demo.partners\n3",
    )
    return Target(
        holds="arguments of one of the commands, or exit code 0 or 2 with usage",
        check=_check,
        seeds=seeds,
        words=(*_FLAGS, *(name.encode() for name in COMMANDS), b"\n", b"=", b"%", b"{", b"\xff"),
        longest=512,
    )


def _check(data: bytes) -> None:
    argv = data.decode("utf-8", "surrogateescape").split("\n")
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            args = parse_arguments(argv)
    except SystemExit as end:
        assert end.code in (0, 2)
        assert (err if end.code else out).getvalue()
        return
    assert args.command in COMMANDS
    for name, value in getattr(args, "label", None) or ():
        assert name.isascii()
        value.encode()
