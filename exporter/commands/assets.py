"""``vobiz-exporter assets``: the rules, dashboards, runbooks and examples that came with this version."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import exporter
from exporter.commands.copies import copies
from exporter.config.errors import StartError

HOME = Path(exporter.__file__).parent / "assets"
"""In a checkout its entries are links to where the files live; in a built package they are copies."""


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """List the files, or write them under ``--output``. Raises StartError; then no file was overwritten unasked."""
    files = {**{file: (HOME / file).read_bytes() for file in shipped()}, **dict(copies(HOME))}
    if args.output is None:
        print(*sorted(files), sep="\n")
        return 0
    contents = {args.output / file: files[file] for file in sorted(files)}
    try:
        there = [target for target in contents if target.exists()]
        differing = [target for target in there if target.read_bytes() != contents[target]]
        if differing and not args.force:
            listed = "\n".join(f"{target}: differs from this version's" for target in differing)
            remedy = "nothing was written; keep your changes elsewhere, then give --force to overwrite"
            raise StartError(f"{listed}\n{remedy}")
        for target, content in contents.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}"
        raise StartError(f"--output {args.output}: {reason}; give a directory that can be written") from None
    print(f"{args.output}: {len(contents)} files of vobiz-exporter {exporter.__version__}")
    return 0


def shipped() -> Iterator[str]:
    """Every file but hidden ones, relative to :data:`HOME`."""
    for folder, _, names in os.walk(HOME, followlinks=True):
        for path in (Path(folder) / name for name in names):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(HOME).as_posix()
