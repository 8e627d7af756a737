"""What a threshold may be chosen for: each objective picks one, and says in a sentence which.

An objective that needs anomalies to be known refuses where none is; `ExpectedShare` never does.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from math import ceil, log, log1p

import numpy as np

from anomaly_core.errors import InvalidInput, TooLittleKnown
from anomaly_core.threshold.intervals import CONFIDENCE, limits
from anomaly_core.threshold.judged import Curve, Judged, Worth
from anomaly_core.threshold.rules import ThresholdRule, contamination_quantile


class Objective(ABC):
    """Picks the threshold that serves a purpose best."""

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What the threshold is for, as the rest of a sentence that begins "Threshold:"."""

    @abstractmethod
    def choose(self, judged: Judged) -> float:
        """Return the threshold; raises InvalidInput where there is nothing to go by."""


@dataclass(frozen=True)
class MostRecall(Objective):
    """Catch as much as possible while at most this share of the normal is flagged.

    Where it must be `sure`, not the share of the normal seen here stays below, but the upper limit
    of its 95 % interval (Clopper and Pearson 1934).
    """

    false_positive_rate: float = 0.05
    sure: bool = False

    @property
    def sentence(self) -> str:
        """Name the share."""
        least = "the most caught with at most"
        end = ", sure on new images" if self.sure else ""
        return f"{least} {100 * self.false_positive_rate:.1f} % false alarms{end}"

    def choose(self, judged: Judged) -> float:
        """Return the most cautious threshold of the highest recall."""
        _require_normals(judged)
        _require_anomalies(judged)
        allowed = self._reached(judged) <= _as_share(self.false_positive_rate)
        if not allowed.any():
            raise TooLittleKnown(
                f"{judged.normals:,} normal images are too few to be sure of so few false alarms: "
                f"that takes {self._enough:,} at least. Allow more, or do without being sure."
            )
        return _best(judged, np.where(allowed, judged.cuts.recall, -1.0))

    @property
    def _enough(self) -> int:
        """How many normal images, with no false alarm among them, would make it sure."""
        share = _as_share(self.false_positive_rate)
        return ceil(log((1 - CONFIDENCE) / 2) / log1p(-share)) if 0 < share < 1 else 1

    def can_be_sure(self, judged: Judged) -> bool:
        """Whether some threshold keeps even the upper limit below this share."""
        reached = replace(self, sure=True)._reached(judged)
        return bool((reached <= self.false_positive_rate).any())

    def _reached(self, judged: Judged) -> Curve:
        """The false alarms of each cut, or where it must be sure, how many they may be."""
        seen = judged.cuts.false_positive_rate
        return limits(np.round(seen * judged.normals), judged.normals)[1] if self.sure else seen


@dataclass(frozen=True)
class FewestAlarms(Objective):
    """As few false alarms as possible while at least this share of the anomalies is caught."""

    recall: float = 0.9

    @property
    def sentence(self) -> str:
        """Name the share."""
        return f"the fewest false alarms with at least {100 * self.recall:.1f} % caught"

    def choose(self, judged: Judged) -> float:
        """Return the most cautious threshold that reaches the recall."""
        if not 0 < self.recall <= 1:
            raise InvalidInput("Catch more than 0 and at most 100 %; give another share.")
        _require_normals(judged)
        _require_anomalies(judged)
        return _best(judged, (judged.cuts.recall >= self.recall).astype(float))


@dataclass(frozen=True)
class BestFBeta(Objective):
    """The best balance of precision and recall."""

    worth: Worth

    @property
    def sentence(self) -> str:
        """Name the weight."""
        return f"the highest F{self.worth.beta:g}"

    def choose(self, judged: Judged) -> float:
        """Return the most cautious threshold of the highest F-beta."""
        _require_normals(judged)
        _require_anomalies(judged)
        cuts = judged.cuts
        return _best(judged, self.worth.f_beta(cuts.recall, cuts.false_positive_rate))


@dataclass(frozen=True)
class LeastCost(Objective):
    """The least expected cost of misses and false alarms."""

    worth: Worth

    @property
    def sentence(self) -> str:
        """Name the costs."""
        return (
            f"the least cost, where a miss costs {self.worth.miss:g} and a false alarm "
            f"{self.worth.false_alarm:g}"
        )

    def choose(self, judged: Judged) -> float:
        """Return the most cautious threshold of the least cost."""
        _require_normals(judged)
        _require_anomalies(judged)
        cuts = judged.cuts
        return _best(judged, -self.worth.cost(cuts.recall, cuts.false_positive_rate))


@dataclass(frozen=True)
class AlertsPerDay(Objective):
    """As many alerts as people can look at."""

    alerts: float
    images: float

    @property
    def sentence(self) -> str:
        """Name both numbers."""
        return f"{self.alerts:,g} alerts a day of {self.images:,g} images"

    def choose(self, judged: Judged) -> float:
        """Return the score that such a share of the pool exceeds."""
        if not 0 < self.alerts < self.images:
            raise InvalidInput("Alerts a day must be above 0 and fewer than the images a day.")
        return contamination_quantile(_pool(judged), self.alerts / self.images)


@dataclass(frozen=True)
class ExpectedShare(Objective):
    """Flag the share of the pool that is expected to be anomalous; needs no label."""

    contamination: float

    @property
    def sentence(self) -> str:
        """Name the share."""
        return f"the {100 * self.contamination:.1f} % of the pool with the highest scores flagged"

    def choose(self, judged: Judged) -> float:
        """Return the score that such a share of the pool exceeds."""
        return contamination_quantile(_pool(judged), self.contamination)


@dataclass(frozen=True)
class ByRule(Objective):
    """A rule that looks at the normal scores only, or at nothing."""

    rule: ThresholdRule

    @property
    def sentence(self) -> str:
        """Repeat the rule's own."""
        return self.rule.sentence

    def choose(self, judged: Judged) -> float:
        """Return the rule's threshold."""
        return self.rule.choose(judged.scores, judged.y)


def _best(judged: Judged, worth: Curve) -> float:
    """The highest threshold of the greatest worth."""
    last = len(worth) - 1 - int(np.argmax(worth[::-1]))
    return float(judged.cuts.threshold[last])


def _as_share(value: float) -> float:
    if not 0 <= value < 1:
        raise InvalidInput("Allow 0 or more but less than 100 % false alarms; give another share.")
    return value


def _pool(judged: Judged) -> Curve:
    if not len(judged.pool):
        raise InvalidInput("There is no pool to take a share of; choose another objective.")
    return judged.pool_scores


def _require_anomalies(judged: Judged) -> None:
    if not judged.anomalies:
        raise TooLittleKnown(
            "No anomalous image is known here, so nothing tells what would be caught; "
            "label some, or choose a rule that needs none."
        )


def _require_normals(judged: Judged) -> None:
    if not judged.normals:
        raise TooLittleKnown(
            "No normal image is known here, so nothing tells what would be a false alarm; "
            "label some, or choose a rule that needs none."
        )
