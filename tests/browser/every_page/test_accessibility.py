"""axe-core finds nothing serious on any page, folded or open, and the keyboard goes through all."""

from collections.abc import Iterator

import pytest
from app_page import AppPage
from playwright.sync_api import Browser, expect
from server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # each goes through all pages

CLOSED = "[data-testid=stMain] details:not([open]) > summary"
PRESSES = 250  # more than any page has controls

# What Tab has to reach: the controls of the page that can be seen, without those that a list, a
# tab strip or a grid shares one stop with.
CONTROLS = """() => {
    const found = []
    const collect = root => root.querySelectorAll("*").forEach(element => {
        if (element.shadowRoot) collect(element.shadowRoot)
        if (element.matches("button, a[href], input, select, textarea, summary, [tabindex]")
            && element.tabIndex >= 0 && !element.disabled && element.checkVisibility({
                checkVisibilityCSS: true })
            && element.type !== "radio" && element.role !== "radio") found.push(element)
    })
    collect(document.querySelector("[data-testid=stMain]"))
    window.waiting = new Set(found)
    document.activeElement?.blur()
    return found.length
}"""
FOCUSED = """() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    window.waiting.delete(element)
    window.waiting.forEach(one => {
        if (!one.isConnected || one.disabled) window.waiting.delete(one)
    })
    return window.waiting.size
}"""
WAITING = "() => [...window.waiting].map(element => element.outerHTML.slice(0, 200))"


@pytest.fixture(params=["light", "dark"])
def themed(chromium: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[AppPage]:
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=request.param
    )
    page = AppPage(context.new_page(), server.url)
    page.open()
    page.current_item()
    yield page
    context.close()


def test_nothing_serious_is_in_the_way(themed: AppPage) -> None:
    found = {}
    for path in themed.each_page():
        unfold(themed)
        themed.page.wait_for_timeout(1_000)  # what fades in has done so
        if serious := themed.violations():
            found[path] = serious
    assert found == {}


def unfold(app: AppPage) -> None:
    """Open what is folded on a page."""
    closed = app.page.locator(CLOSED)
    for left in reversed(range(closed.count())):
        closed.first.click()
        expect(closed).to_have_count(left)
    app.wait_until_drawn()


def test_tab_reaches_every_control(app: AppPage) -> None:
    missed = {}
    for path in app.each_page():
        app.page.wait_for_timeout(500)
        assert app.page.evaluate(CONTROLS) > 0, path
        for _ in range(PRESSES):
            app.page.keyboard.press("Tab")
            if app.page.evaluate(FOCUSED) == 0:
                break
        if left := app.page.evaluate(WAITING):
            missed[path] = left
    assert missed == {}
