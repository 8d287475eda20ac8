"""``python -m exporter.simulator``: the simulated Vobiz alone, until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from . import DemoServer, add_demo_arguments, describe, settings_from


def main(argv: Sequence[str] | None = None) -> int:
    """Run until a signal ends it; 0 then, 1 if the address cannot be had. Wrong usage ends with SystemExit(2)."""
    parser = argparse.ArgumentParser(
        prog="python -m exporter.simulator",
        description="A simulated Vobiz Partner API on loopback, with traffic, incidents and the truth about both.",
    )
    add_demo_arguments(parser)
    settings = settings_from(parser.parse_args(argv))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with DemoServer(settings) as server:
        try:
            server.start()
        except OSError as error:
            reason = error.strerror or error
            print(f"cannot listen on {settings.host} port {settings.port}: {reason}", file=sys.stderr)
            return 1
        print(describe(server), end="", flush=True)
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
