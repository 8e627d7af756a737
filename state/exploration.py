"""Looking at a model: scores, thresholds, what is caught and what is missed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anomaly_core.detectors.base import Scores
from anomaly_core.evaluation import Confusion, confusion_at
from anomaly_core.thresholds import contamination_quantile
from state.desk import Gallery
from state.jobs import Job
from state.models import Model
from state.store import Project

BINS = 48


@dataclass(frozen=True)
class Histogram:
    """Counts (bins,) per group between `edges` (bins + 1,), evenly spaced on a logarithmic axis."""

    edges: NDArray[np.float64]
    counts: dict[str, NDArray[np.int64]]


class Exploration:
    """What the Explore page shows of one model version."""

    def __init__(self, gallery: Gallery) -> None:
        self.gallery = gallery

    @cached_property
    def pool_scores(self) -> Scores:
        """Scores of the pool, (n,), by item number."""
        return np.asarray(self.gallery.of_model("scores"))

    @cached_property
    def test_scores(self) -> Scores:
        """Scores of the held-out test images, (m,)."""
        return np.asarray(self.gallery.of_model("test-scores"))

    @cached_property
    def test_truth(self) -> NDArray[np.int64]:
        """Truth about the held-out test images, (m,) of +1/-1."""
        return np.asarray(self.gallery.of_project("truth/test"))

    def threshold(self, flagged_share: float) -> float:
        """The score above which the given share (0 to 1) of the pool lies."""
        return contamination_quantile(self.pool_scores, flagged_share)

    def confusion(self, threshold: float) -> Confusion:
        """Compare flags on the held-out test images with the truth."""
        return confusion_at(self.test_truth, self.test_scores, threshold)

    def histogram(self) -> Histogram:
        """Count the held-out test scores by truth."""
        floor = np.finfo(np.float32).tiny
        scores = np.maximum(self.test_scores, floor).astype(np.float64)
        low, high = scores.min(), max(scores.max(), scores.min() * 1.001)
        edges = np.geomspace(low, high, BINS + 1)
        return Histogram(
            edges,
            {
                name: np.histogram(scores[self.test_truth == y], edges)[0]
                for name, y in (("normal", 1), ("anomalous", -1))
            },
        )

    def most_anomalous(self, count: int) -> NDArray[np.int64]:
        """Items of the pool with the highest scores, highest first."""
        return np.argsort(-self.pool_scores, kind="stable")[:count]


@dataclass(frozen=True)
class Advice:
    """What to do next, in a sentence, and whether that is to go on labeling."""

    sentence: str
    label: bool


def next_step(project: Project, model: Model | None, job: Job | None, fresh: int = 0) -> Advice:
    """Advise on what to do next; `fresh` answers wait already for the next model."""
    if model is None:
        return Advice("The first model is being prepared; then labeling can begin.", False)
    if project.remaining == 0:
        return Advice(
            "The budget is used up. Set a threshold on Explore, or start another project.", False
        )
    if project.spent == 0:
        return Advice("Label the first round: a few answers already move the sphere.", True)
    if job is not None:
        return Advice("The model is learning from your answers; you can go on labeling.", True)
    wanted = max(1, min(project.batch_size - fresh, project.remaining))
    return Advice(f"Label {wanted:,} more to teach the next model.", True)
