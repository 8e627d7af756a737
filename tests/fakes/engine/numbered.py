"""A dataset whose images carry their own row number and class, so that any mix-up shows."""

import numpy as np

from anomaly_core.datasets.base import Dataset

TEST = 10_000  # added to the row numbers of test files


def numbered_dataset(*counts: int, test: int = 0) -> Dataset:
    """`counts` images of classes 0, 1, 2 ..., shuffled, and as many `test` images of each."""
    rng = np.random.default_rng(7)
    labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    if not test:
        return Dataset("numbered", _draw(np.arange(len(labels)), labels), labels)
    test_labels = np.repeat(np.arange(len(counts)), test)
    test_images = _draw(TEST + np.arange(len(test_labels)), test_labels)
    return Dataset(
        "numbered", _draw(np.arange(len(labels)), labels), labels, test_images, test_labels
    )


def rows_of(images: np.ndarray) -> np.ndarray:
    """The row number that each image carries."""
    rows: np.ndarray = images[:, 0, 0].astype(int) * 256 + images[:, 0, 1]
    return rows


def classes_of(images: np.ndarray) -> np.ndarray:
    """The class that each image carries."""
    return images[:, 1, 0].astype(int)


def _draw(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    images = np.zeros((len(rows), 2, 2), np.uint8)
    images[:, 0, 0], images[:, 0, 1], images[:, 1, 0] = rows // 256, rows % 256, labels
    return images
