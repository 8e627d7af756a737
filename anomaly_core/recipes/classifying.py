"""What detectors that name classes say of them, rightly and wrongly."""

from typing import Any

import numpy as np

from anomaly_core.datasets.scenario import NORMAL, LabeledImages
from anomaly_core.detectors.network import NetworkDetector

SURE = 0.9  # a confidence that people take for certainty


def accuracy(detector: NetworkDetector, test: LabeledImages) -> float | None:
    """Share of the normal images whose class is predicted; `None` where none is predicted."""
    if not detector.needs_classes:
        return None
    normal = test.y == NORMAL
    predicted = detector.predict(test.images[normal])
    return float((predicted == test.classes[normal]).mean())


def class_errors(detector: NetworkDetector) -> dict[str, float] | None:
    """Mean feature error of each class in training, where the detector knows it."""
    errors = getattr(detector, "class_errors_", None)
    return errors and {str(label): float(error) for label, error in errors.items()}


def confidence(detector: NetworkDetector, test: LabeledImages) -> dict[str, Any] | None:
    """How sure the classifier is of its class, by type of image: mean, and share above 90 %."""
    if not detector.needs_classes:
        return None
    sure = 1 - detector.readings(test.images)["softmax"].astype(np.float64)
    types = test.provenance.types
    return {
        str(type_): {
            "mean": float(sure[types == type_].mean()),
            "above_90": float((sure[types == type_] > SURE).mean()),
        }
        for type_ in np.unique(types)
    }
