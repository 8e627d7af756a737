"""A project with its training and its desk in a data directory of its own."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from answering import answer
from at_work import end
from numpy.typing import NDArray
from own_pile import brought_in
from sqlalchemy import update

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.detectors.base import Family
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.progress import silent
from state.files.artifacts import project_folder
from state.files.gallery import Gallery
from state.files.hashes import hashes_of
from state.labeling.desk import AUDIT, Desk
from state.projects.projects import OWN, ProjectForm, Projects
from state.quality.audit import Quality
from state.settings import Settings
from state.store.models import Model
from state.store.people import MACHINE
from state.store.schema import Answer, JobKind, JobState, event, model
from state.store.store import Store
from state.store.work import Queue, Scope
from state.workers.own.images import OwnImages
from state.workers.rounds import Rounds
from state.workers.spawn import Spawner
from state.workers.trainer import Trainer

DIGITS = ProjectForm(
    family=Family.DEEP_SVDD, strategy="margin", audit_share=0.0, budget=100, batch_size=10
)
WORKER = "w1"  # the name of a trainer
PLACES = replace(DIGITS, family=Family.FCDD)


def of_own_images(data_dir: Path, pile: Path, **labels: Any) -> ProjectForm:
    """A form for a project of a pile of images, which are read first."""
    found = brought_in(data_dir, pile)
    return replace(
        DIGITS,
        name="Belt",
        family=Family.FEATURES,
        scenario=Scenario(OWN, (), 0.1, size=64),
        images=OwnImages(found.name, **labels),
        audit_share=0.3,
        budget=30,
        batch_size=5,
        guidelines="Normal: roofs. Anomalous: a scratch.",
    )


class QuickRounds(Rounds):
    """Trains just long enough to move every score."""

    def new_detector(self) -> Hypersphere:
        detector = super().new_detector()
        if isinstance(detector, DeepSVDD):
            detector.network = "mlp"
            detector.pretrain_steps, detector.fit_steps, detector.update_steps = 30, 10, 10
        if isinstance(detector, FCDD):
            detector.steps, detector.update_steps = 10, 2
        if isinstance(detector, JointSVDD):
            detector.pool |= {"network": "mlp", "pretrain_steps": 5, "update_steps": 5}
        return detector


class NoWorkers(Spawner):
    """A spawner that starts nothing, and notes the projects it was to see to a trainer for."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__(store, settings)
        self.wanted: list[int | None] = []
        self.buried: list[int | None] = []
        self.dead = 0
        self.dead_at_idle_work = 0

    def ensure(self, scope: Scope) -> None:
        self.wanted.append(scope.project_id)

    def warm_up(self) -> None:
        pass

    def bury(self, scope: Scope) -> None:
        self.buried.append(scope.project_id)

    def stillborn(self, scope: Scope) -> int:
        return self.dead

    def jobless(self, scope: Scope) -> int:
        return self.dead + self.dead_at_idle_work

    def forgive(self, scope: Scope) -> None:
        self.dead = 0


class Workshop:
    """One project, the only annotator at it, and trainers within this process."""

    def __init__(
        self,
        data_dir: Path,
        form: ProjectForm = DIGITS,
        stale_seconds: float = 6.0,
        database_url: str | None = None,
    ) -> None:
        self.settings = Settings(
            _env_file=None,
            data_dir=data_dir,
            database_url=database_url,
            heartbeat_seconds=0.05,
            trainer_idle_seconds=0.05,
            stale_seconds=stale_seconds,
        )
        self.store = Store.open(self.settings)
        self.trainers = NoWorkers(self.store, self.settings)
        self.projects = Projects(self.store, self.settings, self.trainers)
        known = self.store.projects.all()
        self.id = known[0].id if known else self.projects.create(form, MACHINE).id
        self.me = self.store.people.ensure("you")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if (held := self.queue.lease()) is not None and held.host == "here":
            self.queue.release_lease(held.worker)  # of a trainer that was never started
        problems = self.store.integrity_problems()
        self.store.close()
        assert problems == []

    @property
    def queue(self) -> Queue:
        """The jobs of the project's trainer."""
        return self.store.work.training(self.id)

    @property
    def folder(self) -> Path:
        return project_folder(self.settings.data_dir, self.id)

    def version_folder(self, version: int) -> Path:
        known = self.store.models.version(self.id, version)
        assert known is not None
        return self.settings.data_dir / known.directory

    def array(self, name: str) -> NDArray[Any]:
        """A published array; for one of a model, begin with `models/<version>/`."""
        array: NDArray[Any] = np.load(self._path(name))
        return array

    def put(self, name: str, array: NDArray[Any]) -> None:
        """Have another array published in the place of one, by the same name as in `array`."""
        np.save(self._path(name), array)
        if version := re.match(r"models/(\d+)/", name):
            self.rehash(int(version[1]))

    def _path(self, name: str) -> Path:
        folder, of_model = self.folder, re.fullmatch(r"models/(\d+)/(.+)", name)
        if of_model:
            folder, name = self.version_folder(int(of_model[1])), of_model[2]
        return folder / f"{name}.npy"

    @property
    def model(self) -> Model:
        model = self.store.models.active(self.id)
        assert model is not None
        return model

    def desk(self, annotator: str = "you") -> Desk:
        return Desk(self.store, self.settings, self.id, self.store.people.ensure(annotator))

    def quality(self) -> Quality:
        """What is known of the active model's quality."""
        gallery = Gallery(self.settings.data_dir, self.id, self.model)
        return Quality(self.store, self.store.projects.get(self.id), gallery)

    def answer(self, count: int, *, wrong: bool = False) -> list[int]:
        """Answer up to `count` items from the truth, or all against it; returns them."""
        desk, truth = self.desk(), self.array("truth/pool")
        items: list[int] = desk.queue[: min(count, desk.project.remaining)].tolist()
        for item in items:
            normal = (truth[item] > 0) != wrong
            answer(desk, item, Answer.NORMAL if normal else Answer.ANOMALOUS)
        return items

    def set_aside(self, items: Any) -> None:
        """Make items the audit slice, also of answers that were given before."""
        np.save(self.folder / "audit.npy", np.sort(np.asarray(items, np.int64)))
        chosen = event.c.item.in_([int(item) for item in items])
        with self.store.engine.begin() as connection:
            connection.execute(update(event).where(chosen).values(strategy=AUDIT))
        self.store.events._histories.clear()

    def remeasure(self, version: int, metrics: dict[str, Any]) -> None:
        """Let a version know these metrics alone."""
        one = (model.c.project_id == self.id) & (model.c.version == version)
        with self.store.engine.begin() as connection:
            connection.execute(update(model).where(one).values(metrics=metrics))

    def rehash(self, version: int) -> None:
        """Have the row of a version agree with files of it that a test has changed."""
        one = (model.c.project_id == self.id) & (model.c.version == version)
        files = hashes_of(self.version_folder(version))
        with self.store.engine.begin() as connection:
            connection.execute(update(model).where(one).values(files=files))

    def hand_over(self, worker: str) -> None:
        """Let another trainer have the lease, as when the one before was silent for too long."""
        held = self.queue.lease()
        if held is not None:
            self.queue.release_lease(held.worker)
        assert self.queue.take_lease(worker, "here", os.getpid())

    def rounds(self) -> QuickRounds:
        """What a trainer has that has just come up, and has the lease."""
        assert self.queue.take_lease(WORKER, "here", os.getpid())
        return self.rounds_of(WORKER)

    def rounds_of(self, worker: str) -> QuickRounds:
        """What a trainer of some name has."""
        project = self.store.projects.get(self.id)
        return QuickRounds(self.store, self.settings.data_dir, project, worker)

    def prepare(self, rounds: Rounds | None = None) -> Model:
        return (rounds or self.rounds()).prepare([], silent)

    def trainer(self, worker: str = WORKER, rounds: Rounds | None = None) -> Trainer:
        if self.queue.lease() is None:
            self.hand_over(worker)  # as its `serve` would
        trainer = Trainer(self.store, self.settings, self.id, worker)
        trainer.rounds = rounds or self.rounds_of(worker)
        trainer.ending.callback(trainer.rounds.teaching.stop)
        return trainer

    def work(self) -> None:
        """Have a trainer do whatever waits, and end."""
        self.trainer().serve()

    def end_job(self, state: JobState, kind: JobKind = JobKind.UPDATE) -> None:
        """Put a job into the history that ended like this."""
        self.queue.ask(kind)
        held = self.queue.lease()
        self.hand_over("w0")
        end(self.queue, state, "w0")
        if held is not None:
            self.hand_over(held.worker)


class Scripted:
    """Rounds that do as they are told: `work` gets the callbacks and gives the model."""

    def __init__(self, work: Any) -> None:
        self.update = work
        self.prepare = lambda callbacks, progress: work(callbacks)
        self.catch_up = lambda: False
        self.teaching = NothingTaught()


class NothingTaught:
    """A pool that has nothing to teach."""

    awaited = False

    def stop(self) -> None:
        pass


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Write one of the four files of an IDX dataset."""
    header = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(header + array.tobytes())
