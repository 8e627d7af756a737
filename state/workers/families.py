"""Which detector a project gets: the one that its settings name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from anomaly_core.checkpoint import load_hypersphere
from anomaly_core.datasets.scenario import Scenario
from anomaly_core.detectors.base import Family, TrainingObjective
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from state.files import artifacts


def new_detector(settings: Mapping[str, Any], scenario: Scenario) -> Hypersphere:
    """Make the detector of the `family` that a project's settings name; Deep SVDD in old ones."""
    return MAKERS.get(settings.get("family", ""), deep_svdd)(settings, scenario)


def saved_detector(folder: Path, data_dir: Path) -> Hypersphere:
    """Load the detector of a folder; raises `CheckpointError`."""
    return with_features(load_hypersphere(folder), data_dir)


def with_features(detector: Hypersphere, data_dir: Path) -> Hypersphere:
    """Let a detector that needs features of images find those of earlier processes."""
    if isinstance(detector, JointSVDD | FeatureSVDD):
        detector.keep_features(artifacts.features_folder(data_dir))
    return detector


def joint(settings: Mapping[str, Any], scenario: Scenario) -> JointSVDD:
    """A hypersphere that serves at once, and takes in later what the pool teaches."""
    return JointSVDD(
        contamination=scenario.contamination,
        at_once=False,
        features=backbone(settings),
        pool={"objective": settings["objective"]},
        seed=scenario.seed,
    )


def features(settings: Mapping[str, Any], scenario: Scenario) -> FeatureSVDD:
    """A hypersphere on what a backbone sees."""
    return FeatureSVDD(
        **backbone(settings), contamination=scenario.contamination, seed=scenario.seed
    )


def backbone(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The network that features come from; none is named in old settings, which mean the drawn."""
    named = {name: settings.get(name) for name in ("backbone", "weights")}
    return {name: value for name, value in named.items() if value}


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
    Family.JOINT: joint,
    Family.FEATURES: features,
    Family.DEEP_SVDD: deep_svdd,
    Family.FCDD: fcdd,
}
