"""A process that saves ever larger numbers and says which are on disk: ``python writer.py FILE [BYTES]``.

Beside them another partner's entry of that many bytes is kept, which makes the file a large one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from exporter.state import StateError, StateFile


def main(path: str, beside: int = 0) -> int:
    """Write until killed; one line of output for each number that is saved. Exit code 3 if the file is refused."""
    state = StateFile(Path(path))
    try:
        state.open(configured=["acme", "other"], now=1_782_900_000.0)
    except StateError as error:
        print(error, flush=True)
        return 3
    entry = state.entry("acme") or {"n": 0}
    print(entry["n"], flush=True)
    number = int(entry["n"])
    if beside:
        state.save("other", {"filling": "x" * beside})
    while True:
        number += 1
        state.save("acme", {"n": number, "filling": ["x" * 50] * (number % 400)})
        print(number, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0))
