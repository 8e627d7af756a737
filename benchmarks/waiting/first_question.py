"""How long a new project takes until its first question, beside the work that it cannot avoid.

    python -m benchmarks.waiting.first_question [--images 5000] [--times 3]

Measured in Chromium: from the click on *Create project* to the first image on the desk, and, in a
fresh data directory, from the start of the server and from the opening of the page. Unavoidable is
to look once at the images that place the first sphere, with the backbone and as many threads as a
trainer takes. Needs Playwright and a Chromium.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.base import Images, Labels
from anomaly_core.detectors.pretrained.detector import BLOCK, SAMPLE
from anomaly_core.detectors.pretrained.pooling import pooled_features
from anomaly_core.detectors.tensors import leave_room, on_every_core, to_tensor
from anomaly_core.networks.backbones import load_backbone
from benchmarks.keys import prepare, server, tab

CLASSES, ANOMALOUS = 10, 9  # of the digits; the last one is anomalous
IN_POOL = 0.9  # of the training images; the rest validates
TESTED = 500
FORM_SECONDS = 20  # that a quick person needs to fill in the form
PATIENCE = 120_000  # milliseconds
IMAGE = "canvas.image[aria-label^='Item']"


def digits(count: int) -> tuple[Images, Labels]:
    """Give (count, 28, 28) digits, no two the same, a tenth of them anomalous, in random order."""
    known = load_dataset("mnist-5k")
    rng = np.random.default_rng(0)
    images, labels = [], []
    odd = round(count / 10)
    for chosen, wanted in (
        (known.labels == ANOMALOUS, odd),
        (known.labels != ANOMALOUS, count - odd),
    ):
        rows = np.resize(rng.permutation(np.flatnonzero(chosen)), wanted)
        turns = np.arange(wanted) // np.count_nonzero(chosen)
        images.append(
            np.stack(
                [np.roll(known.images[r], t, (0, 1)) for r, t in zip(rows, turns, strict=True)]
            )
        )
        labels.append(known.labels[rows])
    order = rng.permutation(count)
    return np.concatenate(images)[order], np.concatenate(labels)[order]


def write_idx(folder: Path, images: int) -> Path:
    """Write digits of which a project takes `images` into its pool, as IDX files."""
    folder.mkdir()
    x, y = digits(round(images / IN_POOL) + TESTED)
    for name, part in (("train", slice(TESTED, None)), ("t10k", slice(TESTED))):
        for kind, values in (("images-idx3", x[part]), ("labels-idx1", y[part])):
            sizes = np.array(values.shape, ">u4").tobytes()
            head = bytes((0, 0, 8, values.ndim)) + sizes
            (folder / f"{name}-{kind}-ubyte").write_bytes(head + values.astype(np.uint8).tobytes())
    return folder


def created(page: Page, url: str, root: Path, name: str) -> float:
    """Fill in the form as a person does; seconds from its click to the first image."""
    page.goto(f"{url}/project?project=1")
    page.get_by_text("Try it on digits or another dataset").click()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("combobox", name="Images").click()
    page.get_by_role("option", name="idx:").click()
    page.get_by_role("textbox", name="Folder or zip archive").fill(str(root))
    page.get_by_role("textbox", name="Normal classes").fill("0,1,2,3,4,5,6,7,8")
    time.sleep(FORM_SECONDS)
    began = time.perf_counter()
    page.get_by_role("button", name="Create project").click()
    page.locator(IMAGE).wait_for(timeout=PATIENCE)
    return time.perf_counter() - began


def opened(data_dir: Path) -> tuple[float, float]:
    """Seconds to the first image of the default project, from the server's start and the visit."""
    with tab("") as page:
        began = time.perf_counter()
        with server(data_dir) as (url, _):
            visited = time.perf_counter()
            page.goto(url)
            page.locator(IMAGE).wait_for(timeout=PATIENCE)
            shown = time.perf_counter()
    return shown - began, shown - visited


def unavoidable(images: int) -> float:
    """Seconds to look once at the images that place the sphere."""
    leave_room()
    backbone = load_backbone("drawn", None)
    x, _ = digits(min(images, SAMPLE))
    pixels = to_tensor(x)
    on_every_core(partial(pooled_features, backbone), pixels[:BLOCK], BLOCK)
    began = time.perf_counter()
    on_every_core(partial(pooled_features, backbone), pixels, BLOCK)
    return time.perf_counter() - began


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    rows: dict[str, Sequence[float]] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        folder = Path(directory)
        fresh = [opened(folder / f"fresh-{time}") for time in range(options.times)]
        rows["fresh, from the server's start"], rows["fresh, from the visit"] = zip(
            *fresh, strict=True
        )
        prepare(folder / "data")
        root = write_idx(folder / "digits", options.images)
        with server(folder / "data") as (url, _), tab("") as page:
            rows[f"a project of {options.images:,} images"] = [
                created(page, url, root, f"Digits {time}") for time in range(options.times)
            ]
    bare = unavoidable(options.images)
    print(f"unavoidable: {bare:.2f} s")
    print("| until the first question | median (s) | slowest (s) | ratio |\n|---|---|---|---|")
    for name, seconds in rows.items():
        middle = float(np.median(seconds))
        print(f"| {name} | {middle:.1f} | {max(seconds):.1f} | {middle / bare:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
