"""Real digits, and a detector fitted to them once for all tests."""

import copy

import pytest

from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.base import Dataset, Images
from anomaly_core.datasets.scenario import Scenario, ScenarioData, build_scenario
from anomaly_core.detectors.deep_svdd import DeepSVDD


@pytest.fixture(scope="session")
def mnist_5k() -> Dataset:
    return load_dataset("mnist-5k")


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
