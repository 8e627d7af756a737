"""The contract of every detector."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.errors import InvalidInput
from anomaly_core.progress import Callback, EpochLosses

Scores = NDArray[np.float32]  # (n,), higher is more anomalous
Embeddings = NDArray[np.float32]  # (n, latent)
Reconstructions = NDArray[np.float32]  # (n, height, width), 0 to 1
Maps = NDArray[np.float32]  # (n, height, width), distances or parts of them


class Family(StrEnum):
    """The hyperspheres that a project can be given; each is the `kind` of its detector."""

    JOINT = "joint"  # one on what a backbone sees, then also on what the pool has taught
    FEATURES = "feature-svdd"  # one on what a backbone sees
    DEEP_SVDD = "deep-svdd"  # one on what the pool has taught
    FCDD = "fcdd"  # one for each place of images


AT_ONCE = (Family.JOINT, Family.FEATURES)  # that are drawn in seconds, so also a second time
WITHOUT_DECODER = (Family.FEATURES, Family.FCDD)  # which never reconstruct an image


class TrainingObjective(StrEnum):
    """What is done with the unlabeled images."""

    ONE_CLASS = "one-class"  # all are pulled to the center
    SOFT_BOUNDARY = "soft-boundary"  # those outside a radius that is learned are pulled in
    LOE = "loe"  # those taken to be anomalous are pushed as well as pulled


class Supervision(StrEnum):
    """What is done with the labeled images."""

    DEEP_SAD = "deep-sad"  # normal ones are pulled, the inverse distance of anomalous ones too
    NCE = "nce"  # each normal one is contrasted with the anomalous ones
    NONE = "none"  # anomalous ones are left out, normal ones are pulled


class Detector(ABC):
    """Scores images: higher is more anomalous.

    The constructor stores parameters, `fit` does the work, fitted attributes end in an underscore.
    The same seed on the same machine gives the same scores.
    """

    kind: ClassVar[str] = ""
    """What saved models of this family are called."""

    needs_classes: ClassVar[bool] = False
    """Whether `fit` must be told the classes of its images."""

    reconstructs: ClassVar[bool] = False
    """Whether `reconstruct` can be asked."""

    explains: ClassVar[bool] = False
    """Whether `explain` can be asked."""

    history_: Sequence[EpochLosses] = ()
    """The losses of each epoch, stage after stage."""

    R_: float | None = None
    """Radius of the hypersphere, a distance; `None` for a detector that draws none."""

    @abstractmethod
    def fit(
        self,
        images: Images,
        callbacks: Sequence[Callback] = (),
        *,
        validation: Images | None = None,
        classes: Labels | None = None,
        validation_classes: Labels | None = None,
    ) -> Self:
        """Learn what is normal from (n, height, width) uint8 images that are mostly normal.

        The losses of `validation` images, which are never trained on, are measured after each
        epoch. `classes` (n,) of the images, and those of validation, are for detectors that need
        them; the others leave them aside.
        """

    @abstractmethod
    def update(self, images: Images, y: Labels, callbacks: Sequence[Callback] = ()) -> Self:
        """Go on with labels `y` (n,) of `images`: +1 normal, -1 anomalous, 0 unlabeled."""

    @abstractmethod
    def score(self, images: Images) -> tuple[Scores, Embeddings]:
        """Return the anomaly score of each image (n,) and its latent coordinates (n, latent).

        Images that are alike lie close in the latent space. Raises `NotFitted` before `fit`.
        """

    def readings(self, images: Images) -> dict[str, Scores]:
        """Return every score that can be given, by name; the first is that of `score`."""
        return {"score": self.decision_function(images)}

    def reconstruct(self, images: Images) -> Reconstructions:
        """Return what the detector makes of each image, (n, height, width), 0 to 1."""
        raise InvalidInput("This detector reconstructs no images; choose one with a decoder.")

    def explain(self, images: Images) -> Maps:
        """Return how far each place of an image lies out, (n, height, width), grey or in colour.

        A distance from what is normal in the detector's latent space, or the part of one that the
        place accounts for; 0 or more, higher is more anomalous. Maps of one detector can be
        compared with each other.
        """
        raise InvalidInput("This detector explains no images; choose one that maps distances.")

    def predict(self, images: Images) -> Labels:
        """Return the class of each image, (n,)."""
        raise InvalidInput("This detector predicts no classes; choose one that learns them.")

    def decision_function(self, images: Images) -> Scores:
        """Return the anomaly score of each image, (n,) float32; raises as `score` does."""
        return self.score(images)[0]

    def embed(self, images: Images) -> Embeddings:
        """Return the latent coordinates, (n, latent); raises as `score` does."""
        return self.score(images)[1]
