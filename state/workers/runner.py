"""The process that does runs: `python -m state.workers.runner --worker NAME`.

It takes the runs that wait one at a time and ends itself when none is left. What it learns reaches
the app through the run's folder and the database, so it may be killed at any moment.
"""

import argparse
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from anomaly_core.detectors.tensors import leave_room
from anomaly_core.errors import Cancelled, RingfenceError
from anomaly_core.progress import Progress
from anomaly_core.recipes.folder import DONE, RunFolder
from anomaly_core.recipes.plan import Plan
from anomaly_core.recipes.run import run as run_plan
from state.files.artifacts import run_folder
from state.settings import Settings, load_settings
from state.store.run_queue import Run
from state.store.schema import JobState
from state.store.store import Store
from state.workers.trainer import POLL_SECONDS, REPORT_SECONDS, Heartbeat

log = logging.getLogger("ringfence.runner")

IDLE_SECONDS = 5.0  # without work, after which a runner ends
CANCELLED = "Stopped on request; what is trained is kept."
UNEXPECTED = "The run failed unexpectedly; the log has the details."

Execute = Callable[[Plan, Path, Progress], object]


class Runner:
    """Does the runs of one data directory for as long as any waits."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        worker: str,
        execute: Execute = run_plan,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self.store = store
        self.settings = settings
        self.worker = worker
        self.execute = execute
        self.idle_seconds = idle_seconds

    def serve(self) -> None:
        """Work until there has been nothing to do for a while, or another runner does it."""
        idle_since = time.monotonic()
        while time.monotonic() - idle_since < self.idle_seconds:
            self.store.runs.interrupt_stale()
            waiting = self.store.runs.live()  # a read, so that idling takes no lock
            claimed = self._claim() if waiting else None
            if claimed is None:
                time.sleep(POLL_SECONDS)
                continue
            self.run(claimed)
            idle_since = time.monotonic()

    def _claim(self) -> Run | None:
        return self.store.runs.claim(self.worker, socket.gethostname(), os.getpid())

    def run(self, run: Run) -> None:
        """Do one run and note how it ended; an error ends the run, never the runner."""
        beat = lambda: self.store.runs.beat(run.id, self.worker)  # noqa: E731
        try:
            with Heartbeat(beat, self.settings.heartbeat_seconds):
                state, message = self._outcome(run)
        except SystemExit:  # asked to end by whoever shuts the machine down
            self.store.runs.interrupt_of(self.worker)
            raise
        self.store.runs.finish(run.id, self.worker, state, message)

    def _outcome(self, run: Run) -> tuple[JobState, str]:
        report = RunReporter(self.store, run.id, self.worker)
        path = run_folder(self.settings.data_dir, run.id)
        try:
            plan = Plan.from_json(run.plan)
            if not is_done(path, plan):  # by a runner that was killed before it could say so
                self.execute(plan, path, report)
        except Cancelled:
            return JobState.CANCELLED, CANCELLED
        except RingfenceError as error:
            return JobState.FAILED, str(error)
        except Exception:
            log.exception("run %d failed", run.id)
            return JobState.FAILED, UNEXPECTED
        return JobState.DONE, "Done."


def is_done(path: Path, plan: Plan) -> bool:
    """Whether the folder holds a whole run of this plan."""
    folder = RunFolder(path)
    return folder.is_run and folder.state == DONE and folder.plan == plan


class RunReporter:
    """A `Progress` that writes to the run's row a few times a second, and brings back a stop."""

    def __init__(self, store: Store, run_id: int, worker: str) -> None:
        self.store = store
        self.run_id = run_id
        self.worker = worker
        self.due = 0.0

    def __call__(self, share: float, message: str) -> None:
        """Write `share` (0 to 1) and a sentence; raises `Cancelled` when that was asked for."""
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + REPORT_SECONDS
        if self.store.runs.report(self.run_id, self.worker, share, message):
            raise Cancelled("The run was stopped on request.")


def main() -> int:
    """Do the runs that wait in the data directory that the settings name."""
    parser = argparse.ArgumentParser(description="Run recipes, one at a time.")
    parser.add_argument("--worker", required=True, help="a name no other runner has")
    options = parser.parse_args()
    leave_room()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = load_settings()
        with Store.open(settings) as store:
            Runner(store, settings, options.worker).serve()
    except RingfenceError as error:
        log.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
