"""What a person can do with projects: the use-cases that pages call.

Nothing here trains; `tend` sees to it that a trainer does.
"""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from anomaly_core.datasets import check_said, check_used, outline_of
from anomaly_core.datasets.scenario import (
    Scenario,
    build_scenario,
    check_budget,
    check_classes,
    check_contaminated,
)
from anomaly_core.detectors.base import Family, TrainingObjective
from anomaly_core.detectors.checks import check_sides
from anomaly_core.errors import DatasetMissing, InvalidInput, RingfenceError
from anomaly_core.loop.audit import AUDIT_SHARE
from anomaly_core.query import DEFAULT, strategy_named
from state.errors import DuplicateProject
from state.files import artifacts
from state.files.examples import Examples, KeptExamples, keeping
from state.files.imports import ImportFolder
from state.projects.backbones import NetworkChoice
from state.projects.imports import Imports
from state.projects.runs import ON_SCREEN, Runs
from state.projects.shelf import Shelf
from state.projects.terms import check_rounds
from state.projects.weights import backbones
from state.settings import Settings
from state.store.audit_log import Deed, DeedUnderWay
from state.store.incremental import indices
from state.store.models import Model
from state.store.people import MACHINE, Annotator
from state.store.projects import NewProject, Project
from state.store.schema import JobKind, JobState, Role, RoundTrigger
from state.store.store import Store
from state.store.work import Job, Scope, training
from state.workers.baseline.curve import Baseline, baseline
from state.workers.own.images import OwnImages
from state.workers.scorer_client import Attributions, Scoring
from state.workers.spawn import TRIES, Spawner

OWN = "own"  # the dataset of scenarios whose images a person brought
ONLY_OWNERS_CREATE = "Only an owner may create a project; ask one of those on Team."
ONLY_OWNERS_IMAGES = "Only an owner may add images or take them back; ask one of those on Team."
ONLY_OWNERS_TRAIN = "Only an owner may start or stop training; ask one of those on Team."
MNIST_CLASSES, MNIST_SIZE = tuple(range(10)), 60_000  # of the training images


@dataclass(frozen=True, kw_only=True)
class ProjectForm:
    """What a person fills in to create a project; see `Scenario` for the terms."""

    name: str = "Handwritten fives"
    scenario: Scenario = field(default_factory=Scenario)
    images: OwnImages | None = None  # of the person's own, in place of a scenario's dataset
    normal_said: bool = True  # whether the person has named the normal classes
    family: Family = Family.JOINT
    objective: TrainingObjective = TrainingObjective.ONE_CLASS  # of Deep SVDD
    backbone: NetworkChoice = field(default_factory=NetworkChoice)  # that features are from
    strategy: str = DEFAULT
    audit_share: float = AUDIT_SHARE  # of the budget, spent on random items to measure quality
    budget: int = 100
    batch_size: int = 10
    overlap: int = 1
    round_trigger: RoundTrigger = RoundTrigger.COUNT
    round_seconds: float = 30.0
    repeat_share: float = 0.0  # of the answers, asked for twice to see who is consistent
    root: Path | None = None
    guidelines: str = "Normal: a handwritten 5. Anomalous: any other digit."
    examples: Examples = field(default_factory=Examples)  # that go with the guidelines


class Projects:
    """Creates projects and keeps their training going."""

    def __init__(self, store: Store, settings: Settings, spawner: Spawner | None = None) -> None:
        self.store = store
        self.settings = settings
        self.spawner = spawner or Spawner(store, settings)
        self.runs = Runs(store, settings, self.spawner)
        self.imports = Imports(store, settings)
        self.shelf = Shelf(store, self.imports, settings.data_dir)
        self.backbones = backbones(settings)
        self.scoring = Scoring(settings)
        self.attributions = Attributions(self.scoring)

    def first(self) -> Project:
        """The oldest project; without any, the default one is created."""
        if projects := self.store.projects.all():
            return next((one for one in projects if one.archived_at is None), projects[0])
        try:
            return self.create(ProjectForm(), MACHINE)
        except DuplicateProject:  # another tab was first
            return self.store.projects.all()[0]

    @property
    def untouched(self) -> bool:
        """Whether there is but the default project, and nobody has said anything of it."""
        known = self.store.projects.all()
        alone = len(known) == 1 and known[0].name == ProjectForm.name
        return alone and self.store.events.history(known[0].id).last_seq == 0

    def create(self, form: ProjectForm, who: Annotator) -> Project:
        """Check everything, store the project and have it prepared.

        Raises `InvalidInput` or `DuplicateProject` with nothing stored, and `NotAllowed` unless an
        owner asks.
        """
        self.store.audit_log.require(who, Role.OWNER, ONLY_OWNERS_CREATE)
        strategy_named(form.strategy)
        check_contaminated(form.scenario)
        check_rounds(form.batch_size, form.budget)
        if form.images is None:
            own, pool_size = None, self._pool_size(form)
        else:
            own, images = self.imports.taken(form.images, form.scenario.seed)
            check_budget(form.budget, images)
            pool_size = images if own.read else None  # until the trainer has taken them over
        self.backbones.check(form.family, form.backbone)
        log, deed = self.store.audit_log, Deed.CREATED_PROJECT
        with (
            keeping(self.settings.data_dir, form.examples) as kept,
            log.doing(who, deed, refusal=ONLY_OWNERS_CREATE) as row,
        ):
            if own is not None:
                self.imports.hold(own.name)
            project = self._stored(form, own, pool_size, kept)
            row.subject, row.project_id = project.name, project.id
        self.tend(project.id)
        return project

    def _stored(
        self,
        form: ProjectForm,
        own: OwnImages | None,
        pool_size: int | None,
        kept: KeptExamples | None,
    ) -> Project:
        """Store the row of a project whose terms were checked; raises `DuplicateProject`."""
        return self.store.projects.create(
            NewProject(
                name=form.name,
                scenario=form.scenario.to_json(),
                detector={
                    "family": form.family,
                    "objective": form.objective,
                    "backbone": form.backbone.name,
                    "weights": str(form.backbone.weights) if form.backbone.weights else None,
                    "audit_share": form.audit_share,
                    "root": str(form.root.absolute()) if form.root else None,
                    **({"images": own.to_json()} if own else {}),
                    **({"examples": vars(kept)} if kept else {}),
                },
                strategy=form.strategy,
                budget=form.budget,
                batch_size=form.batch_size,
                overlap=form.overlap,
                round_trigger=form.round_trigger,
                round_seconds=form.round_seconds,
                repeat_share=form.repeat_share,
                guidelines=form.guidelines,
                pool_size=pool_size,
                import_name=own.name if own else None,
            )
        )

    def download_weights(self, chosen: NetworkChoice, who: Annotator) -> None:
        """Begin to fetch the published weights of a network, for owners; see `Backbones`."""
        log, deed = self.store.audit_log, Deed.DOWNLOADED_WEIGHTS
        log.record(who, deed, chosen.name, refusal=ONLY_OWNERS_CREATE)
        self.backbones.download(chosen)

    def warm_up(self) -> None:
        """Get ready for a new project, whose first question then comes seconds earlier."""
        with suppress(RingfenceError):  # it only saves time
            self.spawner.warm_up()

    def _pool_size(self, form: ProjectForm) -> int | None:
        """Refuse a dataset that could not be prepared; return the pool's size where it is known."""
        try:
            check_used(form.scenario, form.root)
            root = artifacts.dataset_root(self.settings.data_dir, form.scenario.dataset, form.root)
            if not form.normal_said:
                check_said(form.scenario, root, ON_SCREEN)
            dataset = outline_of(form.scenario, root)
        except DatasetMissing:
            if form.scenario.dataset != "mnist" or form.root is not None:
                raise
            check_classes(form.scenario, "mnist", MNIST_CLASSES)
            check_budget(form.budget, MNIST_SIZE)
            return None  # the trainer downloads it and checks against the pool
        pool = build_scenario(form.scenario, dataset).pool
        check_budget(form.budget, len(pool))
        if form.family is Family.FCDD:
            check_sides(pool)
        return len(pool)

    def tend(self, project_id: int) -> Job | None:
        """Keep a project's training going, and return the job that is under way.

        Asks for the work that is due, too. Cheap when there is nothing to do, so every page view
        may call it.
        """
        if live := self.spawner.tend(training(project_id)):
            self.imports.tend_all(project_id)
            return live[0]
        if self.imports.tend_all(project_id):
            self._keep_trainer(training(project_id))
        due = self.due(project_id)
        if due is None or self.stuck(project_id):
            return None
        job = self.store.work.training(project_id).ask(due)
        self.spawner.ensure(training(project_id))
        return job

    def retry(self, project_id: int, who: Annotator) -> None:
        """Ask for the work that is due, however often it has failed; for owners."""
        due = self.due(project_id)
        with self._doing(who, Deed.STARTED_TRAINING, project_id, ONLY_OWNERS_TRAIN):
            if due:
                self.store.work.training(project_id).ask(due)
        self.tend(project_id)

    def stop(self, project_id: int, job_id: int, who: Annotator) -> None:
        """Stop the training that is under way; the model from before keeps serving. For owners."""
        with self._doing(who, Deed.STOPPED_TRAINING, project_id, ONLY_OWNERS_TRAIN):
            self.store.work.training(project_id).cancel(job_id)

    def _doing(
        self, who: Annotator, what: Deed, project_id: int, refusal: str
    ) -> AbstractContextManager[DeedUnderWay]:
        return self.store.audit_log.doing(who, what, refusal=refusal, project_id=project_id)

    def due(self, project_id: int) -> JobKind | None:
        """What should be trained now: the first model, or one that knows a full new round.

        New is what no model knows, in use or not: a roll back by itself begins no round.
        """
        newest = self.store.models.newest(project_id)
        if newest is None:
            return JobKind.PREPARE
        project, changed = self.store.projects.get(project_id), self.fresh(project_id)
        due = changed and (self._triggered(project, newest, changed) or self._nothing_left(project))
        return JobKind.UPDATE if due else None

    def fresh(self, project_id: int) -> int:
        """How many labels have changed since the newest model learned."""
        newest = self.store.models.newest(project_id)
        if newest is None:
            return 0
        known = max(model.last_seq for model in self.store.models.all(project_id))
        return len(self.store.events.history(project_id).changed_since(known))

    def _triggered(self, project: Project, model: Model, changed: int) -> bool:
        """Whether so many changed labels start a round by now."""
        if project.round_trigger is RoundTrigger.COUNT:
            return changed >= project.batch_size
        if project.round_trigger is RoundTrigger.TIME:
            passed = self.store.clock() - model.created_at
            return not 0 <= passed < project.round_seconds  # a clock that was set back waits not
        return True

    def _nothing_left(self, project: Project) -> bool:
        """Whether the budget is used up, or every item of the pool has an answer."""
        answered = self.store.events.history(project.id).index(indices.answered)
        return project.remaining == 0 or len(answered) == project.pool_size

    def stuck(self, project_id: int) -> bool:
        """Whether the work that is due was cancelled, failed, or was interrupted three times."""
        latest = self.store.work.training(project_id).all(limit=TRIES)
        if latest and latest[0].state in (JobState.CANCELLED, JobState.FAILED):
            return not self.model(project_id) or not self._answered_after(project_id, latest[0])
        return len(latest) == TRIES and all(job.state is JobState.INTERRUPTED for job in latest)

    def _answered_after(self, project_id: int, job: Job) -> bool:
        """Whether the newest full round of labels came in since `job` ended."""
        ended = job.finished_at or time.time()
        project = self.store.projects.get(project_id)
        history = self.store.events.history(project.id)
        newest = islice(reversed(history.index(indices.bought)), project.batch_size)
        fresh = [event for event in history.events(newest) if event.received_at > ended]
        return len(fresh) >= project.batch_size

    def last_finished(self, project_id: int) -> Job | None:
        """The newest job that has ended, however it did."""
        newest = self.store.work.training(project_id).all(limit=3)
        ended = (job for job in newest if not job.state.live)
        return next(ended, None)

    def model(self, project_id: int) -> Model | None:
        """The model version in use, `None` before the first."""
        return self.store.models.active(project_id)

    def baseline(self, project: Project, line: Sequence[Model]) -> Baseline | None:
        """The random baseline of a line of models, with a trainer at it while it is pending.

        Failed, too, when trainers keep dying over it. `None` where there is nothing to compare.
        Raises StoreDamaged.
        """
        found = baseline(self.settings.data_dir, project, line)
        if found is None or not found.pending:
            return found
        return found if self._keep_trainer(training(project.id)) else replace(found, failed=True)

    def _keep_trainer(self, scope: Scope) -> bool:
        """Have a trainer at what nobody waits for; `False` where they keep dying over it."""
        self.spawner.bury(scope)
        if self.spawner.jobless(scope) >= TRIES:
            return False
        self.spawner.ensure(scope)
        return True

    def add_images(self, project_id: int, name: str, who: Annotator) -> None:
        """Let the images of an import come into a project, after all others.

        The model that serves scores them while people go on labeling. Raises `NotAllowed` for
        whoever is no owner, and `InvalidInput` where there is no such import, the project is of a
        dataset, or has these images already.
        """
        with self._doing(who, Deed.ADDED_IMAGES, project_id, ONLY_OWNERS_IMAGES) as row:
            row.subject = name
            self.imports.hold(name)
            there = self.store.batches.of(project_id)
            if not there:
                raise InvalidInput("This project is of a dataset; make a project of your images.")
            if name in [one.import_name for one in there if one.stands]:
                raise InvalidInput("These images are in this project already; give others.")
            self.store.batches.add(project_id, name)
        self.tend(project_id)

    def known_already(self, project_id: int, found: ImportFolder) -> int:
        """How many images of an import are in a project already, by their files."""
        there = set[str]()
        for batch in self.store.batches.of(project_id):
            known = self.imports.named(batch.import_name) if batch.stands else None
            there |= {one.examined.sha256 for _, one in known.records()} if known else set()
        return sum(one.examined.sha256 in there for _, one in found.records())

    def take_back(self, project_id: int, number: int, who: Annotator) -> str:
        """Take a batch of images out of a project, with every answer to them, and say so.

        Raises `NotAllowed` for whoever is no owner, and `InvalidInput` for the first batch.
        """
        with self._doing(who, Deed.TOOK_IMAGES_BACK, project_id, ONLY_OWNERS_IMAGES) as row:
            labels = self.store.events.take_back_batch(project_id, number)
            row.subject = f"batch {number}, {labels:,} labels"
        self.tend(project_id)
        said = "1 label" if labels == 1 else f"{labels:,} labels"
        return f"These images are out of the project; the budget got {said} back."
