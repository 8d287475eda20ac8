"""The command line: which command, with which flags, and how it ends.

Exit codes: 0 a clean stop, or the command worked; 1 a configuration or start-up error, one line on stderr; 2 wrong
usage.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from exporter import logs
from exporter.api.errors import StartError
from exporter.commands.arguments import parse_arguments
from exporter.config import ConfigError


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run one command; returns its exit code. Raises SystemExit for wrong usage, ``--help`` and ``--version``."""
    args = parse_arguments(sys.argv[1:] if argv is None else argv)
    logs.configure(level=args.log_level, style=args.log_format)
    try:
        return _run(args, os.environ if environ is None else environ)
    except (ConfigError, StartError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output has gone; keep the interpreter from complaining of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - what an exception says may be part of an answer, or a secret
        print(f"a defect of the exporter: {_described(error)}; please report this", file=sys.stderr)
        return 1


def _described(error: BaseException) -> str:
    """What kind of exception it is and where it came from, without what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at " + ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


def _run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Each command is a module with ``main``, imported when it is called: the daemon starts without the simulator."""
    command = importlib.import_module(f"exporter.commands.{args.command}")
    code: int = command.main(args, environ)
    return code
