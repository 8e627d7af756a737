"""What may be done to a clean image to make an anomaly of it."""

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from anomaly_core.datasets.base import Images

BLOCK = 4096  # images at a time, which as floats take four times the memory


def add_noise(images: Images, sigma: ArrayLike, rng: np.random.Generator) -> Images:
    """Add Gaussian noise to each pixel and clip to black and white.

    `images` (n, height, width[, 3]) uint8; `sigma`, one or (n,), is the standard deviation with
    pixels between 0 and 1.
    """
    strengths = np.broadcast_to(np.asarray(sigma, np.float32), len(images))
    noisy = np.empty_like(images)
    axes = tuple(range(1, images.ndim))
    for start in range(0, len(images), BLOCK):
        block = slice(start, start + BLOCK)
        noise = rng.standard_normal(images[block].shape, np.float32)
        x = images[block] + 255 * np.expand_dims(strengths[block], axes) * noise
        noisy[block] = x.round().clip(0, 255)
    return noisy


def rotate(images: Images, degrees: ArrayLike) -> Images:
    """Rotate each image counterclockwise round its middle; what comes in at the corners is black.

    `images` (n, height, width[, 3]) uint8; `degrees`, one or (n,). Bicubic, which blurs little:
    blur would give a rotated image away. No angle (0) changes nothing.
    """
    angles = np.broadcast_to(np.asarray(degrees, np.float64), len(images))
    rotated = np.empty_like(images)
    for row, angle in enumerate(angles.tolist()):
        image = Image.fromarray(np.ascontiguousarray(images[row]))
        rotated[row] = np.asarray(image.rotate(angle, Image.Resampling.BICUBIC))
    return rotated
