"""The desk fits one screen, moves nothing that was not asked for, and says where one stands."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from answer_book import copy, opened
from app_page import SLOW, AppPage
from playwright.sync_api import Browser, Locator, Page, expect
from ready_project import prepare
from server import Server, wait_for
from some import some

pytestmark = pytest.mark.browser

WHOLE = """() => {
    const main = document.querySelector("[data-testid=stMain]")
    return main.scrollHeight <= main.clientHeight && main.scrollWidth <= main.clientWidth
}"""
PARTS = (".image", ".answers", ".tools", ".reason", ".sphere", ".lately", ".neighbors", ".task")
PHONE, ZOOMED = (390, 844), (683, 384)  # 1366x768 at 200 %


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without guidelines, of 30 labels in rounds of ten."""
    data_dir = tmp_path_factory.mktemp("prepared") / "data"
    prepare(data_dir, budget=30, guidelines="")
    return data_dir


@pytest.fixture(scope="module")
def server(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose project nobody answers."""
    with Server(copy(prepared, tmp_path_factory.mktemp("shared"))) as running:
        yield running


@pytest.fixture
def own_app(prepared: Path, tmp_path: Path, tab: Page) -> Iterator[AppPage]:
    """A desk of this test's own."""
    with Server(copy(prepared, tmp_path)) as running:
        yield opened(tab, running)


@pytest.fixture
def app(tab: Page, server: Server) -> AppPage:
    return opened(tab, server)


def box(part: Locator) -> tuple[float, float, float, float]:
    found = part.bounding_box()
    assert found is not None
    return found["x"], found["y"], found["width"], found["height"]


def is_within(part: Locator) -> bool:
    """Whether all of a part is in sight."""
    size = some(part.page.viewport_size)
    x, y, width, height = box(part)
    return x >= 0 and y >= 0 and x + width <= size["width"] and y + height <= size["height"]


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1366, 768), (1280, 720)])
def test_everything_is_on_one_screen(app: AppPage, width: int, height: int) -> None:
    app.page.set_viewport_size({"width": width, "height": height})
    app.page.keyboard.press("p")  # the longest that the desk says
    wait_for("the desk to fill the window", lambda: app.page.evaluate(WHOLE))
    for part in PARTS:
        assert is_within(app.page.locator(part)), part
    app.page.keyboard.press("n")
    expect(app.page.locator(".note")).to_be_focused()
    assert is_within(app.page.locator(".note"))
    assert app.page.locator(".why").evaluate("why => why.scrollHeight <= why.clientHeight")
    if width == 1440:
        sphere = box(app.page.locator(".sphere"))
        assert min(sphere[2:]) >= 420


@pytest.mark.parametrize("size", [PHONE, ZOOMED])
def test_image_and_answers_are_on_one_small_screen(
    chromium: Browser, server: Server, size: tuple[int, int]
) -> None:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=True)
    app = opened(context.new_page(), server)
    for part in (app.image, app.button("Normal"), app.button("Anomalous")):
        assert is_within(part)
    assert min(box(app.image)[2:]) >= 150
    assert box(app.button("Normal"))[3] >= 44  # of a thumb
    assert not app.scrolls_sideways()
    context.close()


def test_zoom_moves_no_button_and_escape_closes_what_is_open(app: AppPage) -> None:
    buttons = app.page.locator("[data-action]").all()
    buttons = [one for one in buttons if one.get_attribute("data-action") != "zoom"]
    before, image = [box(one) for one in buttons], box(app.image)
    app.page.keyboard.press("z")
    assert box(app.image)[3] > image[3]
    assert [box(one) for one in buttons] == before
    app.page.keyboard.press("Escape")
    assert box(app.image) == image
    for key, panel in (("h", ".panel.guide"), (None, ".panel.keys")):
        app.page.keyboard.press(key) if key else app.button("Keys").click()
        expect(app.page.locator(panel)).to_be_visible()
        assert [box(one) for one in buttons] == before
        app.page.keyboard.press("Escape")
        expect(app.page.locator(panel)).to_be_hidden()


def test_without_guidelines_the_rule_is_what_the_project_knows_and_notices_leave_it(
    app: AppPage,
) -> None:
    rule = app.page.locator(".task")
    expect(rule).to_have_text("Normal: 5. Anomalous: everything else.")
    app.page.keyboard.press("Backspace")
    expect(app.message).to_be_visible()
    assert is_within(rule)


def test_the_title_names_the_page_and_the_project(app: AppPage) -> None:
    expect(app.page).to_have_title("Label · Handwritten fives · Ringfence")
    app.visit("Data & project")
    expect(app.page).to_have_title("Data & project · Handwritten fives · Ringfence")


def test_the_last_answers_can_be_clicked_and_mended(own_app: AppPage) -> None:
    app = own_app
    first, second = app.burst("ax", pause=150)
    marks = app.page.locator(".round i")
    expect(marks).to_have_text(["●", "✕", *[""] * 8])
    app.look()
    app.button(f"Item {first}, answered normal").click()
    expect(app.image).to_have_attribute("aria-label", f"Item {first} of the pool")
    assert app.press("x") == first
    app.expect_kept()
    expect(app.button(f"Item {second}, answered anomalous")).to_be_visible()
    expect(app.button(f"Item {first}, answered anomalous")).to_be_visible()
    app.expect_budget(28)


def test_a_round_tells_what_it_brought_and_a_spent_budget_what_to_do(own_app: AppPage) -> None:
    app = own_app
    filled = app.page.locator(".round i:not(:empty)")
    app.burst("axaxaxaxa", pause=150)
    expect(filled).to_have_count(9)
    app.burst("x")
    expect(filled).to_have_count(0)  # the next ten
    told = app.page.locator(".learned")
    expect(told).to_contain_text("It learned from 10 new answers", timeout=2 * SLOW)
    app.burst("a" * 20, pause=150)
    expect(app.page.locator(".empty")).to_contain_text("All 30 labels", timeout=SLOW)
    expect(app.page.locator(".film")).to_be_hidden()
    app.page.locator(".ways").get_by_role("button", name="Tune").click()
    expect(app.link("Tune")).to_have_attribute("aria-current", "page")
