"""What the programs of the harness share: flags, and how they end."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from math import inf

from tests.rig.process import ProcessError


def positive(text: str) -> float:
    """The type of a flag: a number above 0 that is not infinite. Raises ArgumentTypeError."""
    number = float(text)
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def interruptible(run: Callable[[], int]) -> int:
    """The exit code of a program that ends all it started when it is left: 130 after Ctrl-C or SIGTERM, and 1 with a
    line on standard error where a process or the system failed."""
    # SIGINT as well: a shell lets what it starts in the background ignore it
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        return run()
    except KeyboardInterrupt:
        print("interrupted; everything is ended", file=sys.stderr)
        return 130
    except (ProcessError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
