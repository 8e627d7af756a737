"""axe-core finds nothing serious on the pages where people work."""

from collections.abc import Iterator

import pytest
from app_page import AppPage
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from server import Server

pytestmark = pytest.mark.browser

PAGES = (
    "",
    "batch",
    "review",
    "overview",
    "tune",
    "explore",
    "models",
    "compare",
    "project",
    "team",
    "present",
)
SERIOUS = ("serious", "critical")


@pytest.fixture(params=["light", "dark"])
def themed(chromium: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[AppPage]:
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=request.param
    )
    yield AppPage(context.new_page(), server.url)
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_serious_is_in_the_way(themed: AppPage, path: str) -> None:
    themed.open()
    themed.current_item()
    themed.open(path)
    themed.page.wait_for_timeout(1_000)  # what fades in has done so
    found = Axe().run(themed.page).response["violations"]
    serious = [
        (rule["id"], [node["html"][:200] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] in SERIOUS
    ]
    assert serious == []
