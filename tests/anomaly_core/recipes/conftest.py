"""A few hundred real digits, so small that a whole recipe runs in seconds."""

from pathlib import Path

import numpy as np
import pytest
from idx_files import write_idx

from anomaly_core.datasets.base import Dataset

TEST_EVERY = 4  # one image in four is a test image


@pytest.fixture(scope="session")
def few_digits(mnist_5k: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of IDX files with 800 digits of 14 x 14 pixels."""
    chosen = slice(None, None, 6)
    images = np.ascontiguousarray(mnist_5k.images[chosen, ::2, ::2])
    labels = mnist_5k.labels[chosen]
    test = np.arange(len(labels)) % TEST_EVERY == 0
    arrays = (images[~test], labels[~test], images[test], labels[test])
    return write_idx(tmp_path_factory.mktemp("digits"), arrays)
