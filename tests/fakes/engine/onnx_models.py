"""Detectors of each family on real images, grey and in colour, and what their files tell."""

from collections.abc import Callable
from functools import cache

import numpy as np
from sklearn.datasets import load_sample_images

from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.base import Images
from anomaly_core.detectors.base import Family
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.features import FeatureCache
from anomaly_core.onnx.facts import ModelFacts, Prepared

SIDE = 40  # of pieces of photographs, so that the second sphere of a joint one sees them smaller
MADE: dict[Family, Callable[[], Hypersphere]] = {
    Family.JOINT: lambda: JointSVDD(pool={"pretrain_steps": 30, "update_steps": 5}),
    Family.FEATURES: FeatureSVDD,
    Family.DEEP_SVDD: lambda: DeepSVDD(pretrain_steps=30, update_steps=5),
    Family.FCDD: lambda: FCDD(steps=10, update_steps=3),
}
CACHE = FeatureCache(None)


def pieces(count: int, height: int, width: int, seed: int = 0) -> Images:
    """Pieces of two photographs, (count, height, width, 3)."""
    rng = np.random.default_rng(seed)
    photographs = load_sample_images().images
    made = np.empty((count, height, width, 3), np.uint8)
    for number, piece in enumerate(made):
        whole = photographs[number % 2]
        top = rng.integers(whole.shape[0] - height + 1)
        left = rng.integers(whole.shape[1] - width + 1)
        piece[:] = whole[top : top + height, left : left + width]
    return made


@cache
def pool_of(colour: bool) -> Images:
    """1,000 real images: digits of 28 x 28, or pieces of photographs in colour."""
    return pieces(1000, SIDE, SIDE) if colour else load_dataset("mnist-5k").images[::5]


@cache
def fitted(family: Family, colour: bool) -> Hypersphere:
    """A detector that was fitted to these and has learned from answers; no test may change it."""
    pool, detector = pool_of(colour), MADE[family]()
    if isinstance(detector, JointSVDD | FeatureSVDD):
        detector.cache = CACHE
    y = np.zeros(len(pool), np.int64)
    y[:60:2], y[1:60:3] = 1, -1
    detector.fit(pool)
    detector.update(pool, y)
    return detector


def facts_about(detector: Hypersphere) -> ModelFacts:
    """What a file says of a detector whose threshold is its radius."""
    height, width, *colour = detector.image_shape_
    assert detector.R_ is not None
    return ModelFacts(
        project="Belt",
        version=3,
        detector=detector.kind,
        ringfence="0.1.0",
        weights={"model.safetensors": "ab12"},
        thresholds={"radius": detector.R_**2, "half": detector.R_**2 / 2},
        threshold="radius",
        preprocessing=Prepared(height, width, colour=bool(colour)),
    )
