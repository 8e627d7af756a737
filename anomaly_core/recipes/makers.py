"""Makes the detector that a contestant declares."""

from collections.abc import Callable
from typing import Any

from anomaly_core.detectors.network import NetworkDetector
from anomaly_core.detectors.registry import DETECTORS
from anomaly_core.recipes.base import Contestant, Given

PRETRAIN_BATCH = 128


def make(contestant: Contestant, given: Given) -> NetworkDetector:
    """Return the unfitted detector, with what only the plan and the scenario know filled in."""
    known = hypersphere(given) if contestant.detector == "deep-svdd" else epochs(given)
    family: Callable[..., NetworkDetector] = DETECTORS[contestant.detector]
    return family(seed=given.seed, **known, **contestant.parameters)


def epochs(given: Given) -> dict[str, Any]:
    """For detectors that count epochs; without a number they take their own."""
    return {} if given.epochs is None else {"epochs": given.epochs}


def hypersphere(given: Given) -> dict[str, Any]:
    """A sphere for each kind of normal image; epochs, if any are asked for, pretrain it."""
    steps = {} if given.epochs is None else {"pretrain_steps": given.steps(PRETRAIN_BATCH)}
    return {
        "centers": given.kinds,
        "contamination": given.contamination,
        "pretrain_batch_size": PRETRAIN_BATCH,
        **steps,
    }
