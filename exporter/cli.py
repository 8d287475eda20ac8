"""The command line: which command, with which flags, and how it ends.

Exit codes: 0 a clean stop, or the command worked; 1 a configuration or start-up error, one line on stderr; 2 wrong
usage.
"""

from __future__ import annotations

import argparse
import errno
import gc
import importlib
import io
import os
import signal
import sys
from collections.abc import Mapping, Sequence

from exporter import logs
from exporter.commands import DAEMON_SIGNALS
from exporter.commands.arguments import parse_arguments
from exporter.config.errors import ConfigError, StartError

_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run one command; returns its exit code. Raises SystemExit for wrong usage, ``--help`` and ``--version``."""
    args = parse_arguments(sys.argv[1:] if argv is None else argv)
    if sys.stdout is None:  # it was closed
        sys.stdout = open(os.open(os.devnull, os.O_WRONLY), "w", closefd=False)  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A partner may have a name that the terminal's encoding lacks.
        sys.stdout.reconfigure(errors="backslashreplace")
    if args.command in ("run", "demo"):
        signal.pthread_sigmask(signal.SIG_BLOCK, DAEMON_SIGNALS)
    logs.configure(level=args.log_level, style=args.log_format)
    try:
        code = _run(args, os.environ if environ is None else environ)
        sys.stdout.flush()  # what cannot be written must show in the exit code
        return code
    except (ConfigError, StartError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 1
    except BrokenPipeError:
        _discard_output()  # its reader has gone
        return 1
    except Exception as error:  # noqa: BLE001 - what an exception says may be part of an answer, or a secret
        if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
            print(f"the output cannot be written: {error.strerror}", file=sys.stderr)
            _discard_output()
            return 1
        if isinstance(error, RuntimeError) and "new thread" in str(error):
            print("no thread can be started; raise the limit on threads and memory", file=sys.stderr)
            return 1
        described = f"{type(error).__name__} at {logs.where(error)}"
        print(f"a defect of the exporter: {described}; please report this", file=sys.stderr)
        return 1


def _discard_output() -> None:
    """Keep the interpreter from writing at its end what is left, and from complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Each command is a module with ``main``, imported when it is called: the daemon starts without the simulator."""
    gc.disable()  # nothing of what modules define is garbage, and looking for it takes a tenth of the start
    try:
        command = importlib.import_module(f"exporter.commands.{args.command}")
    finally:
        gc.enable()
    code: int = command.main(args, environ)
    return code
