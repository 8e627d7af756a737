"""A2: whatever a component of a page is made to say, the page stands."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

LONG = "x" * 5_000_000
DEEP = [[[[["x"]]]]]
SAID = [LONG, 2**70, -1, float("inf"), DEEP, "\ud800", {"key": DEEP, "items": 3}, True]

WRONG = ["text", "", 5, 0.5, [1, "x"], [], None, True, {}]  # in the place of an object


def heard(value: object, part: str) -> None:
    """What is done when a component says that something has changed, on a page of its own."""
    import streamlit as st

    from pages.components.compare import flips
    from pages.components.component import said
    from pages.components.explore import choosing
    from pages.components.explore.map import inspect
    from pages.components.present import story
    from pages.components.tune import board, cells

    st.session_state["it"] = {part: value} if part else value
    for name in (board, story):
        st.session_state[name.KEY] = st.session_state["it"]
    for act in (board.keep_threshold, board.keep_near, board.keep_cell, story.keep_caution):
        act()
    cells.turn_to("it")
    flips.turn_to("it")
    inspect(said("it", "opened"))
    choosing.choose(1, said("it", "chosen"))
    st.caption(f"{dict(st.query_params)} and {choosing.chosen(1).items}")


def brief(value: object) -> str:
    return ascii(value)[:8]


class TestA2Components:
    """What any component of a page may be made to say; the page must stand whatever it is."""

    @pytest.mark.parametrize("page", ["label", "batch", "explore", "tune", "present"])
    @pytest.mark.parametrize("value", SAID, ids=brief)
    def test_a_page_stands_whatever_its_components_say(self, shop, open_page, page, value):
        names = ("view", "outbox", "keys", "chosen", "opened", "threshold", "cell", "near")
        said = {**dict.fromkeys((*names, "caution", "drawing"), value)}
        components = ("pump", "labeller", "grid", f"map-{shop.id}", "board", "story", "sketch")
        tab = open_page(page, states=dict.fromkeys((*components, "listing"), said))
        assert not tab.exception

    @pytest.mark.parametrize("page", ["label", "batch", "explore", "tune", "present", "compare"])
    @pytest.mark.parametrize("value", WRONG, ids=brief)
    def test_a_page_stands_where_a_component_says_no_object(self, shop, open_page, page, value):
        components = ("pump", "labeller", "grid", f"map-{shop.id}", "board", "story", "sketch")
        tab = open_page(page, states=dict.fromkeys((*components, "wall-opened", "listing"), value))
        assert not tab.exception
        assert not tab.error

    @pytest.mark.parametrize(
        "part", ["", "opened", "chosen", "near", "threshold", "cell", "caution"]
    )
    @pytest.mark.parametrize("value", [*SAID[1:], *WRONG], ids=brief)
    def test_nothing_is_done_about_what_makes_no_sense(self, value, part):
        tab = AppTest.from_function(heard, kwargs={"value": value, "part": part}).run()
        assert not tab.exception
        usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 9
        if not (usable and part):
            assert tab.caption[0].value == "{} and ()"

    def test_what_a_component_says_is_read_in_one_way(self):
        direct = re.compile(r"session_state(\.get\([^)]*\)\.get\(|\[[^]]*\]\[)")
        for file in (Path(__file__).parents[3] / "pages").rglob("*.py"):
            assert not direct.search(file.read_text()), f"{file.name}: use `said`"

    @pytest.mark.parametrize("value", SAID, ids=brief)
    def test_an_outbox_of_any_form_stops_nothing(self, shop, open_page, value):
        for outbox in (value, {"number": value, "events": []}, {"number": "n", "events": value}):
            tab = open_page(states={"pump": {"outbox": outbox}})
            assert not tab.exception
            assert not tab.error
