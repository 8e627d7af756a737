"""A runner whose runs only count to ten, a number at a time, and go on where they were left.

As a program it is what `python -m state.workers.runner` is, but for what it runs.
"""

import argparse
import time
from pathlib import Path

from anomaly_core.progress import Progress
from anomaly_core.recipes.plan import Plan
from state.settings import load_settings
from state.store.store import Store
from state.workers.runner import Runner

NUMBERS = 10
SECONDS = 0.15  # a number


def count_slowly(plan: Plan, folder: Path, progress: Progress) -> None:
    """Write one file a number, and who began it; a number that is there is not done again."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "begun").open("a") as begun:
        begun.write("again\n")
    for number in range(NUMBERS):
        progress(number / NUMBERS, f"Number {number}")
        if not (folder / str(number)).exists():
            time.sleep(SECONDS)
            (folder / str(number)).write_text(str(time.time()))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", required=True)
    worker = parser.parse_args().worker
    settings = load_settings()
    with Store.open(settings) as store:
        Runner(store, settings, worker, count_slowly, idle_seconds=0.5).serve()


if __name__ == "__main__":
    main()
