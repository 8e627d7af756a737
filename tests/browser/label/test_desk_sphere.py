"""The map beside the desk: what it shows of items, and how it follows a new model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_page import AppPage
from playwright.sync_api import Browser, Page, expect
from published import array_in
from ready_project import prepare
from server import Server, wait_for
from workshop import Workshop

from anomaly_core.projection import to_plane
from anomaly_core.threshold.rules import contamination_quantile

pytestmark = pytest.mark.browser

FIND = """canvas => {
    let node = canvas
    while (!node.ringfence) node = node.parentNode ?? node.host
    return node.ringfence.screen.sphere
}"""
STATE = f"""canvas => {{
    const {{ items, version, sphere: {{ places }}, told, seen }} = ({FIND})(canvas)
    return {{
        items, version, told, limit: places.limit,
        seen: [...seen.items], to: [...places.to], drawn: [...places.drawn],
        share: places.share, former: places.former, even: places.even,
        radius: places.away(places.radius), half: places.half,
    }}
}}"""
# Notes how far the items have gone, frame by frame, until they are there.
NOTE_SHARES = f"""canvas => {{
    const {{ places }} = ({FIND})(canvas).sphere
    window.shares = []
    const note = () => {{
        if (window.shares.at(-1) !== places.share) window.shares.push(places.share)
        requestAnimationFrame(note)
    }}
    note()
}}"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server whose project gets its second model while a tab is open."""
    data_dir = tmp_path / "data"
    prepare(data_dir, batch_size=10)
    with Server(data_dir) as running:
        yield running


class DeskMap(AppPage):
    """The Label page, and the map on it."""

    def __init__(self, page: Page, server: Server) -> None:
        super().__init__(page, server.url)
        self.server = server
        self.open()
        self.see()
        wait_for("the map", lambda: self.state()["version"] == 1)

    def state(self) -> dict[str, Any]:
        """What the map knows and draws."""
        return dict(self.page.locator("canvas.sphere").evaluate(STATE))

    def learn(self) -> None:
        """Have a second model learn from ten answers of somebody else, and see it on the map."""
        with Workshop(self.server.data_dir) as shop:
            shop.answer(10)
            shop.projects.tend(shop.id)
            shop.work()
            self.radii = [model.metrics["R"] for model in shop.store.models.all(shop.id)]
        wait_for("the new places", lambda: self.state()["version"] == 2)

    def point_at(self, item: int) -> None:
        """Rest the pointer on an item of the map."""
        state = self.state()
        at = 2 * state["items"].index(item)
        x, y = state["drawn"][at : at + 2]
        self.page.locator("canvas.sphere").hover(position={"x": x, "y": y})


@pytest.fixture
def desk(tab: Page, server: Server) -> DeskMap:
    return DeskMap(tab, server)


def test_items_glide_to_the_new_model_through_keys_and_a_sentence_tells_what_changed(
    desk: DeskMap,
) -> None:
    desk.page.locator("canvas.sphere").evaluate(NOTE_SHARES)
    desk.learn()
    for key in "ax":
        desk.page.keyboard.press(key)
    wait_for("the end of the way", lambda: desk.state()["share"] == 1)
    shares = desk.page.evaluate("window.shares")
    gone = shares[shares.index(min(shares)) :]
    assert gone == sorted(gone)
    assert sum(0 < share < 1 for share in gone) > 3
    state = desk.state()
    assert state["former"] == pytest.approx(desk.radii[0])
    assert state["radius"] == pytest.approx(0.45 * state["half"])
    told = f"Model 2: R {desk.radii[0]:.3g} → {desk.radii[1]:.3g}, "
    expect(desk.page.locator(".moved")).to_contain_text(told)
    expect(desk.page.locator(".moved")).to_contain_text("crossed the line")
    folder = desk.server.data_dir / "projects" / "1"
    published = to_plane(*array_in(folder, "models/2/map")[state["items"]].T)
    np.testing.assert_allclose(np.reshape(state["to"], (-1, 2)), published, atol=1e-5)


def test_who_wants_no_motion_sees_the_new_places_at_once(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(reduced_motion="reduce")
    desk = DeskMap(context.new_page(), server)
    desk.page.locator("canvas.sphere").evaluate(NOTE_SHARES)
    desk.learn()
    assert desk.page.evaluate("window.shares") == [1]
    assert desk.state()["former"] == pytest.approx(desk.radii[0])
    context.close()


def test_pointing_at_an_item_shows_its_image_and_counts_as_seeing_the_models_view(
    desk: DeskMap,
) -> None:
    item = desk.current_item()
    desk.point_at(item)
    tip = desk.page.locator(".globe .tip")
    expect(tip).to_contain_text(f"Item {item}, not answered")
    expect(tip).to_contain_text("Asked because")
    expect(tip.locator("canvas")).to_be_visible()
    shown = desk.state()["items"]
    other = next(one for one in shown if one not in [item, *desk.coming_items()])
    desk.page.mouse.move(0, 0)
    expect(tip).to_be_hidden()
    desk.press("a")
    desk.press("x")
    desk.expect_kept()
    first, second = desk.server.store.events.since(1)[-2:]
    assert (first.item, first.prediction_shown) == (item, True)
    assert not second.prediction_shown
    desk.point_at(other)  # none that the tab has the image of
    expect(tip).to_contain_text(" R)")
    expect(tip.locator("canvas")).to_be_visible()


def test_the_map_is_walked_by_key_and_leaves_the_keys_of_the_desk(desk: DeskMap) -> None:
    desk.page.locator("canvas.sphere").focus()
    desk.page.keyboard.press("ArrowRight")
    expect(desk.page.locator(".globe .tip")).to_contain_text(" R)")
    item = desk.current_item()
    desk.page.keyboard.press("a")
    desk.wait_for_another(item)
    for even in (True, False):
        desk.page.keyboard.press("e")
        assert desk.state()["even"] == even
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator(".globe .tip")).to_be_hidden()


def test_the_line_beyond_which_images_are_flagged_is_drawn(desk: DeskMap) -> None:
    scores = array_in(desk.server.data_dir / "projects" / "1", "models/1/scores")
    share = desk.server.store.projects.get(1).scenario["contamination"]
    expected = np.sqrt(contamination_quantile(scores, share))
    assert desk.state()["limit"] == pytest.approx(expected, rel=1e-5)


def test_the_order_of_what_is_proposed_is_the_models_view(desk: DeskMap) -> None:
    assert desk.state()["seen"] == []
    desk.page.keyboard.press("p")
    wait_for("the model's view", lambda: desk.state()["told"])
    item, coming = desk.current_item(), desk.coming_items()
    assert {item, *coming} <= set(desk.state()["seen"])
    desk.page.keyboard.press("p")
    desk.press("a")  # it was told where this one lies, and the next
    desk.expect_kept()
    desk.page.reload()  # which forgets nothing
    desk.press("a")
    desk.expect_kept()
    assert [event.prediction_shown for event in desk.server.store.events.since(1)] == [True, True]
