"""Any page may be the first that a new server is asked for, on a data directory that is new too."""

import re
from pathlib import Path

import pytest
from app_page import SLOW, TITLES
from playwright.sync_api import Page, expect
from server import Server

pytestmark = pytest.mark.browser

REMEMBER = """() => {
    window.shown = new Set()
    const look = () => {
        for (const link of document.querySelectorAll('[data-testid="stSidebarNavLink"] span'))
            window.shown.add(link.textContent)
        for (const dialog of document.querySelectorAll('[role="dialog"]'))
            window.shown.add(dialog.textContent)
        requestAnimationFrame(look)
    }
    look()
}"""
ICON = re.compile(r"^[a-z_]*$")  # the name of one, in a font of icons


@pytest.mark.parametrize("path", ["label", "batch"])
def test_a_new_server_shows_the_page_that_it_is_asked_for_first(
    path: str, tmp_path: Path, tab: Page
) -> None:
    tab.add_init_script(f"({REMEMBER})()")
    with Server(tmp_path / "data") as server:
        tab.goto(f"{server.url}/{path}")
        link = tab.get_by_test_id("stSidebarNav").get_by_role("link", name=TITLES[path])
        expect(link).to_have_attribute("aria-current", "page", timeout=SLOW)
        expect(tab).to_have_title(re.compile(f"^{TITLES[path]} · Handwritten fives · Ringfence$"))
        expect(tab).to_have_url(re.compile(rf"/{path}\?(.*&)?project=1"))
        shown = {text for text in tab.evaluate("[...window.shown]") if not ICON.match(text)}
        assert shown == set(TITLES.values())
