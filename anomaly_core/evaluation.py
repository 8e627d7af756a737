"""How good scores are, where the truth is known. What cannot be known is `None`, never invented.

Scikit-learn takes two seconds to load, so it is loaded by what computes with it: many who import
this compute nothing at first.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, LabeledImages
from anomaly_core.detectors.base import Detector, Scores

MOST_POINTS = 300  # drawn of a curve


def auroc(y: Labels, scores: Scores) -> float | None:
    """Area under the ROC curve; `None` unless `y` (+1/-1) has both normal and anomalous."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(y == ANOMALOUS, scores)) if has_both(y) else None


def average_precision(y: Labels, scores: Scores) -> float | None:
    """Average precision with anomalous as the positive class; `None` unless `y` has both."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(y == ANOMALOUS, scores)) if has_both(y) else None


def has_both(y: Labels) -> bool:
    """Whether there are both normal and anomalous among `y` (+1/-1)."""
    return len(np.unique(y)) == 2


@dataclass(frozen=True)
class Confusion:
    """Counts at a threshold. Positive means flagged as anomalous; true means rightly so."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def anomalies(self) -> int:
        """How many are anomalous."""
        return self.true_positive + self.false_negative

    @property
    def normals(self) -> int:
        """How many are normal."""
        return self.false_positive + self.true_negative

    @property
    def precision(self) -> float | None:
        """Share of the flagged that are anomalous; `None` when nothing is flagged."""
        return ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float | None:
        """Share of the anomalous that are flagged; `None` when nothing is anomalous."""
        return ratio(self.true_positive, self.anomalies)

    @property
    def false_positive_rate(self) -> float | None:
        """Share of the normal that are flagged; `None` when nothing is normal."""
        return ratio(self.false_positive, self.normals)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; `None` if nothing is either."""
        wrong = self.false_positive + self.false_negative
        return ratio(2 * self.true_positive, 2 * self.true_positive + wrong)


def confusion_at(y: Labels, scores: Scores, threshold: float) -> Confusion:
    """Compare `scores > threshold` with the truth `y` (+1/-1)."""
    from sklearn.metrics import confusion_matrix

    if not len(y):
        return Confusion(0, 0, 0, 0)
    table = confusion_matrix(y == ANOMALOUS, scores > threshold, labels=[False, True])
    (true_negative, false_positive), (false_negative, true_positive) = table.tolist()
    return Confusion(true_positive, false_positive, false_negative, true_negative)


def ratio(part: int, whole: int) -> float | None:
    """Part / whole, or `None` where that is undefined."""
    return part / whole if whole else None


@dataclass(frozen=True)
class DecisionCurve:
    """What every threshold gives, (points,) from cautious to bold, and where one decision lies.

    `at` is `None` where that is undefined.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    at: tuple[float, float] | None


def roc(y: Labels, scores: Scores, at: Confusion) -> DecisionCurve | None:
    """Recall over false-positive rate; `None` unless `y` (+1/-1) has normal and anomalous."""
    from sklearn.metrics import roc_curve

    if not has_both(y):
        return None
    false_positive_rate, recall, _ = roc_curve(y == ANOMALOUS, scores, drop_intermediate=False)
    return _curve(false_positive_rate, recall, at.false_positive_rate, at.recall)


def precision_recall(y: Labels, scores: Scores, at: Confusion) -> DecisionCurve | None:
    """Precision over recall; `None` unless `y` (+1/-1) has normal and anomalous.

    scikit-learn's last point is left out: where nothing is flagged, there is no precision.
    """
    from sklearn.metrics import precision_recall_curve

    if not has_both(y):
        return None
    precision, recall, _ = precision_recall_curve(y == ANOMALOUS, scores)
    return _curve(recall[-2::-1], precision[-2::-1], at.recall, at.precision)


def _curve(
    x: NDArray[np.float64], y: NDArray[np.float64], at_x: float | None, at_y: float | None
) -> DecisionCurve:
    return DecisionCurve(*thin(x, y), None if at_x is None or at_y is None else (at_x, at_y))


def thin(
    x: NDArray[np.float64], y: NDArray[np.float64], most: int = MOST_POINTS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Leave out points of a curve (n,) that lie close to others on it; both ends stay."""
    if len(x) <= most:
        return x, y
    along = np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
    wanted = np.linspace(0, along[-1], most)
    kept = np.unique(np.append(np.searchsorted(along, wanted), [0, len(x) - 1]).clip(0, len(x) - 1))
    return x[kept], y[kept]


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
