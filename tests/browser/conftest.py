"""One browser and one server for the tests that leave both whole."""

import os
import shutil
from collections.abc import Generator, Iterator

import pytest
from app_page import SLOW, AppPage
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the tabs showed."""
    report = yield
    if report.failed and call.when == "call":
        for name, value in item.funcargs.items():
            page = value.page if isinstance(value, AppPage) else value
            if isinstance(page, Page):
                report.sections.append((f"What {name} showed", what_it_shows(page)))
    return report


def what_it_shows(page: Page) -> str:
    """The address of a tab, and what is in it, as far as it still answers."""
    try:
        return f"{page.url}\n{page.locator('body').aria_snapshot(timeout=2_000)}"
    except PlaywrightError as error:
        return f"nothing: {error}"


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
