"""Take the pictures of every page: light and dark, in a wide window and in a narrow one.

    python -m benchmarks.pictures [--output docs/pictures]

The project is the one a newcomer gets, with 60 answers from the truth and a model for every ten.
Needs Playwright and a Chromium.
"""

import argparse
import io
import itertools
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from benchmarks.keys import FLAGS, browser_path, server
from benchmarks.staging.labeled import prepare_labeled
from benchmarks.visits import Place, load, places_of
from state.projects.projects import ProjectForm
from state.settings import APP

LABELS, ROUNDS = 60, 6
WIDTHS, THEMES = (1440, 800), ("light", "dark")
HEIGHT, TALLEST = 900, 2600  # CSS pixels
COLOURS = 128
SETTLED = 800  # ms after which what fades in or moves has come to rest
WHOLE = "() => document.querySelector('[data-testid=stMain]').scrollHeight"


def main() -> int:
    """Prepare a project and take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=APP / "docs" / "pictures")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix="ringfence-pictures-", ignore_cleanup_errors=True
    ) as directory:
        data_dir = Path(directory) / "data"
        prepare_labeled(data_dir, ProjectForm(), LABELS, ROUNDS)
        with server(data_dir) as (url, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
            for width, theme in itertools.product(WIDTHS, THEMES):
                take_all(browser, url, width, theme, options.output)
            browser.close()
    size = sum(path.stat().st_size for path in options.output.glob("*.png"))
    print(f"{size / 1e6:.1f} MB of pictures are in {options.output}.")
    return 0


def take_all(browser: Browser, url: str, width: int, theme: str, output: Path) -> None:
    """Take a picture of every page in one window."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    for place in places_of(page, url):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        load(page, url, place)
        for _ in range(2):  # the second time for what came late
            page.wait_for_timeout(SETTLED)
            height = min(max(HEIGHT, page.evaluate(WHOLE)), TALLEST)
            page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(SETTLED)
        compact(page.screenshot()).save(output / file_name(place, width, theme), optimize=True)
    context.close()


def file_name(place: Place, width: int, theme: str) -> str:
    """What the picture of a page is called."""
    return f"{place.path.strip('/') or 'label'}-{width}-{theme}.png"


def compact(screenshot: bytes) -> Image.Image:
    """Keep so few colours that a picture takes a third of the room."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    return picture.quantize(COLOURS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    sys.exit(main())
