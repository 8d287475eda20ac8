"""What the documents say is what the program does."""

from __future__ import annotations

import os
import re
from pathlib import Path

from exporter.metrics import CATALOGUE

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_TABLE = re.compile(r"(<!-- metrics: [^\n]*-->\n).*?(<!-- /metrics -->)", re.DOTALL)


def _metrics_table() -> str:
    rows = ["| metric | type | labels | |", "|---|---|---|---|"]
    for metric in CATALOGUE:
        labels = ", ".join(metric.labels)
        rows.append(f"| `{metric.name}` | {metric.kind} | {labels} | {metric.help.split('. ')[0].rstrip('.')} |")
    return "\n".join(rows) + "\n"


def test_the_readme_lists_every_metric_as_it_is() -> None:
    text = README.read_text(encoding="utf-8")
    current = _TABLE.sub(lambda match: match[1] + _metrics_table() + match[2], text)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        README.write_text(current, encoding="utf-8")
        text = current
    assert text == current


def test_every_file_that_a_document_links_to_exists() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    for document in documents:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://")):
                assert (document.parent / target).exists(), f"{document.name} links to {target}"
