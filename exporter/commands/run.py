"""``vobiz-exporter run``: the daemon."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial

from exporter.config import Config, load_config
from exporter.daemon import Daemon, WebOptions
from exporter.daemon.memory import give_back_memory

log = logging.getLogger(__name__)


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Run until SIGTERM or SIGINT. Raises ConfigError and StartError."""
    return serve(args, environ, partial(load_config, args.config_file, environ=environ))


def serve(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    load: Callable[[], Config],
    *,
    proxies_from_environment: bool = True,
) -> int:
    """Start the daemon on a configuration, and stay until a signal ends it."""
    give_back_memory()
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
        proxies_from_environment=proxies_from_environment,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: daemon.stop())
    signal.signal(signal.SIGHUP, lambda *_: daemon.want_reload())
    daemon.start()
    if not daemon.run():
        _leave_hanging_polls()
    return 0


def _leave_hanging_polls() -> None:
    """End the process although a poll still hangs, in a name look-up most likely: nothing can end one of those, and
    the interpreter would wait for its thread."""
    log.warning("a poll did not end in time and was left")
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)
