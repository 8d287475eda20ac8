"""``python -m docs.generator``."""

from __future__ import annotations

import sys

from docs.generator.files import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
