"""Where the pixels of many images lie: in memory, or in a temporary file."""

import tempfile
from collections.abc import Sequence

import numpy as np

from anomaly_core.datasets.base import Images

MOST = 256 * 2**20  # bytes that are held in memory
DENSEST, DENSE_FROM = 200, 50 * 2**20  # bytes out of each byte packed, and from which size on


def new_images(shape: Sequence[int]) -> Images:
    """Return black images (n, *shape) to be written to; a file behind them goes with them."""
    size = int(np.prod(shape, dtype=np.int64))
    if size <= MOST:
        return np.zeros(shape, np.uint8)
    with tempfile.TemporaryFile(prefix="ringfence-") as file:
        file.truncate(size)  # the mapping keeps it until the last view is gone
        return np.memmap(file, np.uint8, "r+", shape=tuple(shape))


def swells(packed: int, size: int) -> bool:
    """Whether so much comes out of what is packed, both in bytes, that it is made to fill disks."""
    return size > DENSE_FROM and size > DENSEST * packed
