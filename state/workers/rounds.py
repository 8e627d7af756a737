"""The work of a trainer: prepare a project once, then update its model round by round.

Runs in the trainer's process only; pages read what it publishes.
"""

import logging
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.checkpoint import WEIGHTS, save_detector
from anomaly_core.datasets import dataset_of
from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.scenario import (
    UNLABELED,
    Scenario,
    ScenarioData,
    build_scenario,
    check_budget,
)
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.errors import CollapseWarning, InvalidInput, NotFitted
from anomaly_core.evaluation import auroc, average_precision
from anomaly_core.loop.audit import draw_audit, mix_in
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.loop.rescoring import CANDIDATES
from anomaly_core.loop.stopping import agreement
from anomaly_core.progress import Callback, Progress
from anomaly_core.projection import map_hypersphere
from anomaly_core.query import Query, strategy_named
from state.files import artifacts
from state.files.artifacts import Array
from state.store.incremental.indices import answered
from state.store.models import Model, NewModel
from state.store.projects import Project
from state.store.store import Store
from state.workers.families import new_detector, saved_detector, with_features
from state.workers.own.images import OwnImages, OwnSources, own_data
from state.workers.teaching import Teaching, write_reconstructions

FIRST = 1  # model version
log = logging.getLogger("ringfence.trainer")

PROPOSALS = 2000  # items published with a model, so that labeling never waits for the next one


class Rounds:
    """One project's learner, kept warm from one round to the next."""

    candidates = CANDIDATES  # items of a large pool that are scored before the next are proposed

    def __init__(self, store: Store, data_dir: Path, project: Project) -> None:
        self.store = store
        self.data_dir = data_dir
        self.project = project
        self.scenario = Scenario.from_json(project.scenario)
        self.folder = artifacts.project_folder(data_dir, project.id)
        self.learner: ActiveLearner[Hypersphere] | None = None
        self.version: int | None = None  # of the model whose learner is warm
        self.teaching = Teaching(store, data_dir, project)

    def prepare(self, callbacks: Sequence[Callback], progress: Progress) -> Model:
        """Build the pool, pretrain, fit, and publish the project's files and model version 1.

        Asked for a second time, it leaves the files that are in use alone.
        """
        if (model := self.store.models.active(self.project.id)) is not None:
            return model
        progress(0.0, "Reading the images")
        data, own = self._build_data(progress)
        check_budget(self.project.budget, len(data.pool))
        learner = self._new_learner(self._new_detector(), data.pool)
        with collapse_notes() as notes:
            seconds = timed(lambda: learner.fit(callbacks))
        audit = self._draw_audit(len(data.pool))
        self._require_next(FIRST)
        artifacts.publish(
            self.folder, lambda folder: write_data(folder, data, own, audit, learner.detector)
        )
        self.store.projects.set_pool_size(self.project.id, len(data.pool))
        return self._measure(self._publish_model(learner, FIRST, None, 0, seconds, notes))

    def update(self, callbacks: Sequence[Callback]) -> Model:
        """Learn from every standing label, rescore the pool, and publish the next version.

        It is trained on from the model in use, which need not be the newest one.
        """
        active = self.store.models.active(self.project.id)
        newest = self.store.models.newest(self.project.id)
        if active is None or newest is None:
            raise NotFitted("There is no model to update yet; prepare the project first.")
        learner = self._warm_learner(active)
        learner.watched = self._audit
        labels = self.store.events.labels(self.project.id)
        y = np.zeros(len(learner.pool), np.int64)
        y[labels.items] = labels.y
        y[self._audit] = UNLABELED  # never trained on
        changed = np.flatnonzero(y != learner.y)
        self.learner = None  # until published: a cancelled update leaves its detector half-way
        with collapse_notes() as notes:
            seconds = timed(lambda: learner.update(changed, y[changed], callbacks))
        learner.batches = self._batches()
        model = self._publish_model(
            learner, newest.version + 1, active.version, labels.last_seq, seconds, notes
        )
        return self._measure(model)

    def catch_up(self) -> bool:
        """Score a block of what the last update of a large pool left; whether there is more to do.

        The scores of the model version are published anew when all are of that model.
        """
        learner, version = self.learner, self.version
        if learner is None or version is None or not learner.stale.any():
            return False
        if next(learner.catch_up()) == 0:
            folder = artifacts.model_folder(self.data_dir, self.project.id, version)
            artifacts.replace_arrays(folder, pool_arrays(learner))
        return True

    def teach(self, callbacks: Sequence[Callback] = ()) -> Model | None:
        """Have the pool teach behind the desk, and publish the model that knows what it taught.

        Once for each project: a person who goes back to an earlier model is left with it. It begins
        anew when asked again if somebody goes back while it is at it.
        """
        if not self.teaching.awaited:
            return None
        active = self.store.models.active(self.project.id)
        assert active is not None
        detector = self._warm_learner(active).detector
        if not isinstance(detector, JointSVDD) or not self.teaching.go_on(detector):
            return None
        detector.adopt(self.teaching.taught())
        if not (self.folder / "reconstructions.npy").exists():
            pool = artifacts.read_array(self.folder / "pool.npy")
            artifacts.add_files(self.folder, lambda to: write_reconstructions(to, pool, detector))
        try:
            return self.update(callbacks)
        except InvalidInput:
            serving = self.store.models.active(self.project.id)
            if serving is None or serving.version == active.version:
                raise
            return None

    def _build_data(self, progress: Progress) -> tuple[ScenarioData, OwnSources | None]:
        """Read the images; of a person's own also where each item's file lies."""
        given = OwnImages.of(self.project.detector)
        if given is not None:
            return own_data(self.data_dir, given, self.scenario.seed, progress)
        own = self.project.detector.get("root")
        name = self.scenario.dataset
        root = artifacts.dataset_root(self.data_dir, name, Path(own) if own else None)
        dataset = dataset_of(self.scenario, root, own is None, progress)
        return build_scenario(self.scenario, dataset), None

    @property
    def _audit(self) -> NDArray[np.int64]:
        return artifacts.read_audit(self.folder)

    def _draw_audit(self, pool_size: int) -> NDArray[np.int64]:
        share = self.project.detector.get("audit_share", 0.0)
        return draw_audit(pool_size, self.project.budget, share, self.scenario.seed)

    def _batches(self) -> list[Labels]:
        """The standing answers of each round, oldest first, without the audited ones."""
        audit = set(self._audit.tolist())
        rounds: dict[int, list[int]] = defaultdict(list)
        for answer in self.store.events.standing(self.project.id):
            if answer.item not in audit:
                rounds[answer.round].append(answer.y)
        return [np.array(rounds[number]) for number in sorted(rounds)]

    def _new_detector(self) -> Hypersphere:
        return with_features(new_detector(self.project.detector, self.scenario), self.data_dir)

    def _new_learner(self, detector: Hypersphere, pool: Images) -> ActiveLearner[Hypersphere]:
        return ActiveLearner(
            detector,
            pool,
            strategy_named(self.project.strategy),
            self.scenario.contamination,
            self.scenario.seed,
            self.candidates,
        )

    def _warm_learner(self, active: Model) -> ActiveLearner[Hypersphere]:
        """Return the learner of the active model, loading it after a restart or a roll back."""
        if self.learner is None or self.version != active.version:
            folder = self.data_dir / active.directory
            detector = saved_detector(folder, self.data_dir)
            pool = artifacts.read_array(self.folder / "pool.npy")
            self.learner = self._new_learner(detector, pool).resume(active.round, self._batches())
            if len(pool) > self.candidates:  # its trainer may have ended before it had caught up
                artifacts.replace_arrays(folder, pool_arrays(self.learner))
            self.version = active.version
        return self.learner

    def _require_next(self, version: int) -> None:
        """Refuse to replace what another trainer, taken for this one's successor, has published."""
        if any(model.version >= version for model in self.store.models.all(self.project.id)):
            raise InvalidInput(
                f"Another trainer has published model {version} meanwhile; train again from there."
            )

    def _publish_model(
        self,
        learner: ActiveLearner[Hypersphere],
        version: int,
        parent: int | None,
        last_seq: int,
        seconds: float,
        notes: list[str],
    ) -> Model:
        directory = artifacts.model_folder(self.data_dir, self.project.id, version)
        before = self.store.models.active(self.project.id)
        self._require_next(version)

        def write(folder: Path) -> None:
            write_model(folder, learner, self._proposals(learner))
            self._require_next(version)  # as late as can be: writing takes a while

        artifacts.publish(directory, write)
        model = self.store.models.publish(
            NewModel(
                project_id=self.project.id,
                version=version,
                parent=parent,
                directory=str(directory.relative_to(self.data_dir)),
                sha256=artifacts.sha256_of(directory / WEIGHTS),
                metrics={
                    "R": learner.detector.R_,
                    "agreement": self._agreement(before, learner),
                    "anomalies_found": learner.anomalies_found,
                    "seconds": round(seconds, 3),
                    "warning": notes[-1] if notes else None,
                    **serving(learner.detector),
                },
                round=learner.rounds,
                last_seq=last_seq,
                label_count=learner.labels_bought,
            )
        )
        self.learner, self.version = learner, version
        return model

    def _proposals(self, learner: ActiveLearner[Hypersphere]) -> Query:
        """Line up what to ask: the strategy's choice, with the next audit items among it."""
        audit, share = self._audit, self.project.detector.get("audit_share", 0.0)
        queue = learner.queue(self.project.batch_size, PROPOSALS, audit)
        history = self.store.events.history(self.project.id)
        waiting = audit[~np.isin(audit, history.index(answered).array)]
        passed = np.array([bool(history.of(item).current) for item in waiting.tolist()], bool)
        # What somebody has only skipped must not stop the rest.
        waiting = np.concatenate([waiting[~passed], waiting[passed]])
        rng = np.random.default_rng((self.scenario.seed, learner.rounds))
        return mix_in(queue, waiting, share, rng)

    def _agreement(self, before: Model | None, learner: ActiveLearner[Hypersphere]) -> float | None:
        """How far the new model flags what the one before flagged; `None` for the first."""
        if before is None:
            return None
        old = artifacts.read_array(self.data_dir / before.directory / "scores.npy")
        probe = learner.probe  # scored by each model itself, also where the pool is large
        return agreement(old[probe], learner.scores[probe], self.scenario.contamination)

    def _measure(self, model: Model) -> Model:
        """Score the held-out images, which nobody waits for, and add what they tell."""
        assert self.learner is not None
        held_out = {
            f"{part}-scores": self.learner.detector.decision_function(
                artifacts.read_array(self.folder / f"{part}.npy")
            )
            for part in ("test", "validation")
        }
        artifacts.replace_arrays(self.data_dir / model.directory, held_out)
        truth, scores = (
            artifacts.read_array(self.folder / "truth" / "test.npy"),
            held_out["test-scores"],
        )
        return self.store.models.add_metrics(
            model,
            {
                "held_out": len(truth),
                "auroc": auroc(truth, scores),
                "average_precision": average_precision(truth, scores),
            },
        )


def write_data(
    folder: Path,
    data: ScenarioData,
    own: OwnSources | None,
    audit: NDArray[np.int64],
    detector: Hypersphere,
) -> None:
    """Write what a scenario fixed, the truth apart from the images; and reconstructions, if any.

    The truth of a pool that nobody knows, empty, is not written.
    """
    parts = {"test": data.test, "validation": data.validation}
    artifacts.write_arrays(
        folder,
        {
            "pool": data.pool,
            "audit": audit,
            **(truth_of(data) if len(data.truth) else {}),
            **{name: part.images for name, part in parts.items()},
            **{f"truth/{name}": part.y for name, part in parts.items()},
            **{f"truth/{name}-classes": part.classes for name, part in parts.items()},
            **{
                f"truth/{name}-provenance": part.provenance.to_records()
                for name, part in parts.items()
            },
        },
    )
    if own is not None:
        own.write(folder)
    if detector.reconstructs:
        write_reconstructions(folder, data.pool, detector)


def truth_of(data: ScenarioData) -> dict[str, Array]:
    """What is known of the pool."""
    return {
        "truth/pool": data.truth,
        "truth/pool-classes": data.classes,
        "truth/pool-provenance": data.provenance.to_records(),
    }


def serving(detector: Hypersphere) -> dict[str, Any]:
    """What is told of a joint hypersphere: which of its two serves and why."""
    if not isinstance(detector, JointSVDD):
        return {}
    return {"taught": detector.second_ is not None, "reason": detector.reason()}


def write_model(folder: Path, learner: ActiveLearner[Hypersphere], proposals: Query) -> None:
    """Write a model version: the detector, and what the desk shows of it."""
    save_detector(learner.detector, folder)
    artifacts.write_arrays(
        folder,
        {
            **pool_arrays(learner),
            "proposals": proposals.items,
            "utilities": proposals.utilities,
        },
    )


def pool_arrays(learner: ActiveLearner[Hypersphere]) -> dict[str, NDArray[np.floating[Any]]]:
    """Where each item of the pool lies: its score, its place in latent space and on the map."""
    located = map_hypersphere(learner.embeddings, learner.detector.c_.cpu().numpy())
    return {
        "scores": learner.scores,
        "embeddings": learner.embeddings.astype(np.float16),  # to find neighbors, not to score
        "map": np.stack([np.sqrt(learner.scores), located.angle], axis=1),
    }


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
