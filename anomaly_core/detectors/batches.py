"""Training batches: some unlabeled images, and labeled ones of which half are anomalous."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL, UNLABELED
from anomaly_core.detectors.augmentation import AffineJitter
from anomaly_core.detectors.tensors import to_tensor

Rows = NDArray[np.int64]


class Batches:
    """Draws `size` unlabeled and `labeled_size` labeled images at a time, with replacement.

    The labeled are balanced between normal and anomalous where both exist, and each is changed a
    little by `augmentation` every time it is drawn.
    """

    def __init__(
        self,
        images: Images,
        y: Labels,
        *,
        size: int,
        labeled_size: int,
        augmentation: AffineJitter | None,
        seed: int,
    ) -> None:
        self.images = images
        self.size = size
        self.augmentation = augmentation
        self.unlabeled = np.flatnonzero(y == UNLABELED)
        sides = [np.flatnonzero(y == side) for side in (NORMAL, ANOMALOUS)]
        self.sides = [side for side in sides if len(side)]
        self.side_size = labeled_size // max(1, len(self.sides))
        labels = [y[side[0]] for side in self.sides]
        self.labels = torch.tensor(np.repeat(labels, self.side_size))
        self.generator = torch.Generator().manual_seed(seed)

    def draw(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return (unlabeled, labeled, y): (batch, height, width) twice, and +1/-1 of the second."""
        unlabeled = to_tensor(self.images[self._rows(self.unlabeled, self.size)])
        rows = [self._rows(side, self.side_size) for side in self.sides]
        labeled = to_tensor(self.images[np.concatenate([*rows, np.empty(0, np.int64)])])
        if self.augmentation and len(labeled):
            labeled = self.augmentation(labeled, self.generator)
        return unlabeled, labeled, self.labels

    def _rows(self, among: Rows, size: int) -> Rows:
        if not len(among):
            return among
        drawn = torch.randint(len(among), (size,), generator=self.generator).numpy()
        return np.asarray(among[drawn])
