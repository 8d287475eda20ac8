"""One fuzzing process: ``python -m tests.fuzz.engine TARGET DIRECTORY [libFuzzer's arguments]``, started by ``fuzz``.

The program is instrumented while it is imported, so that the fuzzer sees which inputs reach something new.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import atheris


def main() -> None:
    """Fuzz until libFuzzer's arguments are satisfied; then the process ends, inside of Fuzz."""
    name, directory, *arguments = sys.argv[1:]
    with atheris.instrument_imports(include=["exporter", "email"]):
        from tests.fuzz.targets import load

        target = load(name, Path(directory))
    # What is logged of broken input is of no interest here, and writing it takes longer than the rest.
    logging.getLogger("exporter").addHandler(logging.NullHandler())
    logging.getLogger("exporter").propagate = False
    atheris.Setup([sys.argv[0], *arguments], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
