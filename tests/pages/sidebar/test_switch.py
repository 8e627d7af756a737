"""The name of the project in the sidebar leads to the others."""

from dataclasses import replace

from page_text import words
from workshop import DIGITS, Workshop

LONG = "Inspection of the northern belt by the second camera, November"


def test_the_name_in_the_sidebar_leads_to_the_other_projects(shop: Workshop, open_page):
    other = shop.projects.create(replace(DIGITS, name="Tiles"), shop.me)
    put_away = shop.projects.create(replace(DIGITS, name="Old tiles"), shop.me)
    shop.projects.shelf.archive(put_away.id, shop.me)
    tab = open_page("tune")
    assert [one.label for one in tab.sidebar.button] == ["Tiles"]
    tab.sidebar.button[0].click().run()
    assert tab.session_state["ringfence"].project_id == other.id
    assert tab.title[0].value == "Overview"
    assert "The first model is being prepared" in words(tab)


def test_a_long_name_stays_on_one_line_and_is_whole_on_hover(shop: Workshop, open_page):
    long = shop.projects.create(replace(DIGITS, name=LONG), shop.me)
    switch, *_ = open_page(project=str(long.id)).sidebar.get("popover")
    assert not switch.proto.popover.wrap
    assert switch.proto.popover.help.replace("\\", "") == LONG
