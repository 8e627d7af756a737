"""The guide in the app: every chapter is there, with its pictures, and each page leads to one."""

import re
from pathlib import Path

import pytest

from pages.components.glossary import CHAPTERS

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "guide"
FILES = sorted(path.stem for path in GUIDE.glob("*.md"))


@pytest.mark.parametrize("chapter", FILES)
def test_a_chapter_is_shown_with_its_pictures(shop, open_page, chapter):
    text = (GUIDE / f"{chapter}.md").read_text()
    pictures = re.findall(r"!\[.*\]\((.*)\)", text)
    assert pictures
    assert all((GUIDE / path).exists() for path in pictures)
    tab = open_page("guide", chapter=chapter)
    assert not tab.error
    assert tab.main.markdown[0].value.strip() == text.splitlines()[0]
    assert len(tab.get("image")) == len(pictures)


def test_what_is_no_chapter_opens_the_first(shop, open_page):
    for odd in ("", "nothing", "../../README", "9" * 5_000):
        tab = open_page("guide", chapter=odd)
        assert not tab.error
        assert tab.main.markdown[0].value.strip() == "# Label"


def test_every_page_leads_to_a_chapter_that_is_there():
    assert set(CHAPTERS.values()) | {"label"} == set(FILES)


def test_keys_and_names_of_buttons_are_those_on_screen():
    """What the guide prints in italics stands in the app."""
    said = "".join(
        path.read_text()
        for path in (ROOT / "pages").rglob("*")
        if path.suffix in (".py", ".js", ".html")
    )
    named = {
        name
        for page in GUIDE.glob("*.md")
        for name in re.findall(r"(?<![*\w])\*([A-Z][^*\n]+)\*(?!\*)", page.read_text())
    }
    assert named
    assert {name for name in named if name not in said.replace("&amp;", "&")} == set()
