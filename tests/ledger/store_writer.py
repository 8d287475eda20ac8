"""A process that saves ever larger numbers and reports which are on disk: ``-m tests.ledger.store_writer FILE``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from exporter.ledger.store import LedgerStore, StoreError


def main(path: str) -> int:
    """Write until killed; one line of output for each number that is saved. Exit code 3 if the file is refused."""
    try:
        store = LedgerStore(Path(path), configured=["PA_1"], now=1_782_900_000.0)
    except StoreError as error:
        print(error, flush=True)
        return 3
    saved = store.load("PA_1", "ledger")
    number = 0 if saved is None else json.loads(saved)["n"]
    print(number, flush=True)
    while True:
        number += 1
        entry = json.dumps({"n": number, "filling": ["x" * 50] * (number % 400)}).encode()
        store.save("PA_1", {"ledger": entry, "detector": entry}, now=1_782_900_000.0)
        print(number, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
