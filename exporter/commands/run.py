"""``vobiz-exporter run``: the daemon."""

from __future__ import annotations

import argparse
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial

from exporter.commands import DAEMON_SIGNALS
from exporter.config.load import load_config
from exporter.config.model import Config
from exporter.daemon.daemon import Daemon, WebOptions

log = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between looks at the clock, credentials and the configuration file."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LARGE = 256 * 1024
"""Bytes from which on a block of memory is the system's own and goes back to it when freed."""


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Run until SIGTERM or SIGINT. Raises ConfigError and StartError."""
    return serve(args, environ, partial(load_config, args.config_file, environ=environ))


def serve(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    load: Callable[..., Config],
    *,
    started: Callable[[str], None] = lambda _: None,
) -> int:
    """Start the daemon on a configuration, and stay until a signal ends it. ``started`` is given its URL."""
    trim_memory()
    daemon = Daemon(
        load=load,
        web=WebOptions(
            listen_addresses=args.web_listen_address,
            telemetry_path=args.web_telemetry_path,
            config_file=args.web_config_file,
            enable_lifecycle=args.web_enable_lifecycle,
        ),
        watch=args.config_file if args.config_auto_reload else None,
        revision=environ.get("VOBIZ_EXPORTER_REVISION", "unknown"),
    )
    started(daemon.start())
    signal.setitimer(signal.ITIMER_REAL, TICK)
    while (number := signal.sigwait(DAEMON_SIGNALS)) not in (signal.SIGTERM, signal.SIGINT):
        if number == signal.SIGHUP:
            daemon.reload()
        else:
            daemon.tick()
            # Set again each time: a timer's signal that always waits would be taken before SIGTERM.
            signal.setitimer(signal.ITIMER_REAL, TICK)
    if not daemon.stop():
        _leave_hanging_polls()
    return 0


def trim_memory() -> bool:
    """Let memory that a scrape or an answer took for a moment go back to the system; False where that cannot be set.

    By itself glibc gives every thread a heap of its own, and after the first large block that was freed it keeps the
    next ones, up to 32 MiB in each heap.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all([mallopt(_M_MMAP_THRESHOLD, _LARGE), mallopt(_M_ARENA_MAX, 1)])


def _leave_hanging_polls() -> None:
    """End the process although a poll still hangs, in a name look-up most likely: nothing can end one of those, and
    the interpreter would wait for its thread."""
    log.warning("a poll did not end in time and was left")
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)
