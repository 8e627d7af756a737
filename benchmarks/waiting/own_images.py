"""How long a person with images of their own waits for the first question, by how many there are.

    python -m benchmarks.waiting.own_images [--files 100 10000 100000] [--side 640]

Measured in Chromium, in a data directory that is in use: from the click on *Read the images* to a
form that can be sent, and from the click on *Create project* to the first image on the desk; what a
person needs to read and to type comes on top. The images are read on behind the desk meanwhile.
Needs Playwright and a Chromium.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.keys import prepare, server, tab
from benchmarks.waiting.first_question import IMAGE, PATIENCE
from benchmarks.waiting.importing import write_file


def waited(page: Page, url: str, root: Path) -> tuple[float, float]:
    """Seconds until the form can be sent, and from then until the first image."""
    page.goto(f"{url}/project?project=1")
    page.get_by_role("textbox", name="Or a folder or file").fill(str(root))
    read = page.get_by_role("button", name="Read the images")
    read.wait_for()
    time.sleep(5)  # as a person types, while a trainer comes up
    began = time.perf_counter()
    read.click()
    create = page.get_by_role("button", name="Create project")
    create.wait_for(timeout=PATIENCE)
    ready = time.perf_counter()
    create.click()
    page.locator(IMAGE).wait_for(timeout=PATIENCE)
    return ready - began, time.perf_counter() - ready


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, nargs="+", default=[100, 10_000, 100_000])
    parser.add_argument("--side", type=int, default=640)
    parser.add_argument("--root", type=Path, help="where the files are written, or lie already")
    given = parser.parse_args()
    print(
        "| files | until the form (s) | until the first image (s) | both (s) |\n|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        for count in given.files:
            root = (given.root or Path(name)) / f"{count}-files"
            if not root.exists():
                root.mkdir(parents=True)
                with multiprocessing.get_context("spawn").Pool(2) as pool:
                    pool.map(partial(write_file, root, given.side), range(count), 250)
            data_dir = Path(name) / f"data-{count}"
            prepare(data_dir)
            with server(data_dir) as (url, _), tab("") as page:
                form, image = waited(page, url, root)
            for lock in data_dir.glob("imports/*/lock"):
                os.killpg(int(lock.read_text()), signal.SIGKILL)  # it would read on
            print(f"| {count:,} | {form:.1f} | {image:.1f} | {form + image:.1f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
