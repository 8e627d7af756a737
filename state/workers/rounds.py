"""The work of a trainer: prepare a project once, then update its model round by round.

Runs in the trainer's process only; pages read what it publishes.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anomaly_core.checkpoint import WEIGHTS
from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.scenario import (
    UNLABELED,
    Scenario,
)
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.errors import InvalidInput, NotFitted
from anomaly_core.evaluation import auroc, average_precision
from anomaly_core.loop.audit import mix_in
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.loop.rescoring import CANDIDATES
from anomaly_core.loop.stopping import agreement
from anomaly_core.progress import Callback, Progress
from anomaly_core.query import Query, strategy_named
from state.files import artifacts
from state.files.versions import require_whole
from state.store.batches import taken_back
from state.store.incremental.indices import answered
from state.store.models import Model, NewModel
from state.store.projects import Project
from state.store.store import Store
from state.workers.families import new_detector, saved_detector, with_features
from state.workers.own.standing import StandingItems
from state.workers.pool import PoolPublisher, PublishedPool
from state.workers.publishing import (
    Made,
    Publisher,
    VersionFiles,
    collapse_notes,
    pool_arrays,
    serving,
    timed,
    write_model,
)
from state.workers.teaching import Teaching, write_reconstructions

FIRST = 1  # model version
NONE = np.empty(0, np.int64)  # no items

PROPOSALS = 2000  # items published with a model, so that labeling never waits for the next one


class Rounds:
    """One project's learner, kept warm from one round to the next."""

    candidates = CANDIDATES  # items of a large pool that are scored before the next are proposed

    def __init__(self, store: Store, data_dir: Path, project: Project, worker: str) -> None:
        """Do them in the name of a trainer, `worker`, which publishes while it has the lease."""
        self.store = store
        self.data_dir = data_dir
        self.project = project
        self.scenario = Scenario.from_json(project.scenario)
        self.folder = artifacts.project_folder(data_dir, project.id)
        self.learner: ActiveLearner[Hypersphere] | None = None
        self.version: int | None = None  # of the model whose learner is warm
        self.items = StandingItems(NONE, 0)  # by its rows
        self.publisher = Publisher(store, data_dir, project.id, worker)
        self.pool = PoolPublisher(store, data_dir, project, worker)
        self.teaching = Teaching(store, data_dir, project, self.publisher.held)

    def prepare(
        self, callbacks: Sequence[Callback], progress: Progress, pool: PublishedPool | None = None
    ) -> Model:
        """Publish the images of the pool unless that is done, then model version 1.

        Asked for a second time, it leaves the files that are in use alone.
        """
        if (model := self.store.models.active(self.project.id)) is not None:
            return model
        pool = pool or self.pool.publish(progress)
        self.items = StandingItems.without(NONE, len(pool.images))
        learner = self.new_learner(self.new_detector(), pool.images)
        with collapse_notes() as notes:
            seconds = timed(lambda: learner.fit(callbacks))
        if learner.detector.reconstructs:
            self.add_reconstructions(pool.images, learner.detector)
        made = Made(learner, FIRST, None, seconds=seconds, notes=notes, grown=pool.grown)
        return self.publish(made)

    def add_reconstructions(self, pool: Images, detector: Hypersphere) -> None:
        """Publish what a detector makes of each image of the pool."""
        artifacts.add_files(
            self.folder,
            lambda folder: write_reconstructions(folder, pool, detector),
            self.publisher.held,
        )

    def update(self, callbacks: Sequence[Callback]) -> Model:
        """Learn from every standing label, rescore the pool, and publish the next version.

        It is trained on from the model in use, which need not be the newest one.
        """
        active = self.store.models.active(self.project.id)
        newest = self.store.models.newest(self.project.id)
        if active is None or newest is None:
            raise NotFitted("There is no model to update yet; prepare the project first.")
        learner = self.warm_learner(active)
        learner.watched = self.items.rows(self.audit)
        y, last_seq = self.labels()
        changed = np.flatnonzero(y != learner.y)
        self.learner = None  # until published: a cancelled update leaves its detector half-way
        with collapse_notes() as notes:
            seconds = timed(lambda: learner.update(changed, y[changed], callbacks))
        learner.batches = self.batches()
        made = Made(learner, newest.version + 1, active.version, last_seq, seconds, notes)
        return self.publish(made)

    def labels(self) -> tuple[Labels, int]:
        """The labels that train, by rows of the learner, and the newest event among them."""
        labels = self.store.events.labels(self.project.id)
        y = np.zeros(self.items.size, np.int64)
        known = labels.items < len(y)
        y[labels.items[known]] = labels.y[known]
        y[self.audit] = UNLABELED  # never trained on
        return y[self.items.items], labels.last_seq

    def catch_up(self) -> bool:
        """Score a block of what the last update of a large pool left; whether there is more to do.

        The scores of the model version are published anew when all are of that model.
        """
        learner, version = self.learner, self.version
        if learner is None or version is None or not learner.stale.any():
            return False
        if next(learner.catch_up()) == 0:
            model = self.store.models.version(self.project.id, version)
            assert model is not None
            self._renew(learner, model)
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
        detector = self.warm_learner(active).detector
        if not isinstance(detector, JointSVDD) or not self.teaching.go_on(detector):
            return None
        detector.adopt(self.teaching.taught())
        if not (self.folder / "reconstructions.npy").exists():
            self.add_reconstructions(artifacts.read_array(self.folder / "pool.npy"), detector)
        try:
            return self.update(callbacks)
        except InvalidInput:
            serving = self.store.models.active(self.project.id)
            if serving is None or serving.version == active.version:
                raise
            return None

    @property
    def audit(self) -> NDArray[np.int64]:
        """Items set aside to measure quality."""
        return artifacts.read_audit(self.folder)

    def batches(self) -> list[Labels]:
        """The standing answers of each round, oldest first, without the audited ones."""
        audit = set(self.audit.tolist())
        rounds: dict[int, list[int]] = defaultdict(list)
        for answer in self.store.events.standing(self.project.id):
            if answer.item not in audit:
                rounds[answer.round].append(answer.y)
        return [np.array(rounds[number]) for number in sorted(rounds)]

    def new_detector(self) -> Hypersphere:
        """A detector as the project wants it, of nothing yet."""
        return with_features(new_detector(self.project.detector, self.scenario), self.data_dir)

    def new_learner(self, detector: Hypersphere, pool: Images) -> ActiveLearner[Hypersphere]:
        """A learner as the project wants it."""
        return ActiveLearner(
            detector,
            pool,
            strategy_named(self.project.strategy),
            self.scenario.contamination,
            self.scenario.seed,
            self.candidates,
        )

    def warm_learner(self, active: Model) -> ActiveLearner[Hypersphere]:
        """Return the learner of the active model, loading it after a restart or a roll back.

        Raises StoreDamaged where its files are not what was published.
        """
        if self.learner is None or self.version != active.version:
            require_whole(self.data_dir, active)
            detector = saved_detector(self.data_dir / active.directory, self.data_dir)
            pool = self.read_pool()
            self.learner = self.new_learner(detector, pool).resume(active.round, self.batches())
            if len(pool) > self.candidates:  # its trainer may have ended before it had caught up
                self._renew(self.learner, active)
            self.version = active.version
        return self.learner

    def _renew(self, learner: ActiveLearner[Hypersphere], model: Model) -> None:
        """Publish anew where a version puts the pool."""
        arrays = pool_arrays(learner, self.items, self.data_dir / model.directory)
        self.publisher.renew(model.version, arrays)

    def read_pool(self, grown: int | None = None) -> Images:
        """The images that stand, of the pool as the database knows it or as it has grown since."""
        size = grown or self.store.projects.get(self.project.id).pool_size
        pool = artifacts.read_array(self.folder / "pool.npy")
        gone = self.store.batches.gone(self.project.id)
        self.items = StandingItems.without(gone, len(pool) if size is None else size)
        return self.items.images(pool, self.folder, self.publisher.held)

    def publish(self, made: Made) -> Model:
        """Publish a model, then measure it on the held-out images, which nobody waits for."""
        learner, before = made.learner, self.store.models.active(self.project.id)
        metrics = {
            "R": learner.detector.R_,
            "agreement": self._agreement(before, learner),
            "anomalies_found": made.anomalies_found,
            "seconds": round(made.seconds, 3),
            "warning": made.notes[-1] if made.notes else None,
            "without": taken_back(self.store.batches.of(self.project.id)),
            **serving(learner.detector),
        }

        def write(folder: Path) -> None:
            like = None if before is None else self.data_dir / before.directory
            write_model(folder, learner, self.items, self._proposals(learner), like)

        def row(at: VersionFiles) -> NewModel:
            return NewModel(
                project_id=self.project.id,
                version=made.version,
                parent=made.parent,
                directory=at.directory,
                sha256=at.files[WEIGHTS],
                files=at.files,
                metrics=metrics,
                round=learner.rounds,
                **made.labels,
                grown=made.grown,
                over=made.over,
            )

        model = self.publisher.publish(made.version, write, row)
        self.learner, self.version = learner, made.version
        return self._measure(model)

    def _proposals(self, learner: ActiveLearner[Hypersphere]) -> Query:
        """Line up what to ask: the strategy's choice, with the next audit items among it."""
        audit, share = self.audit, self.project.detector.get("audit_share", 0.0)
        rows = self.items.rows(audit)
        batch_size = self.store.projects.get(self.project.id).batch_size  # which owners may change
        queue = learner.queue(batch_size, PROPOSALS, rows)
        queue = Query(self.items.items[queue.items], queue.utilities)
        history = self.store.events.history(self.project.id)
        waiting = self.items.items[rows]
        waiting = waiting[~np.isin(waiting, history.index(answered).array)]
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
        probe = probe[self.items.items[probe] < len(old)]  # it knows no more
        earlier = old[self.items.items[probe]]
        return agreement(earlier, learner.scores[probe], self.scenario.contamination)

    def _measure(self, model: Model) -> Model:
        """Score the held-out images, which nobody waits for, and add what they tell."""
        assert self.learner is not None
        held_out = {
            f"{part}-scores": self.learner.detector.decision_function(
                artifacts.read_array(self.folder / f"{part}.npy")
            )
            for part in ("test", "validation")
        }
        truth = artifacts.read_array(self.folder / "truth" / "test.npy")
        scores = held_out["test-scores"]
        metrics = {
            "held_out": len(truth),
            "auroc": auroc(truth, scores),
            "average_precision": average_precision(truth, scores),
        }
        return self.publisher.add(model, held_out, metrics)
