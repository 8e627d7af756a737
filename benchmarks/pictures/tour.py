"""Record the tour at the top of README: from the first answer to what those see who decide.

    python -m benchmarks.pictures.tour [--output docs/pictures/tour.gif]

The project is the one a newcomer gets, answered from the truth by keyboard while the camera runs.
Needs Playwright and a Chromium.
"""

import argparse
import io
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright

from benchmarks.keys import FLAGS, browser_path, server
from benchmarks.staging.labeled import PROJECT, prepare_labeled
from state.files.artifacts import project_folder
from state.projects.projects import ProjectForm
from state.settings import APP

WINDOW = {"width": 1280, "height": 800}
SIZE = (960, 600)  # pixels of the film
COLOURS, PALETTE = 128, 8  # from one of so many frames
SLOW = 60_000  # ms that a busy machine may need
GLIDES = 9  # frames while items glide to their places
ROUND = 10
KEYS = {1: "a", -1: "x"}
SEEN = "keys,undo,sphere"  # hints that would cover something
ITEM = re.compile(r"^Item (\d+) of the pool$")
CAPTION = """text => {
    const place = document.getElementById("caption") ?? document.body.appendChild(
        Object.assign(document.createElement("p"), { id: "caption" }))
    place.style = `position: fixed; left: 50%; bottom: 18px; transform: translateX(-50%);
        z-index: 1000000; margin: 0; padding: 12px 26px; border-radius: 999px;
        background: #1b2333; color: #fff; font: 600 23px sans-serif;
        white-space: nowrap; box-shadow: 0 4px 18px #0005`
    place.textContent = text
}"""


def main() -> int:
    """Prepare a project, go through it, and save the film."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=APP / "docs" / "pictures" / "tour.gif")
    output: Path = parser.parse_args().output
    with tempfile.TemporaryDirectory(
        prefix="ringfence-tour-", ignore_cleanup_errors=True
    ) as directory:
        data_dir = Path(directory) / "data"
        prepare_labeled(data_dir, ProjectForm(), labels=0, rounds=0)
        truth = np.load(project_folder(data_dir, PROJECT) / "truth" / "pool.npy")
        with server(data_dir) as (url, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
            film = Film(browser.new_page(viewport=WINDOW))  # type: ignore[arg-type]
            go_through(film, url, truth)
            browser.close()
    film.save(output)
    print(f"{len(film.frames)} frames, {output.stat().st_size / 1e6:.1f} MB: {output}")
    return 0


@dataclass
class Film:
    """Frames of a page, each with how long it is shown."""

    page: Page
    frames: list[Image.Image] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)  # ms

    def take(self, length: int) -> None:
        """Show what is on screen now for so many ms."""
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        self.frames.append(picture.resize(SIZE, Image.Resampling.LANCZOS))
        self.lengths.append(length)

    def say(self, text: str) -> None:
        """Write a caption over the page."""
        self.page.evaluate(CAPTION, text)

    def save(self, path: Path) -> None:
        """Write the frames as a GIF, all in the same few colours."""
        width, height = SIZE
        strip = Image.new("RGB", (width, height * len(self.frames[::PALETTE])))
        for place, frame in enumerate(self.frames[::PALETTE]):
            strip.paste(frame, (0, height * place))
        colours = strip.quantize(COLOURS, dither=Image.Dither.NONE)
        first, *rest = (
            frame.quantize(palette=colours, dither=Image.Dither.NONE) for frame in self.frames
        )
        first.save(path, save_all=True, append_images=rest, duration=self.lengths, loop=0)


def go_through(film: Film, url: str, truth: NDArray[np.int64]) -> None:
    """Label two rounds, look at why, move the threshold, and present."""
    page = film.page
    page.set_default_timeout(SLOW)
    expect.set_options(timeout=SLOW)
    page.add_init_script(f"localStorage.setItem('ringfence.hints', '{SEEN}')")
    page.goto(f"{url}/label?project={PROJECT}")
    expect(page.locator(".moved")).to_contain_text("Model 2:")  # that the pool has taught
    label(film, truth, "A pile of images, nearly all normal: one key answers")
    label(film, truth, "The model learns from ten answers while you go on")
    visit(film, "Explore", "Every image around the center, and why it lies there")
    page.locator("canvas").first.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
        film.take(300)
    page.keyboard.press("Enter")
    page.wait_for_timeout(4000)
    film.take(2500)
    visit(film, "Tune", "Choose a threshold: what is caught, and what it costs")
    line = page.get_by_role("slider").first
    line.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(120)
        film.take(180)
    film.take(1200)
    visit(film, "Present", "Show it to those who decide: caught, missed, and how sure that is")
    slider = page.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    film.take(3000)


def label(film: Film, truth: NDArray[np.int64], caption: str) -> None:
    """Answer a round by keyboard, and watch items glide to where the new model puts them."""
    page = film.page
    image = page.get_by_role("img", name=ITEM)
    expect(image).to_be_visible()
    moved = page.locator(".moved")
    before = moved.inner_text()
    film.say(caption)
    film.take(1500)
    for _ in range(ROUND):
        item = item_of(image)
        page.wait_for_timeout(350)
        page.keyboard.press(KEYS[int(truth[item])])
        expect(image).not_to_have_attribute("aria-label", f"Item {item} of the pool")
        film.take(260)
    expect(moved).not_to_have_text(before)
    film.say("The sphere is drawn anew, and proposes again")
    for _ in range(GLIDES):
        film.take(180)
    page.wait_for_timeout(1500)
    film.take(1800)


def item_of(image: Locator) -> int:
    """The item on the desk."""
    (item,) = ITEM.findall(image.get_attribute("aria-label") or "")
    return int(item)


def visit(film: Film, title: str, caption: str) -> None:
    """Go to a page by the navigation, and wait until it is drawn."""
    page = film.page
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
    expect(page).to_have_title(re.compile(f"^{title} "))
    expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_timeout(3000)
    film.say(caption)
    film.take(1500)


if __name__ == "__main__":
    sys.exit(main())
