"""The contract of every detector."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.progress import Callback

Scores = NDArray[np.float32]  # (n,), higher is more anomalous


class Objective(StrEnum):
    """What the unlabeled images are pulled by."""

    ONE_CLASS = "one-class"
    SOFT_BOUNDARY = "soft-boundary"


class Detector(ABC):
    """Scores images: higher is more anomalous.

    The constructor stores parameters, `fit` does the work, fitted attributes end in an underscore.
    The same seed on the same machine gives the same scores.
    """

    @abstractmethod
    def fit(self, images: Images, callbacks: Sequence[Callback] = ()) -> Self:
        """Learn what is normal from (n, height, width) uint8 images that are mostly normal."""

    @abstractmethod
    def update(self, images: Images, y: Labels, callbacks: Sequence[Callback] = ()) -> Self:
        """Go on with labels `y` (n,) of `images`: +1 normal, -1 anomalous, 0 unlabeled."""

    @abstractmethod
    def decision_function(self, images: Images) -> Scores:
        """Return the anomaly score of each image, (n,) float32.

        Raises `NotFitted` before `fit`.
        """
