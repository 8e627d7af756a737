"""Run a plan: train every contestant, judge it, and write the folder.

Each model is saved as soon as it is trained; a run that was stopped goes on from there.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anomaly_core.checkpoint import load_detector, save_detector
from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.base import Dataset, Labels
from anomaly_core.datasets.scenario import (
    ANOMALOUS,
    NORMAL,
    LabeledImages,
    ScenarioData,
    build_scenario,
)
from anomaly_core.detectors.network import NetworkDetector
from anomaly_core.errors import CheckpointError
from anomaly_core.progress import Progress, StepReport, silent
from anomaly_core.recipes.base import Contestant, Given
from anomaly_core.recipes.classifying import accuracy, class_errors, confidence
from anomaly_core.recipes.folder import DONE, PARTIAL, RunFolder
from anomaly_core.recipes.judging import Scored, judge
from anomaly_core.recipes.makers import make
from anomaly_core.recipes.plan import Plan
from anomaly_core.report.gallery import draw_gallery
from anomaly_core.report.page import write_report

Clock = Callable[[], float]
TRAINED = "training.json"  # written last, so that it says that a model is whole
SHOWN = 12  # images that every contestant reconstructs
TRAINING_SHARE = 0.9  # of the bar; the rest is for judging and drawing


@dataclass
class Trained:
    """A fitted detector and how it became one."""

    detector: NetworkDetector
    seconds: float
    history: list[dict[str, Any]] = field(default_factory=list)
    learning: list[dict[str, Any]] = field(default_factory=list)


def run(
    plan: Plan, folder: Path, progress: Progress = silent, clock: Clock = time.perf_counter
) -> RunFolder:
    """Run `plan` in `folder`, or go on with the part of it that lies there.

    `progress` may raise, such as `Cancelled`: the folder is then left marked as partial. Raises
    `InvalidInput` before anything is written where the plan or the folder cannot be used.
    """
    plan.check()
    dataset = load_dataset(plan.dataset, Path(plan.root) if plan.root else None, progress=progress)
    data = build_scenario(plan.scenario, dataset)
    target = RunFolder.begin(folder, plan)
    try:
        Run(plan, dataset, data, target, progress, clock).complete()
    except BaseException:
        target.mark(PARTIAL, "Stopped before it was finished.")
        raise
    return target


@dataclass
class Run:
    """One run under way."""

    plan: Plan
    dataset: Dataset
    data: ScenarioData
    folder: RunFolder
    progress: Progress
    clock: Clock

    def complete(self) -> None:
        """Train, judge, write and draw."""
        trained = self.train_all()
        self.progress(TRAINING_SHARE, "Scoring the evaluation images")
        readings = {
            one.name: self.readings(one, trained[one.model_name].detector)
            for one in self.plan.entrants
        }
        shown = self.write_images(trained)
        self.write_tables(readings, trained)
        self.progress(0.95, "Drawing pictures")
        metrics = self.metrics(readings, trained)
        self.folder.write_json("metrics.json", metrics)
        detectors = {one.name: trained[one.model_name].detector for one in self.plan.entrants}
        scores = self.test_scores(readings)
        draw_gallery(self.folder.path, metrics, self.data.test, scores, detectors, shown)
        self.progress(0.98, "Writing the report")
        write_report(self.folder.path, metrics)
        self.folder.mark(DONE, "Finished.")
        self.progress(1.0, "Finished")

    def train_all(self) -> dict[str, Trained]:
        """Train each model that contestants need, or load what an earlier start has saved."""
        first = {one.model_name: one for one in reversed(self.plan.entrants)}
        models = list(dict.fromkeys(one.model_name for one in self.plan.entrants))
        trained = {}
        for place, name in enumerate(models):

            def share(done: float, message: str, place: int = place, name: str = name) -> None:
                part = (place + done) / len(models)
                self.progress(TRAINING_SHARE * part, f"{first[name].title}: {message}")

            trained[name] = self.saved(name) or self.train(name, first[name], share)
        return trained

    def saved(self, name: str) -> Trained | None:
        """Load a model that was trained before this run was stopped."""
        folder = self.folder.path / "models" / name
        try:
            told = json.loads((folder / TRAINED).read_text())
            return Trained(load_detector(folder), **told)
        except (OSError, ValueError, TypeError, CheckpointError):
            return None

    def train(self, name: str, contestant: Contestant, progress: Progress) -> Trained:
        """Train a model and save it."""
        given = self.given()
        detector = make(contestant, given)
        furthest = 0.0

        def step(report: StepReport) -> None:
            nonlocal furthest
            furthest = max(furthest, report.share * 0.99)
            progress(furthest, f"{report.stage}, loss {report.loss:.4g}")

        progress(0.0, "preparing")
        began = self.clock()
        learning = contestant.lesson(detector, self.data, given, [step])
        trained = Trained(
            detector,
            round(self.clock() - began, 3),
            [asdict(losses) for losses in detector.history_],
            [asdict(point) for point in learning],
        )
        folder = self.folder.path / "models" / name
        folder.mkdir(parents=True, exist_ok=True)
        save_detector(detector, folder)
        told = {name: getattr(trained, name) for name in ("seconds", "history", "learning")}
        self.folder.write_json(f"models/{name}/{TRAINED}", told)
        return trained

    def given(self) -> Given:
        """What every contestant is told."""
        anomalies = np.count_nonzero(self.data.truth == ANOMALOUS)
        return Given(
            self.plan.epochs,
            self.plan.seed,
            images=len(self.data.pool),
            kinds=len(np.unique(self.data.classes[self.data.truth == NORMAL])),
            contamination=anomalies / len(self.data.pool),
        )

    def readings(self, contestant: Contestant, detector: NetworkDetector) -> tuple[Scored, Scored]:
        """Score validation and test images."""

        def scored(images: LabeledImages) -> Scored:
            readings = detector.readings(images.images)
            return Scored.of(images, readings[contestant.reading or next(iter(readings))])

        return scored(self.data.validation), scored(self.data.test)

    def test_scores(self, readings: dict[str, tuple[Scored, Scored]]) -> dict[str, Any]:
        """The scores of the evaluation images by contestant."""
        return {name: test.scores for name, (_, test) in readings.items()}

    def metrics(
        self, readings: dict[str, tuple[Scored, Scored]], trained: dict[str, Trained]
    ) -> dict[str, Any]:
        """Everything measured, as JSON values."""
        declared, test = self.plan.declared, self.data.test
        types, counts = np.unique(test.provenance.types, return_counts=True)
        return {
            "title": self.plan.title,
            "summary": declared.summary,
            "command": self.plan.command("DIR"),
            "plan": self.plan.to_json(),
            "scenario": self.plan.scenario.to_json(),
            "training_images": len(self.data.pool),
            "evaluation": {
                "images": len(test),
                "anomalies": int(np.count_nonzero(test.y == ANOMALOUS)),
                "types": {
                    str(type_): int(count) for type_, count in zip(types, counts, strict=True)
                },
            },
            "contestants": [
                self.result(one, readings[one.name], trained[one.model_name])
                for one in self.plan.entrants
            ],
            "references": [asdict(one) for one in declared.references],
        }

    def result(
        self, contestant: Contestant, readings: tuple[Scored, Scored], trained: Trained
    ) -> dict[str, Any]:
        """What one contestant is and how it did."""
        detector = trained.detector
        return {
            "name": contestant.name,
            "title": contestant.title,
            "model": contestant.model_name,
            "detector": detector.kind,
            "network": str(detector.description()["parameters"].get("network", "")),
            "parameters": detector.parameter_count,
            "seconds": trained.seconds,
            "reconstructs": detector.reconstructs,
            "accuracy": accuracy(detector, self.data.test),
            "confidence": confidence(detector, self.data.test),
            "class_errors": class_errors(detector),
            "learning": trained.learning,
            **judge(contestant.rule, *readings),
        }

    def write_tables(
        self, readings: dict[str, tuple[Scored, Scored]], trained: dict[str, Trained]
    ) -> None:
        """Write scores, losses and learning curves."""
        test = self.data.test
        table = pd.DataFrame(
            {
                "item": np.arange(len(test)),
                "class": test.classes,
                "type": test.provenance.types.astype(str),
                "noise": test.provenance.noise,
                "rotation": test.provenance.rotation,
                "y": test.y,
                **self.test_scores(readings),
            }
        )
        self.folder.write_table("scores", table, parquet=True)
        losses = pd.DataFrame(
            [{"contestant": name, **row} for name, one in trained.items() for row in one.history],
            columns=["contestant", "stage", "epoch", "training", "validation"],
        )
        self.folder.write_table("curves", losses)
        bought = [{"contestant": n, **row} for n, one in trained.items() for row in one.learning]
        if bought:
            self.folder.write_table("learning", pd.DataFrame(bought))

    def write_images(self, trained: dict[str, Trained]) -> Labels:
        """Write the evaluation images, and what contestants make of a few; returns those items."""
        test = self.data.test
        shown = representatives(test.provenance.types, self.plan.seed)
        self.folder.write_array("images.npy", test.images)
        self.folder.write_array("shown.npy", shown)
        for one in self.plan.entrants:
            detector = trained[one.model_name].detector
            if detector.reconstructs:
                made = detector.reconstruct(np.asarray(test.images[shown]))
                pixels = (made * 255).round().astype(np.uint8)
                self.folder.write_array(f"reconstructions/{one.name}.npy", pixels)
        return shown


def representatives(types: NDArray[np.str_], seed: int, count: int = SHOWN) -> Labels:
    """Draw items of every type in turn, (count,) or fewer."""
    rng = np.random.default_rng(seed)
    by_type = [list(rng.permutation(np.flatnonzero(types == type_))) for type_ in np.unique(types)]
    drawn: list[int] = []
    while len(drawn) < min(count, len(types)):
        drawn += [int(rows.pop()) for rows in by_type if rows]
    return np.sort(np.array(drawn[:count], np.int64))
