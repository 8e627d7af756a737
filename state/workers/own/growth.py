"""Versions of the model for a pool that changes while people label: it grows, or parts go.

All of it is done when nobody waits for a model; a step of it takes about a second.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from anomaly_core.datasets.base import Images
from anomaly_core.datasets.scenario import UNLABELED
from anomaly_core.detectors.base import AT_ONCE
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.errors import NotFitted
from anomaly_core.loop.audit import draw_more
from anomaly_core.loop.learner import ActiveLearner
from state.files import artifacts
from state.files.imports import import_named
from state.store.batches import ImageBatch, taken_back
from state.store.models import Model
from state.store.projects import Project
from state.store.store import Store
from state.workers.own.answers import ComeAlong
from state.workers.own.growing import Arriving, Growing, joined
from state.workers.own.images import OwnImages
from state.workers.publishing import Made
from state.workers.rounds import Rounds


class Growth:
    """Keeps the model of a project in step with its pool."""

    def __init__(self, store: Store, data_dir: Path, project: Project, rounds: Rounds) -> None:
        self.store = store
        self.project = project
        self.rounds = rounds
        own, folder = OwnImages.of(project.detector), artifacts.project_folder(data_dir, project.id)
        held = rounds.publisher.held
        self.growing = None if own is None else Growing(data_dir, own, folder, held)
        self.answers = None if own is None else ComeAlong(store, project, own)

    def step(self, holds: Callable[[], bool] = lambda: True) -> bool:
        """Do a little of what is left to do; whether there was any.

        What was read is scored block by block, and a version is published for it in steps that
        grow; of the first images it is drawn anew round all of them. Where images were taken back,
        a version does without them. `holds` tells whether the lease still does.
        """
        active = self.store.models.active(self.project.id)
        if active is None or self.growing is None or not holds():
            return False
        batches = self.store.batches.of(self.project.id)
        if taken_back(batches) != active.metrics.get("without", []):
            self.serve(active.version)
            return True
        if self._store_answers(batches[0]):
            return True
        coming = self.growing.of(batches)
        if coming is None:
            return False
        learner = self.rounds.warm_learner(active)
        if self.growing.take_over(coming, learner.detector):
            return True
        if self.growing.score(coming, learner, active.version):
            return True
        if coming.due:
            self._publish(coming, learner, active)
        return coming.due

    def serve(self, version: int) -> Model:
        """Publish a version anew for the pool as it is, and have it serve.

        Raises `NotFitted` where there is no such version.
        """
        known = {model.version: model for model in self.store.models.all(self.project.id)}
        active = self.store.models.active(self.project.id)
        if active is None or version not in known:
            raise NotFitted(f"There is no model {version} to go back to; choose another.")
        self.rounds.learner = None
        learner = self.rounds.warm_learner(known[version])
        learner.y, _ = self.rounds.labels()  # so that what is answered is not proposed
        made = Made(learner, max(known) + 1, version, like=known[version], over=active.version)
        return self.rounds.publish(made)

    def _store_answers(self, first: ImageBatch) -> bool:
        found = import_named(self.rounds.data_dir, first.import_name)
        if self.answers is None or found is None:
            return False
        return self.answers.store_all(found, self.rounds.audit)

    def _publish(
        self, coming: Arriving, learner: ActiveLearner[Hypersphere], active: Model
    ) -> Model:
        """Publish a version that knows what came."""
        newest = self.store.models.newest(self.project.id)
        assert newest is not None
        pool = self.rounds.read_pool(coming.batch.start + coming.items)
        self.rounds.learner = None  # until published
        made = Made(learner, newest.version + 1, active.version, grown=coming.extent)
        if coming.batch.number == 0 and self._quickly_drawn:
            self._audit_more(range(coming.start, self.rounds.items.size))
            fresh, last_seq = self._drawn_anew(pool, learner)
            return self.rounds.publish(replace(made, learner=fresh, last_seq=last_seq))
        if coming.fresh:
            learner.grow(pool, *joined(coming))
        learner.y, _ = self.rounds.labels()
        return self.rounds.publish(replace(made, like=active))

    @property
    def _quickly_drawn(self) -> bool:
        return self.project.detector.get("family") in AT_ONCE

    def _drawn_anew(
        self, pool: Images, before: ActiveLearner[Hypersphere]
    ) -> tuple[ActiveLearner[Hypersphere], int]:
        """Draw the model round a whole pool, with every answer so far, up to an event's number."""
        learner = self.rounds.new_learner(self.rounds.new_detector(), pool).fit()
        y, last_seq = self.rounds.labels()
        if y.any():
            learner.update(np.flatnonzero(y), y[y != UNLABELED])
        learner.rounds, learner.batches = before.rounds, self.rounds.batches()
        return learner, last_seq

    def _audit_more(self, came: range) -> None:
        """Set items that came aside as well, where too few did before to have their share."""
        share, seed = self.project.detector.get("audit_share", 0.0), self.rounds.scenario.seed
        audit = self.rounds.audit
        more = draw_more(audit, came, self.project.budget, share, seed)
        if len(more) > len(audit):
            held = self.rounds.publisher.held
            artifacts.replace_arrays(self.rounds.folder, {"audit": more}, held)
