"""A runner whose runs only count to ten, a number at a time, and go on where they were left.

As a program it is what `python -m state.workers.runner` is, but for what it runs.
"""

import time
from argparse import ArgumentParser
from pathlib import Path

from anomaly_core.progress import Progress
from anomaly_core.recipes.plan import Plan
from state.workers.processes.presence import ProcessKind
from state.workers.runner import Runner
from state.workers.worker import run_from_command_line

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


if __name__ == "__main__":
    run_from_command_line(
        ProcessKind.RUNNER,
        ArgumentParser(),
        lambda store, settings, given: Runner(store, settings, given.worker, count_slowly, 0.5),
    )
