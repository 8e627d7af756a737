"""How long a dragged threshold takes until the matrix that follows it is painted, in Chromium.

    python -m benchmarks.dragging --root DIR [--moves 300]

The project holds all of MNIST, so that 10,000 scores are judged. Needs Playwright and a Chromium.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from anomaly_core.datasets.scenario import Scenario
from benchmarks.keys import prepare, served, tab
from state.projects.projects import ProjectForm

# Notes for each move of the pointer when the frame with the matrix that follows was painted.
WATCH = """() => {
    window.painted = []
    window.addEventListener("pointermove", event => {
        const found = window.boardCount ??= [...document.querySelectorAll("*")]
            .map(element => element.shadowRoot?.querySelector("[data-cell=caught]")).find(Boolean)
        const before = found.textContent
        requestAnimationFrame(() => setTimeout(() => {
            const changed = found.textContent !== before
            if (changed) window.painted.push(performance.now() - event.timeStamp)
        }))
    })
}"""
STEP = 2  # pixels between two moves
PAUSE = 20  # ms between two moves


def main() -> int:
    """Drag at both speeds of processor and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--root", type=Path, required=True, help="folder of MNIST")
    parser.add_argument("--moves", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(
        prefix="ringfence-dragging-", ignore_cleanup_errors=True
    ) as directory:
        data_dir = Path(directory) / "data"
        prepare(
            data_dir,
            ProjectForm(name="Dragging", scenario=Scenario(dataset="mnist"), root=options.root),
        )
        with served(data_dir) as url, tab(f"({WATCH})()") as page:
            page.goto(f"{url}/tune?project=1")
            page.locator(".tune .threshold").wait_for(timeout=60_000)
            rows = [
                ("this CPU", measure(page, options.moves, 1)),
                ("CPU 6x slower", measure(page, options.moves, 6)),
            ]
    print(f"{options.moves} moves each; milliseconds from the move to the painted matrix")
    print("| | p50 | p95 | max | changed |\n|---|---|---|---|---|")
    for name, painted in rows:
        p50, p95, most = np.percentile(painted, [50, 95, 100])
        print(f"| {name} | {p50:.1f} | {p95:.1f} | {most:.1f} | {len(painted)} |")
    return 0


def measure(page: Page, moves: int, slowdown: float) -> list[float]:
    """Drag the line to and fro; returns ms from each move that changed the matrix to its paint."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    box = page.locator(".tune .plot").bounding_box()
    assert box is not None
    y, middle = box["y"] + box["height"] / 3, box["x"] + box["width"] / 2
    reach = int(box["width"] / 3)
    page.evaluate("window.painted.length = 0")
    page.mouse.move(middle, y)
    page.mouse.down()
    for number in range(moves):
        there = (number * STEP) % (2 * reach)
        page.mouse.move(middle + min(there, 2 * reach - there) - reach / 2, y)
        page.wait_for_timeout(PAUSE)
    page.mouse.up()
    page.wait_for_timeout(1000)
    painted: list[float] = page.evaluate("window.painted.splice(0)")
    return painted


if __name__ == "__main__":
    sys.exit(main())
