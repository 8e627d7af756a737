"""The training process: `python -m state.workers.trainer --project 1 --worker NAME`.

It holds the project's lease while it lives, takes jobs one at a time, and ends itself when there
has been nothing to do for a while. Everything it learns reaches the app through published files and
the database, so it may be killed at any moment.
"""

import argparse
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Self

from anomaly_core.detectors.tensors import leave_room
from anomaly_core.errors import Cancelled, RingfenceError
from anomaly_core.progress import StepReport
from state.settings import Settings, load_settings
from state.store.jobs import Job
from state.store.schema import JobKind, JobState
from state.store.store import Store
from state.workers.random_rounds import RandomRounds
from state.workers.rounds import Rounds

log = logging.getLogger("ringfence.trainer")

POLL_SECONDS = 0.1
LOOK_SECONDS = 1.0  # between two looks whether the random baseline is behind
REPORT_SECONDS = 0.2


class Trainer:
    """Serves one project's jobs for as long as it holds the lease."""

    def __init__(self, store: Store, settings: Settings, project_id: int, worker: str) -> None:
        self.store = store
        self.settings = settings
        self.project_id = project_id
        self.worker = worker
        project = store.projects.get(project_id)
        self.rounds = Rounds(store, settings.data_dir, project)
        self.random_rounds = RandomRounds(store, settings.data_dir, project)
        self.look_at = 0.0  # when to look next whether random rounds are due

    def serve(self) -> None:
        """Work until idle for too long or until another trainer holds the lease."""
        if not self.store.jobs.take_lease(
            self.project_id, self.worker, socket.gethostname(), os.getpid()
        ):
            return
        try:
            with Heartbeat(self._beat, self.settings.heartbeat_seconds) as heart:
                self._serve_jobs(heart)
        finally:
            self.store.jobs.release_lease(self.project_id, self.worker)

    def _serve_jobs(self, heart: "Heartbeat") -> None:
        idle_since = time.monotonic()
        while heart.holds and time.monotonic() - idle_since < self.settings.trainer_idle_seconds:
            waiting = self.store.jobs.live(self.project_id)  # a read, so that idling takes no lock
            job = self.store.jobs.claim(self.project_id, self.worker) if waiting else None
            if job is None:
                if self._catch_up() or self._try_random(
                    heart
                ):  # a little at a time: jobs come first
                    idle_since = time.monotonic()
                else:
                    time.sleep(POLL_SECONDS)
                continue
            self.run(job)
            self.look_at = 0.0
            idle_since = time.monotonic()

    def run(self, job: Job) -> Job:
        """Do one job and note how it ended; an error ends the job, never the trainer."""
        report = Reporter(self.store, job)
        try:
            model = (
                self.rounds.prepare([report.step], report.progress)
                if job.kind is JobKind.PREPARE
                else self.rounds.update([report.step])
            )
        except Cancelled:
            return self.store.jobs.finish(job.id, JobState.CANCELLED, "Stopped on request.")
        except RingfenceError as error:
            return self.store.jobs.finish(job.id, JobState.FAILED, str(error))
        except Exception:
            log.exception("job %d failed", job.id)
            return self.store.jobs.finish(
                job.id, JobState.FAILED, "Training failed unexpectedly; the log has the details."
            )
        return self.store.jobs.finish(job.id, JobState.DONE, f"Model {model.version} is in use.")

    def _catch_up(self) -> bool:
        try:
            return self.rounds.catch_up()
        except Exception:
            log.exception("the rest of the pool could not be scored")
            self.rounds.learner = None  # the next job loads it anew
            return False

    def _try_random(self, heart: "Heartbeat") -> bool:
        """Do a round of the random baseline; whether there was something to do."""
        if time.monotonic() < self.look_at:
            return False
        try:
            if self.random_rounds.advance(lambda: heart.holds):
                return True
        except Exception:
            log.exception("the random baseline could not be computed")
            self._give_up_random()
        self.look_at = time.monotonic() + LOOK_SECONDS
        return False

    def _give_up_random(self) -> None:
        try:
            self.random_rounds.give_up()
        except Exception:  # the disk may be full
            log.exception("and nobody could be told")

    def _beat(self) -> bool:
        if not self.store.jobs.renew_lease(self.project_id, self.worker):
            return False
        job = self.store.jobs.live(self.project_id)
        if job is not None and job.worker == self.worker:
            self.store.jobs.beat(job.id)
        return True


class Reporter:
    """Carries progress to the job row, a few times a second, and brings back the wish to stop."""

    def __init__(self, store: Store, job: Job) -> None:
        self.store = store
        self.job = job
        self.due = 0.0

    def step(self, report: StepReport) -> None:
        """Report a training step; each stage fills the bar anew."""
        self.progress(report.share, report.stage.capitalize())

    def progress(self, share: float, message: str) -> None:
        """Write `share` (0 to 1) and a sentence; raises `Cancelled` when that was asked for."""
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + REPORT_SECONDS
        if self.store.jobs.report(self.job.id, share, message):
            raise Cancelled("Training was stopped on request.")


class Heartbeat:
    """Calls `beat` every so often from a thread of its own, until it says no or the block ends."""

    def __init__(self, beat: Callable[[], bool], seconds: float) -> None:
        self.beat = beat
        self.seconds = seconds
        self.holds = True
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while self.holds and not self._stopped.wait(self.seconds):
            try:
                self.holds = self.beat()
            except Exception:  # a locked database must not end a long training
                log.exception("missed a heartbeat")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopped.set()
        self._thread.join()


def main() -> int:
    """Serve one project from the command line."""
    parser = argparse.ArgumentParser(description="Train the models of one project.")
    parser.add_argument("--project", type=int, required=True)
    parser.add_argument("--worker", required=True, help="a name no other trainer has")
    options = parser.parse_args()
    leave_room()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = load_settings()
        with Store.open(settings) as store:
            Trainer(store, settings, options.project, options.worker).serve()
    except RingfenceError as error:
        log.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
