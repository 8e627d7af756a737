"""Which detector a project gets: the one that its settings name."""

from collections.abc import Callable, Mapping
from typing import Any

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.detectors.base import Family, TrainingObjective
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.detectors.network import Hypersphere


def new_detector(settings: Mapping[str, Any], scenario: Scenario) -> Hypersphere:
    """Make the detector of the `family` that a project's settings name, by default Deep SVDD."""
    return MAKERS.get(settings.get("family", ""), deep_svdd)(settings, scenario)


def deep_svdd(settings: Mapping[str, Any], scenario: Scenario) -> DeepSVDD:
    """One hypersphere for whole images."""
    return DeepSVDD(
        objective=TrainingObjective(settings["objective"]),
        contamination=scenario.contamination,
        seed=scenario.seed,
    )


def fcdd(settings: Mapping[str, Any], scenario: Scenario) -> FCDD:
    """One hypersphere for each place of an image."""
    return FCDD(contamination=scenario.contamination, seed=scenario.seed)


MAKERS: dict[str, Callable[[Mapping[str, Any], Scenario], Hypersphere]] = {
    Family.DEEP_SVDD: deep_svdd,
    Family.FCDD: fcdd,
}
