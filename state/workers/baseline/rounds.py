"""The idle work of a trainer: the rounds that random queries would have had.

They begin with the project's first model, have its settings, seed and batch sizes, and are
answered from the truth. Nobody waits for them: any job comes first. A joint hypersphere knows from
the start what the pool has taught, if one of the models to be compared with does; so they wait
until the pool has taught or that was given up.

projects/<id>/random/
    curve.npy                              (points, 3): labels, AUROC, average precision
    failed.npy                             (rounds + 1,): the schedule that could not be computed
    <round>/model.safetensors, model.json  where to go on from; only the newest round is kept
            items.npy, curve.npy           what was asked so far, and the curve up to here
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anomaly_core.checkpoint import save_detector
from anomaly_core.datasets.scenario import Scenario
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.tensors import BLOCK
from anomaly_core.errors import Cancelled, RingfenceError
from anomaly_core.evaluation import auroc, average_precision
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.loop.oracle import PoolOracle
from anomaly_core.progress import StepReport
from anomaly_core.query.strategies.random import RandomSampling
from state.errors import Overtaken
from state.files import artifacts
from state.files.artifacts import Array
from state.files.unfinished import marked
from state.files.versions import require_whole
from state.store.models import Model
from state.store.projects import Project
from state.store.store import Store
from state.workers.baseline.curve import CURVE, FAILED, folder_of, follows, schedule
from state.workers.families import saved_detector
from state.workers.publishing import Publisher
from state.workers.teaching import Teaching, knows_it

ASK_SECONDS = 0.1  # between two looks whether a job waits


@dataclass
class Standing:
    """How far the random rounds have come."""

    detector: Hypersphere
    items: NDArray[np.int64]  # (labels,) in the order in which they were asked
    curve: NDArray[np.float64]  # (rounds + 1, 3) labels, AUROC, average precision

    @property
    def rounds(self) -> int:
        """How many there have been."""
        return len(self.curve) - 1

    @property
    def taught(self) -> bool:
        """Whether the detector knows what the pool has taught."""
        return isinstance(self.detector, JointSVDD) and self.detector.second_ is not None


class RandomRounds:
    """Computes one project's random baseline, a round at a time."""

    def __init__(
        self,
        store: Store,
        data_dir: Path,
        project: Project,
        worker: str,
        teaching: Teaching | None = None,
    ) -> None:
        """Do them in the name of a trainer, which writes while it has the lease."""
        self.store = store
        self.data_dir = data_dir
        self.project = project
        self.held = Publisher(store, data_dir, project.id, worker).held
        self.teaching = teaching or Teaching(store, data_dir, project, self.held)
        self.scenario = Scenario.from_json(project.scenario)
        self.source = artifacts.project_folder(data_dir, project.id)
        self.folder = folder_of(data_dir, project.id)
        self.standing: Standing | None = None
        self.wanted: list[int] = []  # the schedule that it is at
        self.failed: list[int] = []  # the one that it could not do
        self.holds: Callable[[], bool] = lambda: True
        self.due = 0.0  # when to look next whether a job waits

    def advance(self, holds: Callable[[], bool] = lambda: True) -> bool:
        """Do the next round, if one is due; whether there was something to do.

        Gives way to a job that arrives, and begins that round anew when it is asked again. Writes
        nothing once the lease is another trainer's, which `holds` tells.
        """
        self.holds, self.wanted = holds, []
        line = self.store.models.line(self.project.id)
        self.wanted = wanted = schedule(self.project, line)
        if not wanted or wanted == self.failed or self.teaching.awaited:
            return False
        standing = self._warm(line, wanted)
        if standing.rounds + 1 >= len(wanted):
            return False
        self.standing = None  # until published: one that gave way leaves its detector half-way
        try:
            standing = self._round(standing, wanted[standing.rounds + 1])
            self._require_lease()
            self._publish(standing)
        except (Cancelled, Overtaken):
            return True
        self.standing = standing
        return True

    def give_up(self) -> None:
        """Leave this schedule alone after an error, and let pages know; the next one is tried."""
        self.standing, self.failed = None, self.wanted
        if self.wanted and self.holds():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._put({FAILED: np.array(self.wanted, np.int64)})

    def _put(self, arrays: Mapping[str, Array]) -> None:
        artifacts.replace_arrays(self.folder, arrays, self.held)

    def _warm(self, line: Sequence[Model], wanted: list[int]) -> Standing:
        """Where to go on from: from memory, from the newest round on disk, or from the start."""
        standing, taught = self.standing or self._saved(), any(map(knows_it, line))
        if standing is None or standing.taught != taught or not follows(standing.curve, wanted):
            standing = self._start(line[0], taught)
        self.standing = standing
        return standing

    def _start(self, first: Model, taught: bool) -> Standing:
        point = [first.label_count, first.metrics["auroc"], first.metrics["average_precision"]]
        require_whole(self.data_dir, first)
        detector = saved_detector(self.data_dir / first.directory, self.data_dir)
        if isinstance(detector, JointSVDD) and taught:
            detector.adopt(self.teaching.taught())
        return Standing(detector, np.empty(0, np.int64), np.array([point], np.float64))

    def _saved(self) -> Standing | None:
        """Read the newest round; `None` without any, or where its files are damaged."""
        rounds = [int(path.name) for path in self.folder.glob("*") if path.name.isdecimal()]
        if not rounds:
            return None
        saved = self.folder / str(max(rounds))
        try:
            items, curve = (
                artifacts.read_array(saved / f"{name}.npy") for name in ("items", CURVE)
            )
            detector = saved_detector(saved, self.data_dir)
            standing = Standing(detector, np.array(items), np.array(curve))
        except RingfenceError:
            return None
        self._put({CURVE: standing.curve})  # a kill may have come first
        return standing

    def _round(self, before: Standing, labels: int) -> Standing:
        """Ask at random until there are so many labels, learn, and measure."""
        truth = artifacts.read_array(self.source / "truth" / "pool.npy")
        pool = artifacts.read_array(self.source / "pool.npy")[: len(truth)]  # not what came later
        oracle = PoolOracle(truth)
        learner = ActiveLearner(
            before.detector,
            pool,
            RandomSampling(),
            self.scenario.contamination,
            self.scenario.seed,
            candidates=0,
        ).resume(before.rounds)
        learner.y[before.items] = oracle.answer(before.items)
        asked = np.empty(0, np.int64)
        if batch := labels - len(before.items):
            asked = learner.query(batch, artifacts.read_audit(self.source)).items
        learner.update(asked, oracle.answer(asked), [self._give_way])
        point = (labels, *self._measure(learner.detector))
        curve = np.vstack([before.curve, np.array(point, np.float64)])
        return Standing(learner.detector, np.concatenate([before.items, asked]), curve)

    def _measure(self, detector: Hypersphere) -> tuple[float | None, float | None]:
        """AUROC and average precision of the held-out images."""
        images = artifacts.read_array(self.source / "test.npy")
        blocks = []
        for start in range(0, len(images), BLOCK):
            self._give_way()
            blocks.append(detector.decision_function(images[start : start + BLOCK]))
        truth, scores = (
            artifacts.read_array(self.source / "truth" / "test.npy"),
            np.concatenate(blocks),
        )
        return auroc(truth, scores), average_precision(truth, scores)

    def _give_way(self, report: StepReport | None = None) -> None:
        """Stop when a job waits, or when another trainer has taken over."""
        self._require_lease()
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + ASK_SECONDS
        if self.store.work.training(self.project.id).next():
            raise Cancelled("A round of the project comes first.")

    def _require_lease(self) -> None:
        if not self.holds():
            raise Cancelled("Another trainer has the project by now.")

    def _publish(self, standing: Standing) -> None:
        """Keep the round to go on from, then show its point, then clear up."""
        newest = self.folder / str(standing.rounds)

        def write(folder: Path) -> None:
            save_detector(standing.detector, folder)
            artifacts.write_arrays(folder, {"items": standing.items, CURVE: standing.curve})

        artifacts.publish(newest, write, self.held)
        self._put({CURVE: standing.curve})
        with marked(newest) as gone, self.held():  # removed once nobody waits for the lease
            (self.folder / f"{FAILED}.npy").unlink(missing_ok=True)
            for path in self.folder.iterdir():
                if path != newest and path.name.isdecimal():
                    path.rename(gone / path.name)
