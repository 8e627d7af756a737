"""Try it yourself: what is drawn, uploaded or taken gets the published model's own number."""

import base64
import io
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_page import SLOW, AppPage
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from published import array_in
from server import Server

from anomaly_core.checkpoint import load_detector
from state.files.artifacts import project_folder

pytestmark = pytest.mark.browser

WARM = 120_000  # milliseconds that the process that scores may need to start on a busy machine
FIVE = ((0.68, 0.18), (0.36, 0.18), (0.34, 0.45), (0.6, 0.45), (0.64, 0.66), (0.33, 0.78))
ACROSS = ((0.15, 0.2), (0.85, 0.8))


class TryIt(AppPage):
    """The section on the Present page."""

    def __init__(self, page: Page, server: Server) -> None:
        super().__init__(page, server.url)
        self.data_dir: Path = server.data_dir
        self.failures: list[str] = []
        page.on("pageerror", lambda error: self.failures.append(str(error)))

    def enter(self) -> None:
        """Open the page and wait for the sheet."""
        self.open("present")
        expect(self.sheet).to_be_visible(timeout=WARM)

    @property
    def sheet(self) -> Locator:
        """What is drawn on."""
        return self.page.get_by_role("application", name="Drawing area")

    def stroke(self, way: tuple[tuple[float, float], ...]) -> None:
        """Draw with the mouse through places given as shares of the sheet."""
        self.hold(way[0])
        for place in way[1:]:
            self.move(place)
        self.page.mouse.up()

    def hold(self, place: tuple[float, float]) -> None:
        """Put the mouse down on a place of the sheet."""
        self.sheet.scroll_into_view_if_needed()
        self.move(place)
        self.page.mouse.down()

    def release(self, place: tuple[float, float]) -> None:
        """Draw on to a place of the sheet, and lift the mouse there."""
        self.move(place)
        self.page.mouse.up()

    def move(self, place: tuple[float, float]) -> None:
        """Move the mouse to a place of the sheet."""
        box = self.sheet.bounding_box()
        assert box is not None
        right, down = box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"]
        self.page.mouse.move(right, down, steps=6)

    @property
    def number(self) -> Locator:
        """The line of the verdict that holds the numbers."""
        return self.page.get_by_text(re.compile(r"Its distance is [\d.]+, the threshold lies at"))

    @property
    def nothing(self) -> Locator:
        """What is said while there is nothing to judge."""
        return self.page.get_by_text("Nothing tried yet")

    def distance(self) -> float:
        """The distance in the verdict."""
        expect(self.number).to_be_visible(timeout=WARM)
        found = re.search(r"distance is ([\d.]+),", self.number.inner_text())
        assert found is not None
        return float(found[1])

    def wait_for_another(self, distance: float) -> float:  # type: ignore[override]
        """Wait until the verdict is another than that of `distance`."""
        expect(self.number).not_to_contain_text(f"distance is {distance:.3f},", timeout=SLOW)
        return self.distance()

    def seen(self) -> NDArray[np.uint8]:
        """The image that the page shows as what the model sees."""
        source = self.page.get_by_alt_text("The image as the model sees it").get_attribute("src")
        assert source is not None
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))))

    def choose_source(self, name: str) -> None:
        """Draw, upload or take one of the pool."""
        self.page.get_by_test_id("stMain").get_by_role("radio", name=name, exact=True).click()

    def switch(self, name: str) -> Locator:
        """A switch by how its name begins."""
        return self.page.get_by_role("switch", name=re.compile(f"^{name}"))

    def array(self, name: str) -> NDArray[Any]:
        """A published array of the project."""
        return array_in(project_folder(self.data_dir, 1), name)

    def expected(self, image: NDArray[np.uint8]) -> float:
        """The distance that the published model gives an image."""
        (folder,) = project_folder(self.data_dir, 1).glob("models/1-*")
        detector = load_detector(folder)
        return float(np.sqrt(detector.decision_function(image[None])[0]))


@pytest.fixture
def try_it(tab: Page, server: Server) -> Iterator[TryIt]:
    page = TryIt(tab, server)
    page.enter()
    yield page
    assert page.failures == []


def test_a_stroke_is_judged_at_once_by_the_published_model(try_it: TryIt) -> None:
    expect(try_it.nothing).to_be_visible()
    try_it.stroke(FIVE)
    first = try_it.distance()
    assert first == pytest.approx(try_it.expected(try_it.seen()), abs=1e-3)
    expect(try_it.page.get_by_role("img", name=re.compile("side the sphere, with"))).to_be_visible()
    threshold = re.search(r"the threshold lies at ([\d.]+\d)", try_it.number.inner_text())
    assert threshold is not None
    odd = first > float(threshold[1])
    words = "Flagged: beyond the threshold" if odd else "Passed: within the threshold"
    expect(try_it.page.get_by_text(words)).to_be_visible()
    expect(try_it.page.get_by_text("by the pretraining autoencoder")).to_be_visible()

    scores = try_it.array("models/1/scores")
    lower = 100 * np.mean(np.sqrt(scores) < first)
    told = try_it.page.get_by_text(f"of what is normal than {lower:.1f} % of the pool")
    expect(told).to_be_visible()

    try_it.stroke(ACROSS)
    second = try_it.wait_for_another(first)
    assert second == pytest.approx(try_it.expected(try_it.seen()), abs=1e-3)
    try_it.button("Undo stroke").click()
    assert try_it.wait_for_another(second) == first
    try_it.button("Clear").click()
    expect(try_it.nothing).to_be_visible()
    expect(try_it.button("Clear")).to_be_disabled()
    expect(try_it.button("Clear")).to_be_focused()  # the keyboard goes on from here


def test_what_is_drawn_is_centered_like_the_pool(try_it: TryIt) -> None:
    try_it.stroke(((0.05, 0.05), (0.05, 0.25), (0.2, 0.25)))
    try_it.distance()
    image = try_it.seen().astype(float)
    pool = try_it.array("pool").astype(float)
    for axis in (0, 1):
        places = np.arange(28) + 0.5
        center = image.sum(1 - axis) @ places / image.sum()
        usual = [one.sum(1 - axis) @ places / one.sum() for one in pool]
        assert center == pytest.approx(np.mean(usual), abs=0.5)


def test_drawing_by_keyboard_alone(try_it: TryIt) -> None:
    try_it.sheet.focus()
    keys = try_it.page.keyboard
    for key in ("Space", *["Shift+ArrowDown"] * 3, *["ArrowRight"] * 8, "Space"):
        keys.press(key)
    drawn = try_it.distance()
    assert drawn == pytest.approx(try_it.expected(try_it.seen()), abs=1e-3)
    keys.press("Backspace")
    expect(try_it.nothing).to_be_visible()


def test_a_stroke_that_is_being_drawn_is_not_taken_back(try_it: TryIt) -> None:
    try_it.stroke(FIVE)
    first = try_it.distance()
    try_it.hold(ACROSS[0])
    for tool in ("Undo stroke", "Clear"):
        try_it.button(tool).dispatch_event("click")
    try_it.page.keyboard.press("Backspace")
    try_it.release(ACROSS[1])
    second = try_it.wait_for_another(first)
    try_it.button("Undo stroke").click()
    assert try_it.wait_for_another(second) == first


def test_the_sheet_keeps_its_drawing_while_something_else_is_tried(try_it: TryIt) -> None:
    try_it.stroke(FIVE)
    first = try_it.distance()
    try_it.choose_source("From the pool")
    other = try_it.wait_for_another(first)
    try_it.choose_source("Draw")
    assert try_it.wait_for_another(other) == first
    try_it.button("Undo stroke").click()
    expect(try_it.nothing).to_be_visible()


def test_an_uploaded_item_of_the_pool_gets_its_own_score(try_it: TryIt) -> None:
    item = 17
    picture = try_it.array("pool")[item]
    try_it.choose_source("Upload")
    upload(try_it, "digit.png", picture)
    own = float(np.sqrt(try_it.array("models/1/scores")[item]))
    assert try_it.distance() == pytest.approx(own, abs=1e-3)
    np.testing.assert_array_equal(try_it.seen(), picture)

    upload(try_it, "paper.png", 255 - np.kron(picture, np.ones((8, 8), np.uint8)))
    swap, center = map(try_it.switch, ("Swap black and white", "Center and scale like the images"))
    expect(swap).to_be_checked()  # dark ink on light paper
    expect(center).to_be_checked()
    try_it.wait_for_another(own)  # it is not centered quite like that
    try_it.wait_until_drawn()
    center.press("Space")
    expect(try_it.number).to_contain_text(f"distance is {own:.3f},", timeout=SLOW)
    np.testing.assert_array_equal(try_it.seen(), picture)
    try_it.wait_until_drawn()
    swap.press("Space")
    assert try_it.wait_for_another(own) == pytest.approx(try_it.expected(255 - picture), abs=1e-3)


def upload(try_it: TryIt, name: str, picture: NDArray[np.uint8]) -> None:
    """Choose a file that holds a picture."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    send(try_it, name, file.getvalue())


def send(try_it: TryIt, name: str, data: bytes) -> None:
    """Choose a file."""
    field = try_it.page.locator('[data-testid="stFileUploader"] input[type=file]')
    field.set_input_files({"name": name, "mimeType": "image/png", "buffer": data})


def test_a_file_that_is_no_picture_is_one_sentence(try_it: TryIt) -> None:
    try_it.choose_source("Upload")
    send(try_it, "broken.png", b"no picture")
    told = try_it.page.get_by_text("not a picture that can be read")
    expect(told).to_be_visible()
    expect(try_it.nothing).to_be_visible()


def test_an_item_of_the_pool_is_taken_by_keyboard(try_it: TryIt) -> None:
    try_it.choose_source("From the pool")
    first = try_it.distance()
    assert first == pytest.approx(try_it.expected(try_it.seen()), abs=1e-3)
    said = try_it.page.get_by_text(re.compile(r"^Item [\d,]+ of the pool, drawn at random")).first
    item = int(re.sub(r"\D", "", said.inner_text()))
    np.testing.assert_array_equal(try_it.seen(), try_it.array("pool")[item])
    try_it.button("Take another").press("Enter")
    try_it.wait_for_another(first)


def test_a_killed_process_is_replaced_and_the_drawing_judged(try_it: TryIt) -> None:
    try_it.stroke(FIVE)
    first = try_it.distance()
    os.kill(scorer_of(try_it.data_dir), signal.SIGKILL)
    try_it.stroke(ACROSS)
    expect(try_it.page.get_by_text("Warming up")).to_be_visible()
    expect(try_it.number).to_be_visible(timeout=WARM)
    assert try_it.distance() != first
    assert try_it.distance() == pytest.approx(try_it.expected(try_it.seen()), abs=1e-3)


def scorer_of(data_dir: Path) -> int:
    """The process that scores for the server on a data directory."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            environment = (process / "environ").read_bytes()
        except OSError:  # it has just ended, or is another user's
            continue
        if b"state.workers.scorer" in command and os.fsencode(data_dir) in environment:
            return int(process.name)
    raise AssertionError("no process scores")
