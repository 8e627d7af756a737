"""The work of a trainer: prepare a project once, then update its model round by round.

Runs in the trainer's process only; pages read what it publishes.
"""

import logging
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anomaly_core.checkpoint import WEIGHTS, load_detector, save_detector
from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.base import Images
from anomaly_core.datasets.scenario import (
    Scenario,
    ScenarioData,
    build_scenario,
    check_budget,
)
from anomaly_core.detectors.base import Objective, Scores
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.errors import CollapseWarning, InvalidInput, NotFitted
from anomaly_core.evaluation import auroc, average_precision
from anomaly_core.learner import ActiveLearner
from anomaly_core.progress import Callback, Progress
from anomaly_core.projection import map_hypersphere
from anomaly_core.query import strategy_named
from state import artifacts
from state.models import Model, NewModel
from state.store import Project, Store

FIRST = 1  # model version
log = logging.getLogger("ringfence.trainer")

PROPOSALS = 2000  # items published with a model, so that labeling never waits for the next one


class Rounds:
    """One project's learner, kept warm from one round to the next."""

    def __init__(self, store: Store, data_dir: Path, project: Project) -> None:
        self.store = store
        self.data_dir = data_dir
        self.project = project
        self.scenario = Scenario.from_json(project.scenario)
        self.folder = artifacts.project_folder(data_dir, project.id)
        self.learner: ActiveLearner[DeepSVDD] | None = None

    def prepare(self, callbacks: Sequence[Callback], progress: Progress) -> Model:
        """Build the pool, pretrain, fit, and publish the project's files and model version 1.

        Asked for a second time, it leaves the files that are in use alone.
        """
        if (model := self.store.active_model(self.project.id)) is not None:
            return model
        progress(0.0, "Reading the images")
        data = self._build_data(progress)
        check_budget(self.project.budget, len(data.pool))
        learner = self._new_learner(self._new_detector(), data.pool)
        with collapse_notes() as notes:
            seconds = timed(lambda: learner.fit(callbacks))
        reconstructions = learner.detector.reconstruct(data.pool)
        self._require_next(FIRST)
        artifacts.publish(self.folder, lambda folder: write_data(folder, data, reconstructions))
        self.store.set_pool_size(self.project.id, len(data.pool))
        return self._publish_model(learner, FIRST, None, 0, seconds, notes)

    def update(self, callbacks: Sequence[Callback]) -> Model:
        """Learn from every standing label, rescore the pool, and publish the next version."""
        active = self.store.active_model(self.project.id)
        if active is None:
            raise NotFitted("There is no model to update yet; prepare the project first.")
        learner = self._warm_learner(active)
        labels = self.store.labels(self.project.id)
        y = np.zeros(len(learner.pool), np.int64)
        y[labels.items] = labels.y
        changed = np.flatnonzero(y != learner.y)
        self.learner = None  # until published: a cancelled update leaves its detector half-way
        with collapse_notes() as notes:
            seconds = timed(lambda: learner.update(changed, y[changed], callbacks))
        return self._publish_model(
            learner, active.version + 1, active.version, labels.last_seq, seconds, notes
        )

    def _build_data(self, progress: Progress) -> ScenarioData:
        own = self.project.detector.get("root")
        name = self.scenario.dataset
        root = artifacts.dataset_root(self.data_dir, name, Path(own) if own else None)
        dataset = load_dataset(name, root, download=own is None, progress=progress)
        return build_scenario(self.scenario, dataset)

    def _new_detector(self) -> DeepSVDD:
        objective = Objective(self.project.detector["objective"])
        return DeepSVDD(
            objective=objective,
            contamination=self.scenario.contamination,
            seed=self.scenario.seed,
        )

    def _new_learner(self, detector: DeepSVDD, pool: Images) -> ActiveLearner[DeepSVDD]:
        return ActiveLearner(
            detector,
            pool,
            strategy_named(self.project.strategy),
            self.scenario.contamination,
            self.scenario.seed,
        )

    def _warm_learner(self, active: Model) -> ActiveLearner[DeepSVDD]:
        """Return the learner of the active model, loading it after a restart."""
        if self.learner is None or self.learner.rounds != active.round:
            detector = load_detector(self.data_dir / active.directory)
            pool = artifacts.read_array(self.folder / "pool.npy")
            self.learner = self._new_learner(detector, pool).resume(active.round)
        return self.learner

    def _require_next(self, version: int) -> None:
        """Refuse to replace what another trainer, taken for this one's successor, has published."""
        if any(model.version >= version for model in self.store.models(self.project.id)):
            raise InvalidInput(
                f"Another trainer has published model {version} meanwhile; train again from there."
            )

    def _publish_model(
        self,
        learner: ActiveLearner[DeepSVDD],
        version: int,
        parent: int | None,
        last_seq: int,
        seconds: float,
        notes: list[str],
    ) -> Model:
        directory = artifacts.model_folder(self.data_dir, self.project.id, version)
        held_out = {
            part: learner.detector.decision_function(
                artifacts.read_array(self.folder / f"{part}.npy")
            )
            for part in ("test", "validation")
        }
        truth = artifacts.read_array(self.folder / "truth" / "test.npy")
        self._require_next(version)
        artifacts.publish(directory, lambda folder: write_model(folder, learner, held_out))
        model = self.store.publish_model(
            NewModel(
                project_id=self.project.id,
                version=version,
                parent=parent,
                directory=str(directory.relative_to(self.data_dir)),
                sha256=artifacts.sha256_of(directory / WEIGHTS),
                metrics={
                    "auroc": auroc(truth, held_out["test"]),
                    "average_precision": average_precision(truth, held_out["test"]),
                    "R": learner.detector.R_,
                    "anomalies_found": learner.anomalies_found,
                    "seconds": round(seconds, 3),
                    "warning": notes[-1] if notes else None,
                },
                round=learner.rounds,
                last_seq=last_seq,
                label_count=learner.labels_bought,
            )
        )
        self.learner = learner
        return model


def write_data(folder: Path, data: ScenarioData, reconstructions: NDArray[np.float32]) -> None:
    """Write what a scenario fixed, the truth apart from the images."""
    parts = {"test": data.test, "validation": data.validation}
    artifacts.write_arrays(
        folder,
        {
            "pool": data.pool,
            "reconstructions": to_pixels(reconstructions),
            "truth/pool": data.truth,
            "truth/pool-classes": data.classes,
            **{name: part.images for name, part in parts.items()},
            **{f"truth/{name}": part.y for name, part in parts.items()},
            **{f"truth/{name}-classes": part.classes for name, part in parts.items()},
        },
    )


def write_model(
    folder: Path, learner: ActiveLearner[DeepSVDD], held_out: dict[str, Scores]
) -> None:
    """Write a model version: the detector, and everything a page shows of it."""
    save_detector(learner.detector, folder)
    query = learner.query(min(PROPOSALS, len(learner.pool)))
    located = map_hypersphere(
        learner.detector.embed(learner.pool), learner.detector.c_.cpu().numpy()
    )
    artifacts.write_arrays(
        folder,
        {
            "scores": learner.scores,
            "map": np.stack([located.distance, located.angle], axis=1),
            "proposals": query.items,
            "utilities": query.utilities,
            **{f"{part}-scores": scores for part, scores in held_out.items()},
        },
    )


def to_pixels(x: NDArray[np.float32]) -> Images:
    """Convert images between 0 and 1 to uint8."""
    return (x * 255).round().astype(np.uint8)


def timed(work: Callable[[], object]) -> float:
    """Do the work and return the seconds it took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@contextmanager
def collapse_notes() -> Iterator[list[str]]:
    """Collect the sentences of collapse warnings, so that the app can show them; log others."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CollapseWarning)
        yield notes
    for one in caught:
        if issubclass(one.category, CollapseWarning):
            notes.append(str(one.message))
        else:
            log.warning("%s", one.message)
