"""The loop through the app beside the engine's, on the same images of a person's own.

    python -m benchmarks.learning.app_loop --source magnetic-tiles.zip --normal MT_Free --size 128

Through the app: the images are imported, a project is made of them, its trainer prepares it and
takes in what the pool teaches, and an oracle answers what the desk hands out, through the store.
The engine: a simulation on the pool and the test that the project was given. Both buy the same
number of labels; the curves differ by what is drawn at random only.
"""

import argparse
import os
import sys
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.provenance import Provenance
from anomaly_core.datasets.scenario import LabeledImages, Scenario, ScenarioData
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.importing.fitting import Choices, Fit
from anomaly_core.loop.oracle import PoolOracle
from anomaly_core.loop.simulation import simulate
from anomaly_core.progress import silent
from state.files.artifacts import project_folder
from state.labeling.desk import Desk
from state.projects.projects import OWN, ProjectForm, Projects
from state.settings import Settings
from state.store.drafts import AnswerDraft
from state.store.people import MACHINE
from state.store.schema import Answer, EventKind
from state.store.store import Store
from state.store.work import Scope
from state.workers.own.images import OwnImages
from state.workers.rounds import Rounds
from state.workers.spawn import Spawner

NAME = "benchmark"  # of the trainer
Curve = dict[int, float]  # AUROC on the test by labels


class NoTrainers(Spawner):
    """Starts no trainer: this process is the one."""

    def ensure(self, scope: Scope) -> None:
        """Leave it."""


def through_the_app(folder: Path, given: argparse.Namespace, seed: int) -> tuple[Curve, Path]:
    """Label a project of the images as people do; its curve, and the folder of its files."""
    settings = Settings(_env_file=None, data_dir=folder, database_url=None)
    with Store.open(settings) as store:
        projects = Projects(store, settings, NoTrainers(store, settings))
        found = projects.imports.begin(given.source, MACHINE)
        while projects.imports.tend(found).under_way:
            time.sleep(0.2)
        projects.imports.see(found, Choices(given.size, Fit.STRETCH, given.colour), MACHINE)
        images = OwnImages(found.name, truth=True, normal=(given.normal,), test=True)
        project = projects.create(
            ProjectForm(
                name="Through the app",
                scenario=Scenario(OWN, (), given.contamination, size=given.size, seed=seed),
                images=images,
                audit_share=0.0,
                budget=given.budget,
                batch_size=given.batch,
            ),
            MACHINE,
        )
        store.work.training(project.id).take_lease(NAME, "here", os.getpid())
        rounds = Rounds(store, folder, project, NAME)
        rounds.prepare([], silent)
        while rounds.teaching.awaited and rounds.teach() is None:
            time.sleep(0.2)
        return label(store, settings, rounds), project_folder(folder, project.id)


def label(store: Store, settings: Settings, rounds: Rounds) -> Curve:
    """Answer what the desk hands out until the budget is spent; AUROC by labels."""
    project, oracle = rounds.project, store.people.ensure("oracle")
    truth = np.load(rounds.folder / "truth" / "pool.npy")
    curve = {}
    while True:
        model = store.models.active(project.id)
        assert model is not None
        curve[model.label_count] = float(model.metrics["auroc"])
        desk = Desk(store, settings, project.id, oracle)
        if not desk.project.remaining:
            return curve
        for item in desk.queue[: project.batch_size].tolist():
            answer(desk, item, int(truth[item]))
        rounds.update([])


def answer(desk: Desk, item: int, y: int) -> None:
    """Answer as the browser of a person does."""
    proposal, now = desk.proposal(item), time.time()
    assert desk.model is not None
    assert proposal is not None
    desk.store.events.accept(
        AnswerDraft(
            uuid=str(uuid.uuid4()),
            project_id=desk.project.id,
            item=item,
            annotator_id=desk.annotator.id,
            kind=EventKind.ANSWER,
            answer=Answer.NORMAL if y > 0 else Answer.ANOMALOUS,
            model_version=desk.model.version,
            round=desk.model.round,
            strategy=proposal.strategy,
            utility=proposal.utility,
            shown_at=now - 1,
            pressed_at=now,
            prediction_shown=False,
        )
    )


def by_the_engine(folder: Path, given: argparse.Namespace, seed: int) -> Curve:
    """Simulate on the pool and the test of a project."""
    pool, truth = np.load(folder / "pool.npy"), np.load(folder / "truth" / "pool.npy")
    test = held_out(np.load(folder / "test.npy"), np.load(folder / "truth" / "test.npy"))
    none = held_out(test.images[:0], test.y[:0])
    clean = Provenance.clean(np.arange(len(pool)))
    data = ScenarioData(pool, truth, truth, clean, validation=none, test=test)
    result = simulate(
        data,
        JointSVDD(contamination=given.contamination, seed=seed),
        PoolOracle(truth),
        contamination=given.contamination,
        budget=given.budget,
        batch=given.batch,
        seed=seed,
    )
    return {point.labels: float(point.auroc or np.nan) for point in result.curve}


def held_out(images: Images, y: Labels) -> LabeledImages:
    """Images whose truth is known."""
    return LabeledImages(images, y, y, Provenance.clean(np.arange(len(y))))


def main() -> None:
    """Print both curves for each seed, and their means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--normal", required=True, help="the label of what is normal")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--colour", action="store_true")
    parser.add_argument("--contamination", type=float, default=0.1)
    parser.add_argument("--budget", type=int, default=100)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    given = parser.parse_args()
    both = []
    for seed in given.seeds:
        with tempfile.TemporaryDirectory() as name:
            app, folder = through_the_app(Path(name), given, seed)
            both.append((app, by_the_engine(folder, given, seed)))
        show(f"seed {seed}", *both[-1])
    show("mean", *(mean([pair[at] for pair in both]) for at in (0, 1)))


def mean(curves: list[Curve]) -> Curve:
    """The mean of several curves at the labels that all have."""
    shared = sorted(set.intersection(*(set(curve) for curve in curves)))
    return {labels: float(np.mean([curve[labels] for curve in curves])) for labels in shared}


def show(title: str, app: Curve, engine: Curve) -> None:
    """Print two curves beside each other."""
    print(f"{title}: labels, AUROC through the app, by the engine")
    for labels in sorted(set(app) & set(engine)):
        print(f"{labels:>5} {app[labels]:.4f} {engine[labels]:.4f}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
