"""The files that are generated, in whole or between marks, and whether those on disk are current.

A page is Markdown written by hand, with marks where a table of the code belongs::

    <!-- generated: flags -->
    ...
    <!-- /generated -->
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from docs.generator.configuration import keys_table, thresholds_table
from docs.generator.example import example
from docs.generator.flags import flags_table
from docs.generator.metrics import group_table, labels_table
from docs.generator.schema import schema
from exporter.metrics.catalogue import GROUPS

ROOT = Path(__file__).parents[2]

_MARKED = re.compile(r"(<!-- generated: ([\w ]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)

TABLES: Mapping[str, Callable[[], str]] = {
    "keys": keys_table,
    "thresholds": thresholds_table,
    "flags": flags_table,
    "labels": labels_table,
    **{f"metrics {name}": partial(group_table, name) for name in GROUPS},
}
"""What may stand between marks, by its name."""


def generated() -> Iterator[tuple[Path, str]]:
    """Each file with something generated in it, and what has to be in it. Raises KeyError for an unknown mark."""
    yield ROOT / "config.example.yaml", example()
    yield ROOT / "config.schema.json", schema()
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if _MARKED.search(text):
            yield page, _MARKED.sub(lambda mark: mark[1] + TABLES[mark[2]]() + mark[3], text)


def main(argv: Sequence[str]) -> int:
    """Write the files, or with ``--check`` print those that are out of date; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.generator", description="Write the references.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    check = parser.parse_args(argv).check
    stale = [(path, text) for path, text in generated() if path.read_text(encoding="utf-8") != text]
    for path, text in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is out of date: run make docs", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return int(check and bool(stale))
