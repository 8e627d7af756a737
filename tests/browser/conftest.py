"""One browser and one server for the tests that leave both whole."""

import os
import shutil
from collections.abc import Iterator

import pytest
from app_page import SLOW, AppPage
from playwright.sync_api import Browser, Page, expect, sync_playwright
from ready_project import prepare
from server import Server

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]


def browser_path() -> str:
    """The browser that the Makefile found, else one that is installed."""
    found = os.environ.get("RINGFENCE_BROWSER") or next(
        filter(None, map(shutil.which, CHROMIUM_NAMES)), None
    )
    if not found:
        pytest.fail("No Chromium was found; set RINGFENCE_BROWSER to the path of one.")
    return found


expect.set_options(timeout=SLOW)  # a busy machine is no failure


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A new tab with nothing remembered."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody kills, for the tests that leave its project in order."""
    data_dir = tmp_path_factory.mktemp("shared") / "data"
    prepare(data_dir, batch_size=50)  # no round begins unasked
    with Server(data_dir) as running:
        yield running


@pytest.fixture
def app(tab: Page, server: Server) -> AppPage:
    """The project's Label page."""
    page = AppPage(tab, server.url)
    page.open()
    return page
