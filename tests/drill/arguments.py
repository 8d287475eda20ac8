"""What flags may be given, of the drill and of the soak."""

from __future__ import annotations

import argparse
from math import inf


def positive(text: str) -> float:
    """A number above 0 that is not infinite. Raises ArgumentTypeError."""
    number = float(text)
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number
