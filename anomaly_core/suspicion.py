"""Labels that are probably mistakes: what contradicts both the look of an image and the model.

The idea is that of confident learning (Northcutt, Jiang and Chuang 2021): judge each label by a
prediction that was made without it. A model that has learned a wrong label excuses it, so the
prediction is made from the latent space of the first model, which had seen no label, by a
classifier that is trained on the other labels only; the current sphere has a say beside it.

Measured on `mnist-5k` with 100 labels that `auto` bought, 10 % of them wrong: of as many suspects
as there were mistakes, 79 % were mistakes in the six runs that chose this (sphere alone 62 %,
nearest neighbours 66 %), 78 % in four fresh ones (59 %, 72 %). For two classes, cleanlab would
rank by the same probabilities, so it is not needed.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import SVC

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL, UNLABELED
from anomaly_core.detectors.base import Embeddings, Scores
from anomaly_core.errors import InvalidInput

Probabilities = NDArray[np.float64]

FOLDS, SHUFFLES = 5, 3
OTHERS_WEIGHT = 0.7  # of the classifier; the rest is the sphere's
STEEPNESS = 2.0  # of the classifier's margin
POWER = 4.0  # of distance / R: twice the radius is 94 % anomalous
SUSPECT = 0.5  # from here on, the label is contradicted


def suspicion(
    y: Labels, scores: Scores, R: float, embeddings: Embeddings | None = None
) -> Probabilities:
    """How strongly each label is contradicted, (n,) from 0 (confirmed) to 1 (surely a mistake).

    `y` (n,) holds +1 and -1, `scores` (n,) the squared distances by the current model, whose radius
    is `R` (a distance), and `embeddings` (n, latent) those of a model that had seen no labels.
    Without these, or with fewer than two labels of either kind, the sphere judges alone. Raises
    `InvalidInput` for another `y` or other lengths.
    """
    if len(y) != len(scores) or (embeddings is not None and len(y) != len(embeddings)):
        raise InvalidInput("Labels, scores and embeddings must be of the same items.")
    if not np.isin(y, (NORMAL, ANOMALOUS)).all():
        raise InvalidInput(f"A suspicion needs labels of +1 or -1, not {UNLABELED} or others.")
    anomalous = by_sphere(scores, R)
    folds = min(FOLDS, *(int(np.count_nonzero(y == kind)) for kind in (NORMAL, ANOMALOUS)))
    if embeddings is not None and folds >= 2:
        others = by_other_labels(y, embeddings, folds)
        anomalous = OTHERS_WEIGHT * others + (1 - OTHERS_WEIGHT) * anomalous
    return np.where(y == NORMAL, anomalous, 1 - anomalous)


def by_sphere(scores: Scores, R: float) -> Probabilities:
    """How anomalous the sphere finds each item: 0 at the center, 0.5 on the surface, 1 far off."""
    inside = R**POWER
    outside: Probabilities = np.asarray(scores, np.float64) ** (POWER / 2)  # of squared distances
    anomalous = np.full(len(outside), 0.5)  # a radius of nothing tells nothing of its center
    np.divide(outside, inside + outside, out=anomalous, where=inside + outside > 0)
    return anomalous


def by_other_labels(y: Labels, embeddings: Embeddings, folds: int) -> Probabilities:
    """How anomalous the labels of the others make each item: a cross-validated SVC's opinion."""
    z = np.asarray(embeddings, np.float64)
    margins = np.zeros(len(y))
    for seed in range(SHUFFLES):
        margins += cross_val_predict(
            SVC(class_weight="balanced"),
            z,
            y == ANOMALOUS,
            cv=StratifiedKFold(folds, shuffle=True, random_state=seed),
            method="decision_function",
        )
    return 1 / (1 + np.exp(-STEEPNESS * margins / SHUFFLES))
