"""Real digits, and a detector fitted to them once for all tests."""

import copy
from pathlib import Path

import numpy as np
import pytest
from idx_files import write_idx

from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.base import Dataset, Images
from anomaly_core.datasets.scenario import Scenario, ScenarioData, build_scenario
from anomaly_core.detectors.deep_svdd import DeepSVDD


@pytest.fixture(scope="session")
def mnist_5k() -> Dataset:
    return load_dataset("mnist-5k")


@pytest.fixture(scope="session")
def few_digits(mnist_5k: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of IDX files with 834 digits of 14 x 14 pixels, one in four a test image."""
    images = np.ascontiguousarray(mnist_5k.images[::6, ::2, ::2])
    labels = mnist_5k.labels[::6]
    test = np.arange(len(labels)) % 4 == 0
    arrays = (images[~test], labels[~test], images[test], labels[test])
    return write_idx(tmp_path_factory.mktemp("digits"), arrays)


@pytest.fixture(scope="session")
def threes(mnist_5k) -> ScenarioData:
    """A pool of 350 digits, 315 of them threes."""
    return build_scenario(Scenario(normal=(3,)), mnist_5k)


@pytest.fixture(scope="session")
def few(threes) -> Images:
    """120 real digits."""
    return threes.pool[:120]


@pytest.fixture(scope="session")
def fitted_once(threes) -> DeepSVDD:
    """For `detector` and for fixtures that copy it; no test may change it."""
    return DeepSVDD(network="mlp", pretrain_steps=200, fit_steps=20, update_steps=40).fit(
        threes.pool
    )


@pytest.fixture
def detector(fitted_once) -> DeepSVDD:
    """A detector fitted to the threes, for the test to do with what it likes."""
    return copy.deepcopy(fitted_once)
