"""How long a key takes until the next image is painted, measured in Chromium during training.

    python -m benchmarks.keys [--keys 200]

A server of its own labels bundled digits while a trainer learns without a pause: every answer
starts the next round as soon as the last is done. Needs Playwright and a Chromium.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.detectors.tensors import leave_room
from state.projects.projects import ProjectForm, Projects
from state.settings import APP, PREFIX, Settings
from state.store.people import MACHINE
from state.store.schema import JobKind, RoundTrigger
from state.store.store import Store
from state.workers.trainer import Trainer

FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FORM = ProjectForm(
    name="Keys",
    scenario=Scenario(normal=(0, 2, 4, 5)),
    budget=1200,
    round_trigger=RoundTrigger.CONTINUOUS,
)

# Notes for each key when it was pressed, and when the frame that shows another image was painted.
WATCH = """() => {
    window.painted = []
    window.addEventListener("keydown", event => {
        const image = window.deskImage ??= [...document.querySelectorAll("*")]
            .map(element => element.shadowRoot?.querySelector("canvas.image")).find(Boolean)
        const before = image.getAttribute("aria-label")
        requestAnimationFrame(() => setTimeout(() => {
            const moved = image.getAttribute("aria-label") !== before
            window.painted.push(moved ? performance.now() - event.timeStamp : Infinity)
        }))
    }, true)
}"""


def main() -> int:
    """Run both speeds of processor and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--keys", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(
        prefix="ringfence-keys-", ignore_cleanup_errors=True
    ) as directory:
        data_dir = Path(directory) / "data"
        prepare(data_dir)
        with served(data_dir) as url, opened(url) as page:
            rows = [
                ("10 keys a second", measure(page, options.keys, pause=100, slowdown=1)),
                ("5 keys a second, CPU 6x slower", measure(page, options.keys, 200, slowdown=6)),
            ]
        trained = models(data_dir)
    print(f"{options.keys} keys each, {trained} models trained meanwhile; milliseconds")
    print("| | p50 | p95 | max | ignored | acknowledged p95 |\n|---|---|---|---|---|---|")
    for name, (keys, kept) in rows:
        painted = [one for one in keys if np.isfinite(one)]  # the others came before the image
        p50, p95 = np.percentile(painted, [50, 95])
        late, ignored = np.percentile(kept, 95), len(keys) - len(painted)
        worst = max(painted)
        print(f"| {name} | {p50:.1f} | {p95:.1f} | {worst:.1f} | {ignored} | {late:.0f} |")
    return 0


class Untended(Projects):
    """Projects that start no trainer, as the benchmark trains in its own process."""

    def tend(self, project_id: int) -> None:
        """Leave the project as it is."""


def prepare(data_dir: Path, form: ProjectForm = FORM) -> None:
    """Make a project and its first model."""
    leave_room()
    settings = Settings(
        _env_file=None, data_dir=data_dir, database_url=None, trainer_idle_seconds=0.1
    )
    with Store.open(settings) as store:
        project = Untended(store, settings).create(form, MACHINE)
        store.work.training(project.id).ask(JobKind.PREPARE)
        Trainer(store, settings, project.id, "benchmark").serve()


def models(data_dir: Path) -> int:
    """How many models were published after the first."""
    with Store.open(Settings(_env_file=None, data_dir=data_dir, database_url=None)) as store:
        return len(store.models.all(1)) - 1


@contextmanager
def served(data_dir: Path) -> Iterator[str]:
    """Run the app on the data directory; gives its address."""
    with server(data_dir) as (url, _):
        yield url


@contextmanager
def server(data_dir: Path) -> Iterator[tuple[str, int]]:
    """Run the app on the data directory; gives its address and its process number."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {f"{PREFIX}DATA_DIR": str(data_dir), f"{PREFIX}TRAINER_IDLE_SECONDS": "20"}
    command = [sys.executable, "-m", "state.serve", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=APP, env=os.environ | environment, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()
        end_trainer(data_dir)


def end_trainer(data_dir: Path) -> None:
    """Stop the training process that the server has started."""
    with Store.open(Settings(_env_file=None, data_dir=data_dir, database_url=None)) as store:
        if (lease := store.work.training(1).lease()) is not None:
            os.kill(lease.pid, signal.SIGTERM)
            time.sleep(2)


def wait_for(url: str, seconds: float = 60) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("The server did not start; run make run to see why.")


@contextmanager
def opened(url: str) -> Iterator[Page]:
    """A tab with the desk in it, ready for keys."""
    with tab(f"({WATCH})()") as page:  # before the desk listens to keys itself
        page.goto(f"{url}/label?project=1")
        page.locator("canvas.image[aria-label^='Item']").wait_for(timeout=60_000)
        page.wait_for_timeout(1000)
        yield page


@contextmanager
def tab(script: str) -> Iterator[Page]:
    """A tab of a new browser in which a script runs before any page."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 1000})
        page.add_init_script(script)
        yield page
        chromium.close()


def browser_path() -> str | None:
    """The browser that the environment names, else one that is installed."""
    named = os.environ.get("RINGFENCE_BROWSER")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def measure(page: Page, keys: int, pause: float, slowdown: float) -> tuple[list[float], list[Any]]:
    """Press the keys; returns ms to the next image painted, and ms to the acknowledgement."""
    page.evaluate("globalThis.ringfenceOutbox.latencies.length = window.painted.length = 0")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    started = time.perf_counter()
    for number in range(keys):
        page.keyboard.press("ax"[number % 2])
        due = started + (number + 1) * pause / 1000
        page.wait_for_timeout(max(0, 1000 * (due - time.perf_counter())))
    page.get_by_text("all saved").wait_for(timeout=60_000)
    painted = page.evaluate("window.painted.splice(0)")
    kept = page.evaluate("globalThis.ringfenceOutbox.latencies.splice(0)")
    page.wait_for_timeout(2000)
    return painted[:keys], kept


if __name__ == "__main__":
    sys.exit(main())
