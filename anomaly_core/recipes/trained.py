"""Models of a run: trained once, saved at once, found again when the run goes on."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from anomaly_core.checkpoint import load_detector, save_detector
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL, ScenarioData
from anomaly_core.detectors.network import NetworkDetector
from anomaly_core.errors import CheckpointError
from anomaly_core.progress import Progress, StepReport
from anomaly_core.recipes.base import Contestant, Given
from anomaly_core.recipes.folder import RunFolder
from anomaly_core.recipes.makers import make
from anomaly_core.recipes.plan import Plan

Clock = Callable[[], float]
TRAINED = "training.json"  # written last, so that it says that a model is whole


@dataclass
class Trained:
    """A fitted detector and how it became one."""

    detector: NetworkDetector
    seconds: float
    history: list[dict[str, Any]] = field(default_factory=list)
    learning: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class ContestantTrainer:
    """Trains the models that a plan's contestants need."""

    plan: Plan
    data: ScenarioData
    folder: RunFolder
    clock: Clock

    def train_all(self, progress: Progress) -> dict[str, Trained]:
        """Train each model, or load what an earlier start has saved; `progress` runs to 1."""
        first = {one.model_name: one for one in reversed(self.plan.entrants)}
        names = list(dict.fromkeys(one.model_name for one in self.plan.entrants))
        trained = {}
        for place, name in enumerate(names):

            def share(done: float, message: str, place: int = place, name: str = name) -> None:
                progress((place + done) / len(names), f"{first[name].title}: {message}")

            trained[name] = self.saved(first[name]) or self.train(first[name], share)
        return trained

    def saved(self, contestant: Contestant) -> Trained | None:
        """Load a model that was trained the same way on the same images, if there is one."""
        folder = self.folder.path / "models" / contestant.model_name
        try:
            told = json.loads((folder / TRAINED).read_text("utf-8"))
            if told.pop("made_of") != self.made_of(contestant):
                return None
            return Trained(load_detector(folder), **told)
        except (OSError, LookupError, ValueError, TypeError, CheckpointError):
            return None

    def train(self, contestant: Contestant, progress: Progress) -> Trained:
        """Train a model and save it."""
        detector = make(contestant, self.given)
        furthest = 0.0

        def step(report: StepReport) -> None:
            nonlocal furthest
            furthest = max(furthest, report.share * 0.99)
            progress(furthest, f"{report.stage}, loss {report.loss:.4g}")

        progress(0.0, "preparing")
        began = self.clock()
        learning = contestant.lesson(detector, self.data, self.given, [step])
        trained = Trained(
            detector,
            round(self.clock() - began, 3),
            [asdict(losses) for losses in detector.history_],
            [asdict(point) for point in learning],
        )
        folder = self.folder.path / "models" / contestant.model_name
        folder.mkdir(parents=True, exist_ok=True)
        save_detector(detector, folder)
        told = {name: getattr(trained, name) for name in ("seconds", "history", "learning")}
        told["made_of"] = self.made_of(contestant)
        self.folder.write_json(f"models/{contestant.model_name}/{TRAINED}", told)
        return trained

    @property
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

    def made_of(self, contestant: Contestant) -> str:
        """A fingerprint of all that decides what is learned: images, truth and declaration."""
        lesson = getattr(contestant.lesson, "__name__", repr(contestant.lesson))
        declared = [contestant.detector, dict(contestant.parameters), lesson, asdict(self.given)]
        digest = hashlib.sha256(json.dumps(declared).encode())
        for array in (self.data.pool, self.data.truth, self.data.classes):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()
