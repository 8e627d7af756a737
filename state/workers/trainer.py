"""The training process: `python -m state.workers.trainer --project 1 --worker NAME`.

Without a project it waits to be told one, see `state.workers.spare`.
It keeps one project's pool and model warm between rounds, and when nothing waits it scores the
rest of a large pool and computes the random baseline. What needs torch is imported where it is
needed: loading it takes seconds, and the images of a new project are published before.
"""

import logging
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from propcache import cached_property

from anomaly_core.progress import Callback, Progress, StepReport
from state.errors import StoreOutdated
from state.files.sweeping import sweep_project
from state.settings import Settings
from state.store.schema import JobKind
from state.store.store import Store
from state.store.work import FROM, Job, training
from state.workers.pool import PoolPublisher
from state.workers.processes.presence import ProcessKind
from state.workers.worker import POLL_SECONDS, Worker, run_from_command_line

if TYPE_CHECKING:
    from state.store.models import Model
    from state.workers.baseline.rounds import RandomRounds
    from state.workers.own.growth import Growth
    from state.workers.rounds import Rounds

log = logging.getLogger("ringfence.trainer")

LOOK_SECONDS = 1.0  # between two looks whether images have come, or the random baseline is behind
PAUSE_SECONDS = 10.0  # before another try to take images over, as the disk may be full


class Trainer(Worker):
    """Trains the models of one project."""

    stopped = "Stopped on request."
    failed = "Training failed unexpectedly; the log has the details."

    def __init__(self, store: Store, settings: Settings, project_id: int, name: str) -> None:
        super().__init__(store, settings, training(project_id), name, settings.trainer_idle_seconds)
        self.project = store.projects.get(project_id)
        self.ending = ExitStack()
        self.growth: Growth | None = None
        self.grow_at = 0.0  # when to look next whether images have come or gone
        self.look_at = 0.0  # when to look next whether random rounds are due

    def serve(self) -> None:
        """Work, and leave no thread behind; what killed trainers have left goes first."""
        sweep_project(self.store, self.settings.data_dir, self.project.id)
        with self.ending:
            super().serve()

    @cached_property
    def rounds(self) -> "Rounds":
        """What trains the models."""
        from anomaly_core.detectors.tensors import leave_room
        from state.workers.rounds import Rounds

        leave_room()
        rounds = Rounds(self.store, self.settings.data_dir, self.project, self.name)
        self.ending.callback(rounds.teaching.stop)
        return rounds

    @cached_property
    def random_rounds(self) -> "RandomRounds":
        """What computes the random baseline."""
        from state.workers.baseline.rounds import RandomRounds

        given = self.store, self.settings.data_dir, self.project, self.name
        return RandomRounds(*given, self.rounds.teaching)

    def do(self, job: Job, report: Progress) -> str:
        """Prepare the project, or learn from its new labels; each stage fills the bar anew."""
        self.look_at = 0.0

        def step(training: StepReport) -> None:
            report(training.share, training.stage.capitalize())

        if job.kind is JobKind.PREPARE:
            model = self._prepare(step, report)
        elif FROM in job.plan:
            model = self.growing.serve(job.plan[FROM])
        else:
            model = self.rounds.update([step])
        return f"Model {model.version} is in use."

    def _prepare(self, step: Callback, report: Progress) -> "Model":
        """Publish the images, then load torch and draw the first model around them."""
        pool = None
        if self.store.models.active(self.project.id) is None:
            images = PoolPublisher(self.store, self.settings.data_dir, self.project, self.name)
            pool = images.publish(report)
        return self.rounds.prepare([step], report, pool)

    def idle(self, holds: Callable[[], bool]) -> bool:
        """Score a block of images, have the pool teach, or do a round at random."""
        return self._catch_up() or self._grow(holds) or self._teach() or self._try_random(holds)

    @property
    def growing(self) -> "Growth":
        """What keeps the model in step with a pool that changes."""
        if self.growth is None:
            from state.workers.own.growth import Growth

            self.growth = Growth(self.store, self.settings.data_dir, self.project, self.rounds)
        return self.growth

    def _grow(self, holds: Callable[[], bool]) -> bool:
        if time.monotonic() < self.grow_at:
            return False
        try:
            if self.growing.step(holds):
                return True
        except StoreOutdated:
            raise
        except Exception:
            log.exception("images that came could not be taken over")
            self.rounds.learner = None
            self.growth = None
            self.grow_at = time.monotonic() + PAUSE_SECONDS
            return False
        self.grow_at = time.monotonic() + LOOK_SECONDS
        return False

    def _teach(self) -> bool:
        """Look after what the pool teaches in a thread, as long as there is something."""
        if not self.rounds.teaching.awaited:
            return False
        try:
            if self.rounds.teach() is None:
                time.sleep(POLL_SECONDS)
            return True
        except StoreOutdated:
            raise
        except Exception:
            log.exception("the pool could not teach")
            self.rounds.learner = None
            self.rounds.teaching.give_up()
            return False

    def _catch_up(self) -> bool:
        try:
            return self.rounds.catch_up()
        except Exception:
            log.exception("the rest of the pool could not be scored")
            self.rounds.learner = None  # the next job loads it anew
            return False

    def _try_random(self, holds: Callable[[], bool]) -> bool:
        if time.monotonic() < self.look_at:
            return False
        try:
            if self.random_rounds.advance(holds):
                return True
        except StoreOutdated:
            raise
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


def main() -> int:
    """Serve one project from the command line."""
    parser = ArgumentParser(description="Train the models of one project.")
    parser.add_argument("--project", type=int, help="without one, it waits to be told")
    return run_from_command_line(ProcessKind.TRAINER, parser, build)


def build(store: Store, settings: Settings, given: Namespace) -> Trainer:
    """Make the trainer of the project that is given, or told later."""
    if given.project:
        return Trainer(store, settings, given.project, given.worker)
    from anomaly_core.detectors.tensors import leave_room
    from state.workers.spare import wait_for_project

    leave_room()
    return Trainer(store, settings, wait_for_project(settings), given.worker)


if __name__ == "__main__":
    sys.exit(main())
