"""A threshold is dragged in a browser; what follows is what numpy says, and survives a reload."""

import re

import numpy as np
import pytest
from app_page import AppPage
from numpy.typing import NDArray
from playwright.sync_api import Locator, expect
from server import Server, wait_for
from sklearn.metrics import confusion_matrix

pytestmark = pytest.mark.browser

THRESHOLD = """board => {
    let place = board
    while (place && !place.ringfence) place = place.parentNode ?? place.host
    return place.ringfence.threshold
}"""
BARS = """plot => {
    let place = plot
    while (place && !place.ringfence) place = place.parentNode ?? place.host
    const { axis, histogram } = place.ringfence
    return [axis.score(48 / 60), axis.score(49 / 60), histogram.at(0.801)]
}"""
CELLS = ("passed", "false-alarm", "missed", "caught")


class TunePage:
    """The Tune page of a tab."""

    def __init__(self, app: AppPage) -> None:
        self.app = app
        self.board = app.page.locator(".tune")

    @property
    def slider(self) -> Locator:
        return self.board.get_by_role("slider", name="Threshold")

    @property
    def threshold(self) -> float:
        return float(self.board.evaluate(THRESHOLD))

    def cell(self, name: str) -> Locator:
        return self.board.locator(f"[data-cell={name}]")

    def expect_counts(self, counts: NDArray[np.int64]) -> None:
        """Wait until the matrix shows these counts."""
        for name, count in zip(CELLS, counts.ravel().tolist(), strict=True):
            expect(self.cell(name).locator("b")).to_have_text(f"{count:,}")

    def drag(self, share: float) -> None:
        """Drag the line by a share of the axis."""
        self.slider.scroll_into_view_if_needed()
        grip, plot = self.slider.bounding_box(), self.board.locator(".plot").bounding_box()
        assert grip is not None
        assert plot is not None
        x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
        mouse = self.app.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + share * plot["width"] / 2, y)
        mouse.move(x + share * plot["width"], y)
        mouse.up()

    def expect_address(self) -> None:
        """Wait until the address names the threshold on screen."""
        text = re.escape(f"threshold={self.threshold!r}")
        expect(self.app.page).to_have_url(re.compile(text))


@pytest.fixture
def tuning(app: AppPage) -> TunePage:
    app.visit("Tune")
    page = TunePage(app)
    expect(page.slider).to_be_visible()
    return page


@pytest.fixture
def known(server: Server) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    folder = server.data_dir / "projects" / "1"
    model = server.store.models.active(1)
    assert model is not None
    scores = np.load(server.data_dir / model.directory / "test-scores.npy").astype(float)
    return np.load(folder / "truth" / "test.npy") < 0, scores


def test_dragging_and_keys_move_the_matrix_and_a_reload_keeps_it(tuning: TunePage, known) -> None:
    anomalous, scores = known
    before = tuning.threshold
    tuning.drag(0.12)
    assert tuning.threshold > before
    tuning.expect_counts(confusion_matrix(anomalous, scores > tuning.threshold))
    tuning.expect_address()

    dragged = tuning.threshold
    tuning.slider.focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowLeft"):
        tuning.app.page.keyboard.press(key)
    assert tuning.threshold < dragged
    tuning.expect_counts(confusion_matrix(anomalous, scores > tuning.threshold))
    tuning.expect_address()

    kept = tuning.threshold
    tuning.app.page.reload()
    expect(tuning.slider).to_be_visible()
    tuning.expect_counts(confusion_matrix(anomalous, scores > kept))
    assert tuning.threshold == kept
    tuning.app.button("Reset to recommended").click()
    expect(tuning.app.page).not_to_have_url(re.compile("threshold="))
    tuning.expect_counts(confusion_matrix(anomalous, scores > before))


def test_a_cell_shows_exactly_its_images_and_one_opens(tuning: TunePage, known) -> None:
    anomalous, scores = known
    tuning.cell("false-alarm").click()
    expect(tuning.cell("false-alarm")).to_have_attribute("aria-pressed", "true")
    wanted = np.flatnonzero(~anomalous & (scores > tuning.threshold))
    shown = tuning.app.page.get_by_role("group", name=re.compile("^False alarms")).get_by_role(
        "button"
    )
    expect(shown).to_have_count(len(wanted))
    names = shown.evaluate_all("all => all.map(one => Number(one.dataset.item))")
    assert sorted(names) == wanted.tolist()
    shown.first.click()
    expect(tuning.app.page).to_have_url(re.compile(rf"[?&]look={names[0]}\b"))
    sentence = f"score {scores[names[0]]:.4g}, threshold {tuning.threshold:.4g}"
    expect(tuning.app.page.get_by_text(sentence)).to_be_visible()
    tuning.cell("missed").click()
    expect(tuning.app.page.get_by_text(sentence)).to_have_count(0)


def test_saved_thresholds_are_listed_and_compared(tuning: TunePage, server: Server, known) -> None:
    _, scores = known
    page = tuning.app.page
    saved = []
    for share, reason in ((0.0, "As it is proposed."), (0.15, "Fewer alarms.")):
        if share:
            tuning.drag(share)
            tuning.expect_address()
        saved.append(tuning.threshold)
        tuning.app.button("Save this threshold").click()
        tuning.app.fill("Why this threshold", reason)
        tuning.app.button("Save it").click()
        table = page.get_by_role("region", name="Saved thresholds")
        expect(table.get_by_text(reason)).to_be_visible()
    between = int(((scores > saved[0]) & (scores <= saved[1])).sum())
    expect(page.get_by_text(f"They disagree about {between:,} of {len(scores):,}")).to_be_visible()
    points = server.store.models.operating_points(1)
    assert [point.threshold for point in points] == saved
    assert points[1].purpose == "set by hand"


def test_hovering_tells_what_is_there_and_looking_shows_it(tuning: TunePage, known) -> None:
    anomalous, scores = known
    page, plot = tuning.app.page, tuning.board.locator(".plot")
    box = plot.bounding_box()
    assert box is not None
    plot.hover(position={"x": 0.801 * box["width"], "y": 60})
    tip = plot.locator(".tip")
    expect(tip).to_contain_text(re.compile(r"score [\d.e+-]+, higher than [\d.]+ % of the pool"))
    low, high, counts = plot.evaluate(BARS)
    inside = (scores >= low) & (scores < high)
    assert counts == {
        "normal": int((inside & ~anomalous).sum()),
        "anomalous": int((inside & anomalous).sum()),
    }
    expect(tip).to_contain_text(
        f"these bars: {counts['normal']:,} normal, {counts['anomalous']:,} anomalous"
    )

    before = tuning.threshold
    plot.click(position={"x": 0.801 * box["width"], "y": 60})
    expect(page).to_have_url(re.compile(r"near="))
    assert tuning.threshold == before
    tuning.slider.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(f"near={tuning.threshold!r}")))
    shown = page.get_by_role("group", name="Nearest").get_by_role("button")
    expect(shown).to_have_count(12)
    nearest = np.argsort(abs(scores - tuning.threshold), kind="stable")[:12].tolist()
    nearest_first = ",".join(map(str, nearest))
    items = "all => all.map(one => one.dataset.item).join()"
    wait_for("those at the threshold", lambda: shown.evaluate_all(items) == nearest_first)

    roc = tuning.board.locator("figure").nth(1)
    roc.locator("svg[role=img]").hover()
    expect(roc.locator(".tip")).to_contain_text("recall")
    address = page.url
    roc.locator("svg[role=img]").press("ArrowRight")
    expect(roc.get_by_role("status")).to_contain_text("recall")
    roc.locator("svg[role=img]").press("Enter")
    expect(page).not_to_have_url(address)
    address = page.url
    roc.locator("svg[role=img]").click()
    expect(page).not_to_have_url(address)
    expect(page).to_have_url(re.compile(r"near="))
