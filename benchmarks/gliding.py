"""How smoothly the map glides to another model's places, in Chromium: time between two frames.

    python -m benchmarks.gliding [--points 10000]

The map is that of Explore, 576 CSS pixels a side, on a page of its own. Needs Playwright and a
Chromium.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.keys import FLAGS, browser_path
from state.scripts import link

SPHERE = Path(__file__).parents[1] / "pages" / "components" / "sphere" / "sphere.js"
PAGE = (
    "<!doctype html><canvas style='width:576px;height:576px;background:#fff;color:#123'></canvas>"
)
GLIDES = 5
SPEEDS = {1: "this CPU", 6: "CPU 6x slower"}
# Glides from one cloud of points to another and notes when each frame was drawn; labels lie above.
GLIDE = """async ([points, glides]) => {
    const canvas = document.querySelector("canvas")
    let seed = 1
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647
    const place = () => 4 * (random() + random() - 1)
    const cloud = () => Float32Array.from({ length: 2 * points }, place)
    const drawn = []
    let before = null
    const sphere = new Sphere(canvas, () => {
        const now = performance.now()
        if (before !== null) drawn.push(now - before)
        before = now
        sphere.draw(() => {
            sphere.putAll(item => item % 20 > 0, sphere.mark("dot", 2.1, "#93a0b4"))
            const normal = sphere.mark("circle", 4.4, "#2f74d0")
            const anomalous = sphere.mark("x-thin", 4.4, "#e0700a")
            for (let at = 0; at < points; at += 20) sphere.put(at, at % 40 ? anomalous : normal)
        })
    })
    sphere.travel(cloud(), { R: 1.2, reach: 6 })
    drawn.length = 0
    for (let glide = 0; glide < glides; glide++) {
        before = null
        sphere.travel(cloud(), { R: 1 + glide / 10, reach: 6 }, sphere.places.now)
        while (sphere.places.share < 1) await new Promise(requestAnimationFrame)
    }
    sphere.stop()
    return drawn
}"""


def main() -> int:
    """Glide at both speeds of processor, as dots and as shades, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ringfence-gliding-") as directory:
        file = Path(directory) / "map.html"
        file.write_text(f"{PAGE}<script>{link(SPHERE)}</script>", encoding="utf-8")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
            page = chromium.new_page()
            page.goto(file.as_uri())
            rows = [
                (f"{points:,} points, {SPEEDS[slowdown]}", measure(page, points, slowdown))
                for points in (5_000, options.points)
                for slowdown in SPEEDS
            ]
            chromium.close()
    print("milliseconds between two frames while gliding; 16.7 is 60 frames a second")
    print("| | p50 | p95 | max | frames a second |\n|---|---|---|---|---|")
    for name, frames in rows:
        p50, p95, most = np.percentile(frames, [50, 95, 100])
        print(f"| {name} | {p50:.1f} | {p95:.1f} | {most:.1f} | {1000 / np.mean(frames):.0f} |")
    return 0


def measure(page: Page, points: int, slowdown: float) -> list[float]:
    """Milliseconds between the drawn frames of some glides."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    frames: list[float] = page.evaluate(GLIDE, [points, GLIDES])
    return frames


if __name__ == "__main__":
    sys.exit(main())
