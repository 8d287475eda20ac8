"""Every link leads somewhere, and every page can be found."""

from __future__ import annotations

from tests.docs.pages import PAGES, ROOT, anchors, links, name_of

DOCS = ROOT / "docs"


def test_every_link_of_a_page_leads_somewhere() -> None:
    for page in PAGES:
        for link in links(page):
            if link.startswith(("http://", "https://")):
                continue
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{name_of(page)}: {link}: there is no such file"
            if anchor:
                assert anchor in anchors(target), f"{name_of(page)}: {link}: there is no such heading"


def test_the_index_leads_to_every_page() -> None:
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md")}
    assert {name_of(page) for page in DOCS.glob("*.md") if page.name != "README.md" and page not in linked} == set()


def test_the_front_page_leads_to_the_index() -> None:
    assert "docs/README.md" in links(ROOT / "README.md")


def test_the_front_page_stays_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
