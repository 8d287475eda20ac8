"""The project's Markdown, taken apart: pages, headings, links, code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
"""Every page that people read."""

_FENCE = re.compile(r"^[ ]*```(\w*)\n(.*?)^[ ]*```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")


def text_of(page: Path) -> str:
    """The whole page."""
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    """The path from the root of the project."""
    return str(page.relative_to(ROOT))


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """The fenced code of a page, in one of these languages; in any, if none is given."""
    for language, code in _FENCE.findall(text_of(page)):
        if not languages or language in languages:
            yield code


def code_of(page: Path) -> str:
    """Everything set as code, in a line or as a block."""
    prose = _FENCE.sub("", text_of(page))
    return "\n".join([*blocks(page), *_SPAN.findall(prose)])


def links(page: Path) -> list[str]:
    """The targets of all links and pictures."""
    return _LINK.findall(_FENCE.sub("", text_of(page)))


def anchors(page: Path) -> set[str]:
    """What a link may name after the number sign, as GitHub makes it of the headings."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", _FENCE.sub("", text_of(page)), re.MULTILINE):
        anchor = _NOT_IN_ANCHOR.sub("", re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
        found[anchor] = found.get(anchor, -1) + 1
        if found[anchor]:
            found[f"{anchor}-{found[anchor]}"] = 0
    return set(found)
