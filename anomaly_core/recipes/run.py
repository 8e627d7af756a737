"""Run a plan: train every contestant, judge it, and write the folder.

Each model is saved as soon as it is trained; a run that was stopped goes on from there.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anomaly_core.datasets import dataset_of
from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.letters import class_name
from anomaly_core.datasets.scenario import ANOMALOUS, ScenarioData, build_scenario
from anomaly_core.errors import InvalidInput
from anomaly_core.progress import Progress, silent
from anomaly_core.recipes.base import Contestant
from anomaly_core.recipes.classifying import accuracy, class_errors, confidence
from anomaly_core.recipes.folder import DONE, RunFolder
from anomaly_core.recipes.judging import ScoredImages, judge
from anomaly_core.recipes.lessons import ActiveLabeling
from anomaly_core.recipes.plan import Plan
from anomaly_core.recipes.trained import Clock, ContestantTrainer, Trained
from anomaly_core.report.gallery import draw_gallery
from anomaly_core.report.page import write_report

SHOWN = 12  # images that every contestant reconstructs
TRAINING_SHARE = 0.9  # of the bar; the rest is for judging and drawing


def run(
    plan: Plan, folder: Path, progress: Progress = silent, clock: Clock = time.perf_counter
) -> RunFolder:
    """Run `plan` in `folder`, or go on with the part of it that lies there.

    `progress` may raise, such as `Cancelled`: the folder is then left marked as partial. Raises
    `InvalidInput` before anything is written where the plan or the folder cannot be used.
    """
    plan.check()
    scenario = plan.scenario
    dataset = dataset_of(scenario, Path(plan.root) if plan.root else None, progress=progress)
    data = build_scenario(scenario, dataset)
    with RunFolder.under_way(folder, plan) as target:
        try:
            RunUnderWay(plan, data, target, progress, clock, dataset.names).complete()
        except OSError as error:
            why = error.strerror or "the disk may be full"
            raise InvalidInput(
                f"{folder.name} cannot be written ({why}); free some space, then resume it."
            ) from error
    progress(1.0, "Finished")
    return target


@dataclass
class RunUnderWay:
    """One run under way."""

    plan: Plan
    data: ScenarioData
    folder: RunFolder
    progress: Progress
    clock: Clock
    names: tuple[str, ...] = ()  # of the classes, where they have any

    def complete(self) -> None:
        """Train, judge, write and draw."""
        trained = ContestantTrainer(self.plan, self.data, self.folder, self.clock).train_all(
            lambda share, message: self.progress(TRAINING_SHARE * share, message)
        )
        self.progress(TRAINING_SHARE, "Scoring the evaluation images")
        readings = self.read(trained)
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

    def read(self, trained: dict[str, Trained]) -> dict[str, tuple[ScoredImages, ScoredImages]]:
        """Score validation and test images, once for each model; by contestant."""
        parts = (self.data.validation, self.data.test)
        by_model = {
            name: [one.detector.readings(part.images) for part in parts]
            for name, one in trained.items()
        }

        def reading(one: Contestant, place: int) -> ScoredImages:
            named = by_model[one.model_name][place]
            return ScoredImages.of(parts[place], named[one.reading or next(iter(named))])

        return {one.name: (reading(one, 0), reading(one, 1)) for one in self.plan.entrants}

    def test_scores(self, readings: dict[str, tuple[ScoredImages, ScoredImages]]) -> dict[str, Any]:
        """The scores of the evaluation images by contestant."""
        return {name: test.scores for name, (_, test) in readings.items()}

    def metrics(
        self, readings: dict[str, tuple[ScoredImages, ScoredImages]], trained: dict[str, Trained]
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
            "classes": list(self.names),
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
            "notes": self.notes(),
            "references": [asdict(one) for one in declared.references],
        }

    def result(
        self, contestant: Contestant, readings: tuple[ScoredImages, ScoredImages], trained: Trained
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

    def notes(self) -> list[str]:
        """What a reader must know besides."""
        asking = [one.title for one in self.plan.entrants if isinstance(one.lesson, ActiveLabeling)]
        if asking and not (self.data.truth == ANOMALOUS).any():
            return [
                "No anomaly hides in this pool, so the labels that were bought could teach "
                f"nothing: {', '.join(asking)}."
            ]
        return []

    def write_tables(
        self, readings: dict[str, tuple[ScoredImages, ScoredImages]], trained: dict[str, Trained]
    ) -> None:
        """Write scores, losses and learning curves."""
        test = self.data.test
        table = pd.DataFrame(
            {
                "item": np.arange(len(test)),
                "class": test.classes,
                "name": [class_name(int(label), self.names) for label in test.classes],
                "type": test.provenance.types.astype(str),
                "kind": test.provenance.kinds.astype(str),
                "noise": test.provenance.noise,
                "rotation": test.provenance.rotation,
                "font": test.provenance.fonts.astype(str),
                "size": test.provenance.sizes,
                "origin": test.provenance.origins,
                "y": test.y,
                **self.test_scores(readings),
            }
        )
        self.folder.write_table("scores", table, parquet=True)
        losses = pd.DataFrame(
            [{"model": name, **row} for name, one in trained.items() for row in one.history],
            columns=["model", "stage", "epoch", "training", "validation"],
        )
        self.folder.write_table("curves", losses)
        bought = [{"model": n, **row} for n, one in trained.items() for row in one.learning]
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
