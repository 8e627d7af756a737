"""A model, and more images than a block has."""

from pathlib import Path

import numpy as np
import pytest
from once import once
from scorable import noisy, write_model

from anomaly_core.scoring.piles import BLOCK


@pytest.fixture(scope="session")
def scoring_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "scoring-model", write_model)


@pytest.fixture(scope="session")
def blocks_of_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An array of four blocks of images and a bit."""

    def make(folder: Path) -> None:
        folder.mkdir()
        np.save(folder / "images.npy", noisy(4 * BLOCK + 70))

    return once(tmp_path_factory, "blocks-of-images", make) / "images.npy"
