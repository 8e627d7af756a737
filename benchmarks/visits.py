"""How long each page takes until it is drawn, and whether the server grows by being visited.

    python -m benchmarks.visits --root DIR [--visits 200] [--sessions 50] [--cache FOLDER]

The project holds 60,000 digits of MNIST with letters among them, five model versions and 60 labels.
Needs Playwright and a Chromium. Memory is the server's own: pages of files that the system may
drop at will, such as those of the memory-mapped pool, do not count.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from anomaly_core.datasets.provenance import AnomalySource
from anomaly_core.datasets.scenario import Scenario
from benchmarks.keys import server, tab
from benchmarks.labeled import prepare_labeled
from state.projects.projects import ProjectForm

LABELS, ROUNDS = 60, 4
LINKS = "[data-testid=stSidebarNav] a"
NAMES = r"""links => links.map(
    link => [link.innerText.trim().split("\n").pop(), new URL(link.href).pathname])"""
EVERY = 10  # visits from one look at the memory to the next

# Gives the ms from the first call, or from the page's first byte, to the last frame in which
# something was missing: that the page was quiet for a while after is not counted.
DRAWN = """([path, start]) => new Promise((resolve, reject) => {
    const find = selector => document.querySelector(selector)
    const missing = () => [
        location.pathname !== path && "its address",
        !find("[data-testid=stApp][data-test-script-state=notRunning]") && "the end of its script",
        !find(`a[href$="${path}"][aria-current=page]`) && "its mark in the navigation",
        !find("[data-testid=stMain] .stElementContainer") && "anything in it",
        find("[data-testid=stMain] :is([data-stale=true], .stSkeleton)") && "its last parts",
    ].find(Boolean)
    let last = performance.now()
    const look = () => {
        const what = missing()
        if (what) last = performance.now()
        if (last - start > 60_000) reject(`${path} is still missing ${what}`)
        else if (performance.now() - last > 400) resolve(last - start)
        else requestAnimationFrame(look)
    }
    look()
})"""


@dataclass(frozen=True)
class Place:
    """A page of the app as the navigation names it."""

    name: str
    path: str


START = Place("Label", "/label")


def main() -> int:
    """Visit and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--root", type=Path, required=True, help="folder of MNIST")
    parser.add_argument("--visits", type=int, default=200)
    parser.add_argument(
        "--sessions", type=int, default=1, help="one after the other, each so often"
    )
    parser.add_argument("--times", type=int, default=5, help="that each page is measured")
    parser.add_argument("--cache", type=Path, help="folder to keep the prepared project in")
    options = parser.parse_args()
    folder = nullcontext(options.cache) if options.cache else temporary()
    with folder as directory:
        data_dir = prepared(Path(directory) / "data", options.root)
        with server(data_dir) as (url, pid):
            with tab("") as page:
                places = warm(page, url)
                opening = measure(places, options.times, lambda place: load(page, url, place))
                clicking = measure(places, options.times, lambda place: click(page, place))
                print(times_table(places, opening, clicking), flush=True)
            sizes = [memory_of(pid)]
            for _ in range(options.sessions):
                with tab("") as page:
                    for number in range(options.visits):
                        go(page, url, places, number)
                        if (number + 1) % EVERY == 0:
                            sizes.append(memory_of(pid))
    print(memory_table(sizes))
    return 0


def temporary() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes at the end."""
    return tempfile.TemporaryDirectory(prefix="ringfence-visits-", ignore_cleanup_errors=True)


def prepared(data_dir: Path, root: Path) -> Path:
    """The data directory of the large project, made where it is not there yet."""
    if not data_dir.exists():
        scenario = Scenario("mnist", normal=(), sources=(AnomalySource.LETTERS,))
        form = ProjectForm(name="Visits", scenario=scenario, root=root, budget=200, batch_size=100)
        prepare_labeled(data_dir, form, LABELS, ROUNDS)
    return data_dir


def warm(page: Page, url: str) -> list[Place]:
    """Open every page once; returns them in the navigation's order."""
    places = places_of(page, url)
    for place in places:
        load(page, url, place)
    return places


def places_of(page: Page, url: str) -> list[Place]:
    """Open the app and read its navigation."""
    load(page, url, START)
    return [Place(*link) for link in page.locator(LINKS).evaluate_all(NAMES)]


def load(page: Page, url: str, place: Place) -> float:
    """Go to a page by its address; returns ms until it is drawn."""
    page.goto(f"{url}{place.path}?project=1", wait_until="commit")
    milliseconds: float = page.evaluate(DRAWN, [place.path, 0])
    return milliseconds


def click(page: Page, place: Place) -> float:
    """Go to a page by the navigation; returns ms until it is drawn."""
    link = page.locator(f'{LINKS}[href$="{place.path}"]')
    start = page.evaluate("performance.now()")
    link.evaluate("link => link.click()")
    milliseconds: float = page.evaluate(DRAWN, [place.path, start])
    return milliseconds


def measure(
    places: Sequence[Place], times: int, visit: Callable[[Place], float]
) -> dict[Place, list[float]]:
    """Make the round of all pages several times; returns ms."""
    found: dict[Place, list[float]] = {place: [] for place in places}
    for _ in range(times):
        for place in places:
            found[place].append(visit(place))
    return found


def go(page: Page, url: str, places: Sequence[Place], number: int) -> None:
    """Make a round by the navigation, and begin each as a person does who comes back."""
    place = places[number % len(places)]
    if number % len(places):
        click(page, place)
    else:
        load(page, url, place)


def memory_of(pid: int) -> float:
    """MB that a process holds for itself, without what it shares with files."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("Memory can be read on Linux only.")


def times_table(
    places: Sequence[Place], opening: dict[Place, list[float]], clicking: dict[Place, list[float]]
) -> str:
    """Lay out medians and maxima, a line a page."""
    lines = ["milliseconds until a page is drawn, by its address and by a click", ""]
    lines += ["| | address, median | max | click, median | max |", "|---|---|---|---|---|"]
    for place in places:
        cells = [f"{np.median(some[place]):.0f} | {max(some[place]):.0f}"
                 for some in (opening, clicking)]  # fmt: skip
        lines.append(f"| {place.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def memory_table(sizes: Sequence[float]) -> str:
    """Lay out the memory over visits, and how it grew in the second half."""
    later = np.array(sizes[len(sizes) // 2 :])
    slope = np.polyfit(np.arange(len(later)) * EVERY, later, 1)[0] if len(later) > 1 else np.nan
    shown = " ".join(f"{size:.0f}" for size in sizes)
    return (
        f"\nMB of the server, every {EVERY} visits: {shown}\n"
        f"growth over the second half: {slope * 100:+.1f} MB for 100 visits"
    )


if __name__ == "__main__":
    sys.exit(main())
