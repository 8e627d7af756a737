"""What every detector refuses, with what to do instead."""

import numpy as np

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.errors import InvalidInput


def check_images(images: Images) -> None:
    """Refuse anything but (n, height, width) uint8 images."""
    if images.ndim != 3 or images.dtype != np.uint8:
        raise InvalidInput(
            f"Images of shape {images.shape} and type {images.dtype} cannot be used; "
            "give (n, height, width) of uint8."
        )


def check_pool(images: Images) -> None:
    """Refuse a pool that nothing could be learned from."""
    if len(images) < 2:
        raise InvalidInput(f"A pool of {len(images)} image is too small; give at least 2.")


def check_centers(count: int, centers: int) -> None:
    """Refuse more hyperspheres than there are images to place them by, or none."""
    if not 1 <= centers <= count:
        raise InvalidInput(
            f"{centers} centers cannot be placed by {count:,} images; give 1 to {count:,}."
        )


def check_labels(images: Images, y: Labels) -> None:
    """Refuse labels that do not match the images one to one."""
    if y.shape != (len(images),) or not np.isin(y, (-1, 0, 1)).all():
        raise InvalidInput(
            f"{len(images):,} images need as many labels of +1, -1 or 0; got shape {y.shape}."
        )
