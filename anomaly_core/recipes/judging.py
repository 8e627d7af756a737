"""What is measured of a contestant on images that it never saw.

The threshold comes from validation images, everything else from test images. Each type of anomaly
is also measured on its own against the clean images, once at the contestant's threshold and once at
one selected for that type on the validation images, where it is among them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import classification_report

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL, LabeledImages
from anomaly_core.detectors.base import Scores
from anomaly_core.evaluation import Confusion, auroc, average_precision, confusion_at
from anomaly_core.threshold.intervals import auroc_interval
from anomaly_core.threshold.rules import BestF1, MeanPlusSigmas, PercentileOfNormals, ThresholdRule

SELECTED = BestF1()  # needs anomalies among the validation images
OTHER_RULES = (PercentileOfNormals(), MeanPlusSigmas(), SELECTED)


@dataclass(frozen=True)
class ScoredImages:
    """Scores (n,) of images with their truth `y` (n,) and the type of each (n,)."""

    scores: Scores
    y: Labels
    types: NDArray[np.str_]

    @classmethod
    def of(cls, images: LabeledImages, scores: Scores) -> "ScoredImages":
        """Join scores with what is known of their images."""
        return cls(scores, images.y, images.provenance.types)

    def only(self, type_: str) -> "ScoredImages":
        """Keep the normal ones and the anomalies of one type."""
        kept = (self.y == NORMAL) | (self.types == type_)
        return ScoredImages(self.scores[kept], self.y[kept], self.types[kept])

    @property
    def anomaly_types(self) -> list[str]:
        """The types that anomalies are of, in order."""
        return [str(type_) for type_ in np.unique(self.types[self.y == ANOMALOUS])]


def judge(rule: ThresholdRule, validation: ScoredImages, test: ScoredImages) -> dict[str, Any]:
    """Measure everything; figures that are undefined are `None`. JSON values."""
    threshold = rule.choose(validation.scores, validation.y)
    interval = auroc_interval(test.y, test.scores)
    return {
        "rule": rule.sentence,
        "threshold": threshold,
        "auroc": auroc(test.y, test.scores),
        "auroc_low": interval.low if interval else None,
        "auroc_high": interval.high if interval else None,
        "average_precision": average_precision(test.y, test.scores),
        **at_threshold(test, threshold),
        "types": {
            type_: judge_type(threshold, validation.only(type_), test.only(type_))
            for type_ in test.anomaly_types
        },
        "rules": [
            {"rule": other.sentence, **ruled(other, validation, test)}
            for other in OTHER_RULES
            if other is not SELECTED or validation.anomaly_types
        ],
        "report": report_of(test, threshold),
    }


def at_threshold(scored: ScoredImages, threshold: float) -> dict[str, Any]:
    """Confusion matrix, and what follows from it."""
    confusion = confusion_at(scored.y, scored.scores, threshold)
    return {**rates(confusion), "confusion": asdict(confusion)}


def rates(confusion: Confusion) -> dict[str, float | None]:
    """The usual shares of a confusion matrix."""
    return {
        "precision": confusion.precision,
        "recall": confusion.recall,
        "f1": confusion.f1,
        "false_positive_rate": confusion.false_positive_rate,
    }


def judge_type(threshold: float, validation: ScoredImages, test: ScoredImages) -> dict[str, Any]:
    """Measure one type of anomaly against the clean images."""
    confusion = confusion_at(test.y, test.scores, threshold)
    return {
        "images": confusion.anomalies,
        "flagged": confusion.true_positive,
        "rate": confusion.recall,
        "auroc": auroc(test.y, test.scores),
        "f1": confusion.f1,
        "selected": ruled(SELECTED, validation, test) if validation.anomaly_types else None,
    }


def ruled(rule: ThresholdRule, validation: ScoredImages, test: ScoredImages) -> dict[str, Any]:
    """What another rule would have brought."""
    threshold = rule.choose(validation.scores, validation.y)
    return {"threshold": threshold, **at_threshold(test, threshold)}


def report_of(scored: ScoredImages, threshold: float) -> Mapping[str, Any]:
    """scikit-learn's classification report of normal and anomalous."""
    report: Mapping[str, Any] = classification_report(
        scored.y == ANOMALOUS,
        scored.scores > threshold,
        labels=[False, True],
        target_names=["normal", "anomalous"],
        output_dict=True,
        zero_division=0,
    )
    return report
