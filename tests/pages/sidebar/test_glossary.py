"""Every term that a page explains is in the glossary, and the other way round."""

import ast
from pathlib import Path

from workshop import Workshop

from pages.components.glossary import TERMS, word

PAGES = Path(__file__).parents[3] / "pages"


def explained() -> set[str]:
    """The terms of which some part of a page says what they mean."""
    calls = (
        node
        for file in PAGES.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "word"
    )
    return {ast.literal_eval(term) for call in calls for term in call.args}


def test_every_term_that_is_explained_is_in_the_glossary_and_the_other_way_round():
    assert explained() == set(TERMS)


def test_several_terms_are_told_apart():
    assert word("recall") == TERMS["recall"]
    assert word("recall", "R") == f"**recall**: {TERMS['recall']}\n\n**R**: {TERMS['R']}"


def test_the_whole_glossary_is_in_the_sidebar(shop: Workshop, open_page):
    tab = open_page("team")
    said = [element.value for element in tab.sidebar.markdown]
    assert [line for line in said if line.startswith("**AUROC**")]
