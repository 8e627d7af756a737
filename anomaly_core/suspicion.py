"""Labels that are probably mistakes: what contradicts both the look of an image and the model.

The idea is that of confident learning (Northcutt, Jiang and Chuang 2021): judge each label by a
prediction that was made without it. A model that has learned a wrong label excuses it, so the
prediction is made from the latent space of the first model, which had seen no label, by a
classifier that is trained on the other labels only; the current sphere has a say beside it.

Measured on `mnist-5k` with 100 labels that `auto` bought, 10 % of them wrong: of as many suspects
as there were mistakes, 79 % were mistakes in the six runs that chose this (sphere alone 62 %,
nearest neighbours 66 %), 78 % in four fresh ones (59 %, 72 %). For two classes, cleanlab would
rank by the same probabilities, so it is not needed.

Of many labels, a random sample is enough to judge all by: see `OtherLabels`.
"""

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property
from scipy.special import expit
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
    known = None if embeddings is None else OtherLabels(y, embeddings)
    others = known.among if known is not None and known.enough else None
    return contradicted(y, by_sphere(scores, R), others)


def contradicted(y: Labels, sphere: Probabilities, others: Probabilities | None) -> Probabilities:
    """How strongly labels (n,) of +1/-1 are contradicted by two opinions of how anomalous they are.

    Without the opinion of the other labels, the sphere judges alone.
    """
    if others is not None:
        sphere = OTHERS_WEIGHT * others + (1 - OTHERS_WEIGHT) * sphere
    return np.where(y == NORMAL, sphere, 1 - sphere)


class OtherLabels:
    """What labels `y` (n,) at `embeddings` (n, latent) say of images: of their own, and of others.

    `enough` is whether there are two of either kind, without which they say nothing.
    """

    def __init__(self, y: Labels, embeddings: Embeddings) -> None:
        self.y = y
        self.z = embeddings
        kinds = (int(np.count_nonzero(y == kind)) for kind in (NORMAL, ANOMALOUS))
        self._folds = min(FOLDS, *kinds)

    @property
    def enough(self) -> bool:
        """Whether they say anything."""
        return self._folds >= 2

    @cached_property
    def among(self) -> Probabilities:
        """How anomalous the labels of the others make each image of their own, (n,) from 0 to 1."""
        return by_other_labels(self.y, self.z, self._folds)

    def of(self, embeddings: Embeddings) -> Probabilities:
        """How anomalous they make images whose labels are not among them, (m,) from 0 to 1."""
        return probability(self._classifier.decision_function(np.asarray(embeddings, np.float64)))

    @cached_property
    def _classifier(self) -> SVC:
        return SVC(class_weight="balanced").fit(np.asarray(self.z, np.float64), self.y == ANOMALOUS)


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
    return probability(margins / SHUFFLES)


def probability(margins: Probabilities) -> Probabilities:
    """How anomalous an SVC's margins make images, from 0 to 1."""
    found: Probabilities = expit(STEEPNESS * margins)
    return found
