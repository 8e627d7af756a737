"""The map plays through the versions, its lasso fills the desk, and an address opens an item."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from app_page import SLOW, AppPage
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect
from published import array_in
from ready_project import prepare
from server import Server, wait_for
from workshop import Workshop

pytestmark = pytest.mark.browser

VERSIONS = 3
FIND = """canvas => {
    let node = canvas
    while (!node.ringfence) node = node.parentNode ?? node.host
    return node.ringfence.sphere.places
}"""
DRAWN = f"canvas => Array.from(({FIND})(canvas).drawn)"
PLACES = f"""canvas => {{
    const places = ({FIND})(canvas)
    return [places.away(places.radius), places.half, places.former]
}}"""
IMAGES = """canvas => {
    let node = canvas
    while (!node.ringfence) node = node.parentNode ?? node.host
    const { items, kept } = node.ringfence.thumbnails
    return items.length > 0 && items.every(item => kept.get(item)?.complete) ? items.length : 0
}"""
RADIUS = f"canvas => ({FIND})(canvas).radius"
MIDDLE = f"canvas => ({FIND})(canvas).middle"
ARRIVED = f"""async canvas => {{
    while (({FIND})(canvas).share < 1) await new Promise(requestAnimationFrame)
}}"""
NOTE_VERSIONS = """canvas => {
    window.seenVersions = []
    const note = () => window.seenVersions.push(Number(canvas.dataset.version))
    new MutationObserver(note).observe(canvas, { attributeFilter: ["data-version"] })
}"""


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose project has three model versions."""
    data_dir = tmp_path_factory.mktemp("taught") / "data"
    prepare(data_dir)
    with Workshop(data_dir) as shop:
        for _ in range(VERSIONS - 1):
            shop.answer(10)
            shop.projects.tend(shop.id)
            shop.work()
        assert shop.model.version == VERSIONS
    with Server(data_dir) as running:
        yield running


class Explore(AppPage):
    """The Explore page."""

    def __init__(self, page: Page, server: Server) -> None:
        super().__init__(page, server.url)
        self.server = server
        self.failures: list[str] = []
        page.on("pageerror", lambda error: self.failures.append(str(error)))

    def enter(self, query: str = "") -> None:
        """Open the page by its address and wait for the newest version's map."""
        self.page.goto(f"{self.url}/explore?project=1{query}")
        self.expect_version(VERSIONS)

    @property
    def canvas(self):
        """The map."""
        return self.page.locator("canvas.canvas")

    def expect_version(self, version: int) -> None:
        """Wait until the map shows a version."""
        expect(self.canvas).to_have_attribute("data-version", str(version), timeout=60_000)

    def drawn(self) -> NDArray[np.float64]:
        """Where the items are, once there, (n, 2) CSS pixels from the corner of the map."""
        self.canvas.evaluate(ARRIVED)
        return np.array(self.canvas.evaluate(DRAWN)).reshape(-1, 2)

    def array(self, name: str) -> NDArray[np.float64]:
        """A published array of the project."""
        return array_in(self.server.data_dir / "projects" / "1", name)

    def radius(self, version: int) -> float:
        """The radius of a model version."""
        return float(self.server.store.models.all(1)[version - 1].metrics["R"])


@pytest.fixture
def explore(tab: Page, taught: Server) -> Iterator[Explore]:
    page = Explore(tab, taught)
    yield page
    assert page.failures == []


def test_playing_goes_through_the_versions_and_the_sphere_follows(explore: Explore) -> None:
    explore.enter()
    explore.canvas.evaluate(NOTE_VERSIONS)
    explore.button("Play").click()
    expect(explore.button("Pause")).to_be_visible()
    expect(explore.button("Play")).to_be_visible(timeout=60_000)
    explore.expect_version(VERSIONS)
    explore.canvas.evaluate(ARRIVED)
    assert explore.page.evaluate("window.seenVersions") == [*range(1, VERSIONS + 1)]
    expect(explore.page.locator(".told")).to_contain_text(f"Model {VERSIONS},")
    assert explore.canvas.evaluate(RADIUS) == pytest.approx(explore.radius(VERSIONS))


def test_a_heatmap_tells_by_key_what_it_tells_to_a_pointer(explore: Explore) -> None:
    explore.enter("&item=3")
    page = explore.page
    heatmap = page.get_by_role("application", name=re.compile("^Map of the pixels"))
    tip = page.locator(".heatmap .tip")
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowLeft"):
        heatmap.press(key)
    words = tip.inner_text()
    assert re.fullmatch(r"Row 13, column 4: (brighter|darker) by [\d.]+", words)
    expect(page.locator(".heatmap .reached")).to_have_text(words)
    heatmap.press("Escape")
    expect(tip).to_be_hidden()
    box = heatmap.locator("canvas").bounding_box()
    assert box is not None
    place = {"x": 4.5 / 28 * box["width"], "y": 13.5 / 28 * box["height"]}
    heatmap.locator("canvas").hover(position=place)  # type: ignore[arg-type]
    expect(tip).to_have_text(words)
    image = explore.array("pool")[3].astype(float) / 255
    made = explore.array("reconstructions")[3].astype(float) / 255
    by = (image - made)[13, 4]
    assert words.endswith(f"{'brighter' if by >= 0 else 'darker'} by {abs(by):.3f}")


def test_versions_are_stepped_through_by_key_and_places_are_true(explore: Explore) -> None:
    explore.enter()
    explore.button("Even scale").click()
    slider = explore.page.get_by_role("slider", name="Model version")
    slider.focus()
    for version in (2, 1):
        explore.page.keyboard.press("ArrowLeft")
        explore.expect_version(version)
        scores = explore.array(f"models/{version}/scores")
        outside = int(np.sum(np.sqrt(scores) > explore.radius(version)))
        expect(explore.page.locator(".told")).to_contain_text(f"{outside} items outside")
        drawn = explore.drawn()
        away = np.linalg.norm(drawn - explore.canvas.evaluate(MIDDLE), axis=1) / np.sqrt(scores)
        np.testing.assert_allclose(away, away[0], rtol=0.01)


def test_the_sphere_is_as_large_on_every_map_and_the_one_before_stays_as_a_ring(
    explore: Explore,
) -> None:
    explore.enter()
    assert explore.canvas.evaluate(PLACES)[2] is None
    slider = explore.page.get_by_role("slider", name="Model version")
    for version in (2, 1):
        slider.press("ArrowLeft")
        explore.expect_version(version)
        scores, R = explore.array(f"models/{version}/scores"), explore.radius(version)
        away = np.linalg.norm(explore.drawn() - explore.canvas.evaluate(MIDDLE), axis=1)
        drawn_r, half, former = explore.canvas.evaluate(PLACES)
        assert drawn_r == pytest.approx(0.45 * half)
        assert former == pytest.approx(explore.radius(version + 1))
        distance = np.sqrt(scores)
        inside = distance < R
        np.testing.assert_allclose(away[inside], drawn_r * distance[inside] / R, rtol=0.01)
        beyond = np.argsort(distance)[inside.sum() :]
        assert (np.diff(away[beyond]) > -0.1).all()  # as far as places are exact
        assert away.max() < half


def test_a_key_draws_all_distances_alike_and_back(explore: Explore) -> None:
    explore.enter()
    explore.canvas.focus()
    even = explore.button("Even scale")
    for pressed in ("true", "false"):
        explore.page.keyboard.press("e")
        expect(even).to_have_attribute("aria-pressed", pressed)


def test_from_near_items_are_shown_by_their_images(explore: Explore) -> None:
    explore.enter()
    assert explore.canvas.evaluate(IMAGES) == 0
    for _ in range(5):
        explore.page.get_by_role("button", name="Zoom in").click()
    wait_for("images on the map", lambda: explore.canvas.evaluate(IMAGES) > 0)
    explore.button("Whole").click()
    assert explore.canvas.evaluate(IMAGES) == 0


def test_who_wants_no_motion_gets_none(chromium: Browser, taught: Server) -> None:
    context = chromium.new_context(reduced_motion="reduce")
    explore = Explore(context.new_page(), taught)
    explore.enter()
    explore.page.get_by_role("slider", name="Model version").press("Home")
    explore.expect_version(1)
    assert explore.canvas.evaluate(RADIUS) == pytest.approx(explore.radius(1))
    context.close()


def test_the_lasso_sends_what_it_encloses_to_the_desk(explore: Explore) -> None:
    explore.enter()
    answered = {event.item for event in explore.server.store.events.standing(1)}
    scores = explore.array(f"models/{VERSIONS}/scores")
    drawn = explore.drawn()
    target = drawn[np.argsort(-scores)[5]]
    corners = [target + delta for delta in ([-60, -60], [60, -60], [60, 60], [-60, 60])]
    low, high = np.maximum(np.min(corners, axis=0), 2), np.max(corners, axis=0)
    inside = np.flatnonzero(((drawn > low) & (drawn < high)).all(axis=1))
    expected = [item for item in inside.tolist() if item not in answered]
    expected.sort(key=lambda item: -scores[item])
    assert expected

    explore.button("Lasso").click()
    explore.canvas.scroll_into_view_if_needed()
    box = explore.canvas.bounding_box()
    assert box is not None
    mouse, corner = explore.page.mouse, np.array([box["x"], box["y"]])
    path = [low, [high[0], low[1]], high, [low[0], high[1]], low]
    mouse.move(*(corner + path[0]))
    mouse.down()
    for at in path[1:]:
        mouse.move(*(corner + at), steps=12)
    mouse.up()
    expect(explore.page.get_by_text(f"{len(inside)} chosen,")).to_be_visible(timeout=SLOW)
    explore.button(f"Send {len(expected)} to Label").click()
    front = "1 item is" if len(expected) == 1 else f"{len(expected)} items are"
    expect(explore.page.get_by_text(f"{front} in front on your desk")).to_be_visible(timeout=SLOW)
    explore.page.reload()
    expect(explore.page.get_by_text(f"{front} in front on your desk")).to_be_visible(timeout=60_000)

    explore.visit("Label")
    assert explore.current_item() == expected[0]
    coming = explore.coming_items()
    many = min(len(coming), len(expected) - 1)
    assert coming[:many] == expected[1 : 1 + many]
    explore.press("a")
    explore.expect_kept()
    assert explore.server.store.events.since(1)[-1].strategy == "explore"
    explore.server.store.priorities.forget(1, explore.server.store.people.all()[0].id)


def test_a_click_on_the_map_and_an_address_open_the_same_item(explore: Explore) -> None:
    explore.enter()
    item = int(np.argmax(explore.array(f"models/{VERSIONS}/scores")))
    x, y = explore.drawn()[item]
    explore.canvas.click(position={"x": x, "y": y})
    shown = explore.page.get_by_role("img", name=f"Item {item} of the pool")
    expect(shown).to_be_visible(timeout=SLOW)
    expect(explore.page).to_have_url(re.compile(rf"item={item}\b"))
    explore.page.reload()
    expect(shown).to_be_visible(timeout=60_000)
    expect(explore.page.get_by_text("number 1 from the top")).to_be_visible()
    explore.expect_version(VERSIONS)


def test_the_map_is_walked_by_key_and_enter_opens_an_item(explore: Explore) -> None:
    explore.enter()
    explore.canvas.focus()
    explore.page.keyboard.press("ArrowRight")
    told = explore.page.locator(".live")
    expect(told).to_contain_text(re.compile(r"^Item [\d,]+, .*(inside|outside).* R\)"))
    first = told.inner_text()
    explore.page.keyboard.press("ArrowRight")
    expect(told).not_to_have_text(first)
    item = re.findall(r"\d+", told.inner_text())[0]
    explore.page.keyboard.press("Enter")
    expect(explore.page).to_have_url(re.compile(rf"item={item}\b"), timeout=SLOW)


def test_the_inspector_computes_where_the_distance_comes_from(explore: Explore) -> None:
    explore.enter("&item=41")
    explore.button("Compute it").click()
    told = explore.page.get_by_text("the less a place looks like what is normal")
    expect(told).to_be_visible(timeout=120_000)


def test_a_gallery_opens_an_item(explore: Explore) -> None:
    explore.enter()
    scores = explore.array(f"models/{VERSIONS}/scores")
    second = int(np.argsort(-scores, kind="stable")[1])
    explore.page.get_by_role("button", name=f"Item {second}, score").click()
    expect(explore.page).to_have_url(re.compile(rf"item={second}\b"), timeout=SLOW)
    shown = explore.page.get_by_role("img", name=f"Item {second} of the pool")
    expect(shown).to_be_visible(timeout=SLOW)


def test_a_row_of_the_table_opens_an_item_in_sight(explore: Explore) -> None:
    explore.enter()
    scores = explore.array(f"models/{VERSIONS}/scores")
    first, second = np.argsort(-scores, kind="stable")[:2].tolist()
    explore.page.get_by_role("button", name=f"Item {first}; open it").focus()
    explore.page.keyboard.press("ArrowDown")
    explore.page.keyboard.press("Enter")
    expect(explore.page).to_have_url(re.compile(rf"item={second}\b"), timeout=SLOW)
    shown = explore.page.get_by_role("img", name=f"Item {second} of the pool")
    expect(shown).to_be_in_viewport(timeout=SLOW)
    with explore.page.expect_download(timeout=60_000) as taken:
        explore.button("Download as CSV").click()
    assert len(taken.value.path().read_text().splitlines()) == len(scores) + 1
