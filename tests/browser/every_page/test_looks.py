"""Narrow windows and the dark theme: nothing scrolls sideways, nothing covers the buttons."""

from collections.abc import Iterator

import pytest
from app_page import AppPage
from playwright.sync_api import Browser
from server import Server
from some import some

pytestmark = pytest.mark.browser

BUTTONS = ("Normal", "Anomalous", "Unsure", "Skip", "Undo")
ON_TOP = """button => {
    const box = button.getBoundingClientRect()
    return [0.1, 0.5, 0.9].every(share => {
        const x = box.left + share * box.width, y = box.top + box.height / 2
        return button.contains(button.getRootNode().elementFromPoint(x, y))
    })
}"""


@pytest.fixture(params=["light", "dark"])
def narrow(chromium: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[AppPage]:
    """A tab of 800 by 900 pixels in a light or dark theme."""
    context = chromium.new_context(
        viewport={"width": 800, "height": 900}, color_scheme=request.param
    )
    yield AppPage(context.new_page(), server.url)
    context.close()


def test_every_page_fits_a_narrow_window(app: AppPage) -> None:
    app.page.set_viewport_size({"width": 800, "height": 900})
    for path in app.each_page():
        assert not app.scrolls_sideways(), path


def test_image_and_buttons_are_in_sight_without_scrolling(narrow: AppPage) -> None:
    narrow.open()
    narrow.current_item()
    height = some(narrow.page.viewport_size)["height"]
    for part in (narrow.image, *map(narrow.button, BUTTONS)):
        box = part.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
    for name in BUTTONS:
        assert narrow.button(name).evaluate(ON_TOP), f"something covers {name}"
