"""What a recipe is made of.

A recipe declares a scenario and the contestants that are held side by side on it. How they are
trained, judged, drawn and reported is the same for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from anomaly_core.datasets.scenario import NORMAL, Scenario, ScenarioData
from anomaly_core.detectors.base import Detector
from anomaly_core.loop.simulation import CurvePoint
from anomaly_core.progress import Callback
from anomaly_core.threshold.rules import PercentileOfNormals, ThresholdRule


@dataclass(frozen=True)
class Given:
    """What a contestant is told before it is made."""

    epochs: int | None  # None for its own number
    seed: int
    images: int  # in the pool it will learn from
    kinds: int  # of normal images, each with a class of its own
    contamination: float  # expected share of anomalies in the pool

    def steps(self, batch_size: int) -> int:
        """Optimizer steps in the epochs asked for."""
        return (self.epochs or 0) * max(1, -(-self.images // batch_size))


class Lesson(Protocol):
    """How a detector learns from a scenario; returns its learning curve, if it bought labels."""

    def __call__(
        self, detector: Detector, data: ScenarioData, given: Given, callbacks: Sequence[Callback]
    ) -> list[CurvePoint]:
        """Fit the detector."""


def unlabeled(
    detector: Detector, data: ScenarioData, given: Given, callbacks: Sequence[Callback]
) -> list[CurvePoint]:
    """Fit to the pool as it is; only a detector that needs classes gets to know them."""
    seen = data.validation.y == NORMAL  # whose losses are measured along the way
    known = detector.needs_classes
    detector.fit(
        data.pool,
        callbacks,
        validation=data.validation.images[seen],
        classes=data.classes if known else None,
        validation_classes=data.validation.classes[seen] if known else None,
    )
    return []


@dataclass(frozen=True)
class Contestant:
    """A detector, how it learns, which of its scores counts, and where it draws its line.

    `detector` is a kind in the registry of detectors, `parameters` go to its constructor.
    Contestants of one `model` share what was trained. `reading` is one of the detector's named
    scores, `None` for its first. One that `learns_classes` is told those of the pool's images.
    """

    name: str
    title: str
    detector: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    rule: ThresholdRule = field(default_factory=PercentileOfNormals)
    lesson: Lesson = unlabeled
    reading: str | None = None
    model: str = ""
    learns_classes: bool = False

    @property
    def model_name(self) -> str:
        """The name that its trained model is kept under."""
        return self.model or self.name

    def ruled_by(self, rule: ThresholdRule) -> "Contestant":
        """Return the same with another rule."""
        return replace(self, rule=rule)


@dataclass(frozen=True)
class Evaluation:
    """A scenario by name, for contestants that are compared freely."""

    name: str
    title: str
    scenario: Scenario


@dataclass(frozen=True)
class Reference:
    """A figure that somebody else reported, to be met: which of ours it stands beside, and what."""

    contestant: str
    figure: str  # of metrics.json, such as auroc
    value: float
    type: str | None = None  # on anomalies of one type only, at a threshold selected for it
    source: str = "published project"


@dataclass(frozen=True)
class Recipe:
    """A scenario, its contestants, and the figures that others reported for them.

    `scenario` names neither dataset nor seed: they come with the plan.
    """

    name: str
    title: str
    summary: str
    scenario: Scenario
    contestants: tuple[Contestant, ...]
    references: tuple[Reference, ...] = ()
