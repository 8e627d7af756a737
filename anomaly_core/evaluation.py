"""How good scores are, where the truth is known. What cannot be known is `None`, never invented."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, LabeledImages
from anomaly_core.detectors.base import Detector, Scores


def auroc(y: Labels, scores: Scores) -> float | None:
    """Area under the ROC curve; `None` unless `y` (+1/-1) has both normal and anomalous."""
    return float(roc_auc_score(y == ANOMALOUS, scores)) if len(np.unique(y)) == 2 else None


def average_precision(y: Labels, scores: Scores) -> float | None:
    """Average precision with anomalous as the positive class; `None` unless `y` has both."""
    return (
        float(average_precision_score(y == ANOMALOUS, scores)) if len(np.unique(y)) == 2 else None
    )


@dataclass(frozen=True)
class Confusion:
    """Counts at a threshold. Positive means flagged as anomalous; true means rightly so."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def precision(self) -> float | None:
        """Share of the flagged that are anomalous; `None` when nothing is flagged."""
        return ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float | None:
        """Share of the anomalous that are flagged; `None` when nothing is anomalous."""
        return ratio(self.true_positive, self.true_positive + self.false_negative)

    @property
    def false_positive_rate(self) -> float | None:
        """Share of the normal that are flagged; `None` when nothing is normal."""
        return ratio(self.false_positive, self.false_positive + self.true_negative)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; `None` if nothing is either."""
        wrong = self.false_positive + self.false_negative
        return ratio(2 * self.true_positive, 2 * self.true_positive + wrong)

    def precision_at(self, prevalence: float) -> float | None:
        """Precision that the same recall and false-positive rate give at another prevalence.

        `prevalence` is the share of anomalies, 0 to 1; `None` where a rate is undefined or nothing
        would be flagged. Bayes' rule.
        """
        recall, false_positive_rate = self.recall, self.false_positive_rate
        if recall is None or false_positive_rate is None:
            return None
        right, wrong = recall * prevalence, false_positive_rate * (1 - prevalence)
        return right / (right + wrong) if right + wrong else None


def confusion_at(y: Labels, scores: Scores, threshold: float) -> Confusion:
    """Compare `scores > threshold` with the truth `y` (+1/-1)."""
    if not len(y):
        return Confusion(0, 0, 0, 0)
    table = confusion_matrix(y == ANOMALOUS, scores > threshold, labels=[False, True])
    (true_negative, false_positive), (false_negative, true_positive) = table.tolist()
    return Confusion(true_positive, false_positive, false_negative, true_negative)


def ratio(part: int, whole: int) -> float | None:
    """Part / whole, or `None` where that is undefined."""
    return part / whole if whole else None


@dataclass(frozen=True)
class Evaluator:
    """Holds a test set with its truth, and measures detectors on it. Training never sees it."""

    test: LabeledImages

    def measure(self, scores: Scores) -> dict[str, float | None]:
        """AUROC and average precision of scores of the test images, (len(test),)."""
        return {
            "auroc": auroc(self.test.y, scores),
            "average_precision": average_precision(self.test.y, scores),
        }

    def evaluate(self, detector: Detector) -> dict[str, float | None]:
        """Score the test images and measure."""
        return self.measure(detector.decision_function(self.test.images))
