"""What every dataset gives: images and, where they are known, their classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]  # (n, height, width), 0 black .. 255 white
Labels = NDArray[np.int64]  # (n,)


@dataclass(frozen=True)
class Dataset:
    """Labeled images from one source.

    `images` (n, height, width) uint8 and `labels` (n,) int64 may be drawn into a pool.
    `test_images` and `test_labels` are the source's own test files, `None` where it has none.
    """

    name: str
    images: Images
    labels: Labels
    test_images: Images | None = None
    test_labels: Labels | None = None

    @property
    def classes(self) -> tuple[int, ...]:
        """The distinct class labels, ascending."""
        return tuple(int(label) for label in np.unique(self.labels))

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width in pixels, the same for every image."""
        return self.images.shape[1], self.images.shape[2]
