"""Images of waves, of which a few go the other way: small, and told apart by any detector."""

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images, Shape


def waves(count: int, seed: int, shape: Shape = (16, 16)) -> Images:
    """Waves of any phase from top to bottom, with a little noise: what is normal."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 2 * np.pi, (count, 1, 1))
    rows = np.sin(np.arange(shape[0])[None, :, None] * 0.9 + phase) * 50 + 128
    return pixels(rows, rng, (count, *shape))


def crossed(count: int, seed: int, shape: Shape = (16, 16)) -> Images:
    """Waves with a faint second one from left to right: what is not."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 2 * np.pi, (2, count, 1, 1))
    rows = np.sin(np.arange(shape[0])[None, :, None] * 0.9 + phase[0]) * 50 + 128
    columns = np.sin(np.arange(shape[1])[None, None, :] * 0.9 + phase[1]) * 20
    return pixels(rows + columns, rng, (count, *shape))


def pixels(grey: NDArray[np.float64], rng: np.random.Generator, shape: Shape) -> Images:
    """Images (n, height, width[, 3]) of grey ones that are broadcast, with noise."""
    whole = np.broadcast_to(grey if len(shape) == 3 else grey[..., None], shape)
    return (whole + rng.normal(0, 6, shape)).clip(0, 255).astype(np.uint8)
