"""Writes small datasets in the four files of MNIST."""

import gzip
from pathlib import Path

import numpy as np

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def idx_bytes(values: np.ndarray) -> bytes:
    """Encode an array of unsigned bytes."""
    sizes = np.array(values.shape, ">u4").tobytes()
    return bytes((0, 0, 8, values.ndim)) + sizes + values.astype(np.uint8).tobytes()


def small_arrays(count: int = 40, side: int = 6) -> tuple[np.ndarray, ...]:
    """Random images of four classes, a bright bar telling which, and their test files."""
    rng = np.random.default_rng(0)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        images, labels = rng.integers(0, 120, (n, side, side)), np.arange(n) % 4
        images[np.arange(n), labels] = 250
        return images.astype(np.uint8), labels.astype(np.uint8)

    return *draw(count), *draw(count // 2)


def write_idx(folder: Path, arrays: tuple[np.ndarray, ...], dash: str = "-", gz: str = "") -> Path:
    """Write the four files into `folder`, plain or with `gz=".gz"`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in zip(NAMES, arrays, strict=True):
        data = idx_bytes(values)
        path = folder / (name.replace("-idx", f"{dash}idx") + gz)
        path.write_bytes(gzip.compress(data) if gz else data)
    return folder
