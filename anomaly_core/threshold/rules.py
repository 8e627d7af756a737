"""Rules that turn scores into a decision: an image whose score exceeds the threshold is flagged.

A rule looks at held-out scores and, where it says so, at their truth; it never sees the images that
the decision is judged on.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL
from anomaly_core.detectors.base import Scores
from anomaly_core.errors import InvalidInput, TooLittleKnown

USUAL_PERCENTILE = 95.0


class ThresholdRule(ABC):
    """Chooses a threshold from held-out scores (n,) and their truth `y` (n,) of +1/-1."""

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What the rule does, as the rest of a sentence that begins "Threshold:"."""

    @abstractmethod
    def choose(self, scores: Scores, y: Labels) -> float:
        """Return the threshold; raises `InvalidInput` where the rule has nothing to go by."""


@dataclass(frozen=True)
class PercentileOfNormals(ThresholdRule):
    """The score that so many percent of the normal ones stay below."""

    percentile: float = USUAL_PERCENTILE

    @property
    def sentence(self) -> str:
        """Name the percentile."""
        return f"{self.percentile:g}th percentile of the normal scores"

    def choose(self, scores: Scores, y: Labels) -> float:
        """Return the percentile of the normal scores; raises `InvalidInput` for none."""
        if not 0 < self.percentile < 100:
            raise InvalidInput("A percentile lies between 0 and 100; give another one.")
        return float(np.percentile(normals(scores, y), self.percentile))


@dataclass(frozen=True)
class MeanPlusSigmas(ThresholdRule):
    """So many standard deviations above the mean of the normal scores."""

    sigmas: float = 3.0

    @property
    def sentence(self) -> str:
        """Name the number of standard deviations."""
        return f"mean + {self.sigmas:g} sigma of the normal scores"

    def choose(self, scores: Scores, y: Labels) -> float:
        """Return mean + sigmas * standard deviation."""
        among = normals(scores, y).astype(np.float64)
        return float(among.mean() + self.sigmas * among.std())


@dataclass(frozen=True)
class TimesTheMean(ThresholdRule):
    """So many times the mean of the normal scores."""

    times: float = 2.0

    @property
    def sentence(self) -> str:
        """Name the factor."""
        return f"{self.times:g} times the mean of the normal scores"

    def choose(self, scores: Scores, y: Labels) -> float:
        """Return times * mean; raises `InvalidInput` for a factor that is not above 0."""
        if not self.times > 0:
            raise InvalidInput("The factor must be above 0; give another one.")
        return float(self.times * normals(scores, y).astype(np.float64).mean())


@dataclass(frozen=True)
class BestF1(ThresholdRule):
    """The threshold of the highest F1 on the held-out scores; in the gap, halfway.

    Without any anomalous one among them it is the usual percentile of the normal ones, for no
    threshold has an F1 then.
    """

    @property
    def sentence(self) -> str:
        """Say what is sought."""
        return "highest F1 on validation images"

    def choose(self, scores: Scores, y: Labels) -> float:
        """Return the middle between the lowest score flagged and the highest one passed."""
        from sklearn.metrics import precision_recall_curve  # here, see `anomaly_core.evaluation`

        if not (y == ANOMALOUS).any():
            return PercentileOfNormals().choose(scores, y)
        precision, recall, cuts = precision_recall_curve(y == ANOMALOUS, scores)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        lowest = cuts[int(np.argmax(f1[:-1]))]
        below = scores[scores < lowest]
        return float((lowest + below.max()) / 2 if len(below) else np.nextafter(lowest, -np.inf))


@dataclass(frozen=True)
class Fixed(ThresholdRule):
    """A number given beforehand, with what it means."""

    threshold: float
    meaning: str

    @property
    def sentence(self) -> str:
        """Say what the number means."""
        return self.meaning

    def choose(self, scores: Scores, y: Labels) -> float:
        """Return the number."""
        return self.threshold


def normals(scores: Scores, y: Labels) -> Scores:
    """Return the scores of the normal images; raises `InvalidInput` if there are none."""
    if not (y == NORMAL).any():
        raise TooLittleKnown(
            "No held-out image is normal, so no threshold can be set by them; "
            "hold out some, or give a threshold."
        )
    among: Scores = scores[y == NORMAL]
    return among


def contamination_quantile(scores: NDArray[np.floating[Any]], contamination: float) -> float:
    """The threshold that flags the expected share of anomalies; needs no label."""
    if not 0 < contamination < 1:
        raise InvalidInput(f"A contamination of {contamination:g} is not a share; give 0 to 1.")
    return float(np.quantile(scores, 1 - contamination))


def from_radius(R: float) -> float:
    """The score on the surface of a hypersphere of radius `R`: scores are squared distances."""
    return R**2


def to_radius(threshold: float) -> float:
    """The distance to the center of what scores as much as a threshold."""
    return math.sqrt(max(0.0, threshold))
