"""The first minute: a real image at once, answers that count before any model, hints that go."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from app_page import PREPARATION, SLOW, AppPage
from playwright.sync_api import Page, expect
from server import Server, wait_for

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with an empty data directory."""
    with Server(tmp_path / "data") as running:
        yield running


def test_images_are_answered_before_there_is_a_model(server: Server, tab: Page) -> None:
    app = AppPage(tab, server.url)
    app.page.goto(app.url)
    app.current_item()
    hint, welcome = app.page.locator(".hint"), app.page.locator(".welcome")
    expect(welcome).to_contain_text("Try it on digits")
    expect(hint).to_contain_text("Answer by key")
    budget = app.budget_left()
    pressed = [app.press(key) for key in "aax"]
    expect(welcome).to_be_hidden()
    expect(hint).to_contain_text("Undo takes the last answer back")
    app.expect_kept()
    app.expect_budget(budget - 3)
    assert [event.item for event in server.store.events.since(1)] == pressed
    expect(app.serving(1, or_later=True)).to_be_visible(timeout=PREPARATION)
    expect(app.page.locator("canvas.sphere")).to_be_visible()
    app.press("a")
    expect(hint).to_contain_text("Each dot is an image")
    hint.get_by_role("button").click()
    expect(hint).to_be_hidden()
    app.page.reload()
    app.current_item()
    expect(app.page.get_by_text("all saved")).to_be_visible(timeout=SLOW)
    expect(hint).to_have_count(0)
    app.expect_budget(budget - 4)


def test_who_brings_images_is_led_to_where_they_are_brought(server: Server, tab: Page) -> None:
    app = AppPage(tab, server.url)
    app.page.goto(app.url)
    app.current_item()
    app.page.locator(".welcome").get_by_role("button", name="Use my images").click()
    expect(app.page.get_by_role("heading", name="Data & project")).to_be_visible()
    expect(app.page.get_by_text("New project", exact=True).first).to_be_visible()
    wait_for("the address", lambda: "/project" in app.page.url)
