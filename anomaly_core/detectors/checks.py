"""What every detector refuses, with what to do instead."""

import numpy as np

from anomaly_core.datasets.base import Images, Labels, Shape
from anomaly_core.errors import InvalidInput

COLOURS = 3  # red, green, blue
SMALLEST_SIDE = 8  # pixels; autoencoders and classifiers halve an image up to three times


def check_images(images: Images) -> None:
    """Refuse anything but (n, height, width) or (n, height, width, 3) uint8 images."""
    known = images.ndim == 3 or (images.ndim == 4 and images.shape[3] == COLOURS)
    if not known or images.dtype != np.uint8:
        raise InvalidInput(
            f"Images of shape {images.shape} and type {images.dtype} cannot be used; "
            "give (n, height, width), or (n, height, width, 3) for colour, of uint8."
        )


def size_in_words(shape: Shape) -> str:
    """Height, width and whether there is colour, for a sentence."""
    colour = " in colour" if len(shape) == 3 else ""
    return f"{shape[0]} x {shape[1]} pixels{colour}"


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


def check_sides(images: Images) -> None:
    """Refuse images that cannot be halved three times."""
    if min(images.shape[1:3]) < SMALLEST_SIDE:
        raise InvalidInput(
            f"Images of {images.shape[1]} x {images.shape[2]} pixels are too small; "
            f"give at least {SMALLEST_SIDE} x {SMALLEST_SIDE}."
        )


def check_validation(images: Images, validation: Images | None) -> None:
    """Refuse validation images that are not of the size and type of the others."""
    if validation is None:
        return
    check_images(validation)
    if validation.shape[1:] != images.shape[1:]:
        raise InvalidInput(
            f"Validation images of {size_in_words(validation.shape[1:])} do not match images of "
            f"{size_in_words(images.shape[1:])}; resize or convert them first."
        )


def check_classes(images: Images, classes: Labels | None) -> Labels:
    """Return the classes, or refuse them when they are missing or do not match one to one."""
    if classes is None:
        raise InvalidInput("This detector learns from classes; give the class of each image.")
    if classes.shape != (len(images),) or not np.issubdtype(classes.dtype, np.integer):
        raise InvalidInput(
            f"{len(images):,} images need as many whole numbers for classes; "
            f"got shape {classes.shape} of {classes.dtype}."
        )
    return classes
