"""F15: a server killed with tabs open: each page has one address, and a reload finds it again."""

import re
from pathlib import Path

import pytest
from app_page import PAGES, TITLES, AppPage
from grid_page import GridPage
from playwright.sync_api import Page, expect
from ready_project import prepare
from server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]  # it starts twenty servers

KILLS = 20


def test_reloads_after_twenty_kills(tmp_path: Path, tab: Page) -> None:
    prepare(tmp_path / "data", batch_size=50)
    app = AppPage(tab, "")
    with Server(tmp_path / "data") as server:
        app.url = server.url
        app.open(PAGES[0])
        for kill in range(KILLS):
            path = PAGES[kill % len(PAGES)]
            app.visit(TITLES[path])
            expect_alive(app, path)
            server.kill()
            server.start()
            app.page.reload()
            expect_alive(app, path)
        app.page.goto(f"{app.url}/?project=1")  # the address without a page
        expect_alive(app, PAGES[0])
        app.page.go_back()
        expect_alive(app, path)
        app.page.get_by_role("button", name="Navigate to home page").click()
        expect_alive(app, PAGES[0])
        assert server.store.integrity_problems() == []


def test_an_address_without_a_page_is_led_on_without_a_reload(tmp_path: Path, tab: Page) -> None:
    """As a click on the logo leaves it that comes before the app's scripts."""
    prepare(tmp_path / "data", batch_size=50)
    with Server(tmp_path / "data") as server:
        app = AppPage(tab, server.url)
        app.open("tune")
        expect_alive(app, "tune")
        app.page.evaluate("""() => {
            history.pushState({}, "", "/?project=1")
            window.dispatchEvent(new PopStateEvent("popstate"))
        }""")
        expect_alive(app, "label")
        assert server.store.integrity_problems() == []


def expect_alive(app: AppPage, path: str) -> None:
    """Wait until the page is there, with nothing over it, and is answering keys."""
    expect(app.page).to_have_url(re.compile(rf"/{path}\?(.*&)?project=1"))
    expect(app.link(TITLES[path])).to_have_attribute("aria-current", "page")
    if path == "label":
        app.press("a")
        app.expect_kept()
    elif path == "batch":
        expect_a_mark(GridPage(app.page, app.url))
    elif path == "present":
        expect(app.page.locator(".said p")).to_have_count(3)
    else:
        title = app.page.get_by_role("heading", name=TITLES[path], exact=True)
        expect(title).to_be_visible()
    app.wait_until_drawn()
    assert app.page.get_by_role("dialog").count() == 0
    assert "Page not found" not in app.page.locator("body").inner_text()


def expect_a_mark(grid: GridPage) -> None:
    """A key marks an image and goes on; back there, another takes the mark away again."""
    item = grid.look_at_grid()[0]
    grid.keys("x")
    assert grid.marks == {item: "anomalous"}
    grid.keys("ArrowLeft", "Delete")
    assert grid.marks == {}
