"""The process that does runs: `python -m state.workers.runner --worker NAME`.

It takes the runs that wait one at a time, each in a folder of its own.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

from anomaly_core.detectors.tensors import leave_room
from anomaly_core.progress import Progress
from anomaly_core.recipes.folder import DONE, RunFolder
from anomaly_core.recipes.plan import Plan
from anomaly_core.recipes.run import run as run_plan
from state.files.artifacts import run_folder
from state.settings import Settings
from state.store.store import Store
from state.store.work import RUNS, Job
from state.workers.processes.presence import ProcessKind
from state.workers.worker import Worker, run_from_command_line

IDLE_SECONDS = 5.0  # without work, after which a runner ends

Execute = Callable[[Plan, Path, Progress], object]


class Runner(Worker):
    """Does the runs of one data directory."""

    stopped = "Stopped on request; what is trained is saved."
    failed = "The run failed unexpectedly; the log has the details."

    def __init__(
        self,
        store: Store,
        settings: Settings,
        name: str,
        execute: Execute = run_plan,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        super().__init__(store, settings, RUNS, name, idle_seconds)
        self.execute = execute

    def do(self, job: Job, report: Progress) -> str:
        """Do a run, unless its folder is whole: a runner may have been killed before it said so."""
        path = run_folder(self.settings.data_dir, job.id)
        plan = Plan.from_json(job.plan)
        if not is_done(path, plan):
            self.execute(plan, path, report)
        return "Done."


def is_done(path: Path, plan: Plan) -> bool:
    """Whether the folder holds a whole run of this plan."""
    folder = RunFolder(path)
    return folder.is_run and folder.state == DONE and folder.plan == plan


def main() -> int:
    """Do the runs that wait in the data directory that the settings name."""
    leave_room()
    return run_from_command_line(
        ProcessKind.RUNNER,
        ArgumentParser(description="Run recipes, one at a time."),
        lambda store, settings, given: Runner(store, settings, given.worker),
    )


if __name__ == "__main__":
    sys.exit(main())
