"""What every dataset gives: images and, where they are known, their classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, ...]  # of an image: (height, width), or (height, width, 3) for colour
Images = NDArray[np.uint8]  # (n, *shape), 0 black .. 255 white, or red, green and blue
Labels = NDArray[np.int64]  # (n,)


@dataclass(frozen=True)
class Dataset:
    """Labeled images from one source.

    `images` (n, height, width[, 3]) uint8 and `labels` (n,) int64 may be drawn into a pool.
    `test_images` and `test_labels` are the source's own test files, `None` where it has none.
    `names` are those of the classes, by number, where they have any.
    """

    name: str
    images: Images
    labels: Labels
    test_images: Images | None = None
    test_labels: Labels | None = None
    names: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[int, ...]:
        """The distinct class labels, ascending."""
        return tuple(int(label) for label in np.unique(self.labels))

    @property
    def image_shape(self) -> Shape:
        """(height, width) in pixels, or (height, width, 3), the same for every image."""
        return self.images.shape[1:]


def brightness(image: Images) -> NDArray[np.float64]:
    """Return one value a pixel, (height, width): the mean over the colours, where there are any."""
    values = image.astype(np.float64)
    return values if image.ndim == 2 else values.mean(axis=2)
