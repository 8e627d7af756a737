"""A page that is left while a component speaks gives way to the next, not to nothing."""

import pytest
from app_page import AppPage
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

LEAVE_WHILE_SPEAKING = """leave => ringfenceLine.say("test", () => {
    ringfenceOutbox.send({ number: "test", events: [] })
    new Function(leave)()
})"""
BY_A_LINK = """
    const links = document.querySelectorAll('[data-testid="stSidebarNavLink"]')
    Array.from(links).find(link => link.pathname.endsWith("/overview")).click()
"""
BY_THE_HISTORY = """
    history.pushState({}, "", "/overview")
    dispatchEvent(new PopStateEvent("popstate"))
"""


@pytest.mark.parametrize("how", [BY_A_LINK, BY_THE_HISTORY], ids=["link", "history"])
def test_a_page_left_while_a_component_speaks_gives_way_to_the_next(app: AppPage, how: str) -> None:
    app.current_item()
    app.page.evaluate(LEAVE_WHILE_SPEAKING, how)
    expect(app.page.get_by_role("heading", name="Overview")).to_be_visible()
    app.page.wait_for_timeout(2_000)  # as long as it takes to be empty again
    app.wait_until_drawn()
    expect(app.page.get_by_role("heading", name="Overview")).to_be_visible()
