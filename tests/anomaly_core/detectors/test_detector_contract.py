"""The contract, inherited by every detector."""

import pytest
from detector_contract import DetectorContract, EpochDetectorContract, small_digits

from anomaly_core.detectors.classifier import DigitClassifier
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.detectors.feature_autoencoder import FeatureAutoencoder
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.detectors.reconstruction import AutoencoderDetector
from anomaly_core.detectors.registry import DETECTORS

pytestmark = pytest.mark.trains

QUICK = {"epochs": 3, "batch_size": 10}


@pytest.fixture(scope="module")
def digits(mnist_5k):
    return small_digits(mnist_5k)


class TestDeepSVDD(DetectorContract):
    stages = ("pretraining", "fitting")

    def make(self, **parameters):
        steps = {"pretrain_steps": 40, "fit_steps": 10, "update_steps": 10}
        return DeepSVDD(network="mlp", **{**steps, **parameters})


class TestFeatureSVDD(DetectorContract):
    stages = ()
    reported = ("features",)
    draws = False

    def make(self, **parameters):
        return FeatureSVDD(**parameters)


class TestJointSVDD(DetectorContract):
    stages = ("pretraining",)
    reported = ("features", "pretraining")

    def make(self, **parameters):
        pool = {"network": "mlp", "pretrain_steps": 20, "update_steps": 5}
        return JointSVDD(**{"pool": pool, **parameters})


class TestFCDD(DetectorContract):
    stages = ("fitting",)

    def make(self, **parameters):
        return FCDD(**{"steps": 60, "update_steps": 5, **parameters})


class TestConvTransposed(EpochDetectorContract):
    def make(self, **parameters):
        return AutoencoderDetector("conv-transposed", **QUICK | parameters)


class TestConvPool(EpochDetectorContract):
    def make(self, **parameters):
        return AutoencoderDetector("conv-pool", **QUICK | parameters)


class TestFullyConnected(EpochDetectorContract):
    def make(self, **parameters):
        return AutoencoderDetector("fc-16", **QUICK | parameters)


class TestFullyConnectedDeep(EpochDetectorContract):
    def make(self, **parameters):
        return AutoencoderDetector("fc-deep-16", **QUICK | {"epochs": 5} | parameters)


class TestDeepNoise(EpochDetectorContract):
    def make(self, **parameters):
        return AutoencoderDetector("deep-noise", **QUICK | parameters)


class TestDigitClassifier(EpochDetectorContract):
    def make(self, **parameters):
        return DigitClassifier(**QUICK | parameters)


class TestFeatureAutoencoder(EpochDetectorContract):
    def make(self, **parameters):
        return FeatureAutoencoder(**QUICK | parameters)


def test_every_detector_inherits_the_contract():
    tested = {
        type(case().make())
        for case in globals().values()
        if isinstance(case, type) and case.__name__.startswith("Test")
    }
    assert tested == set(DETECTORS.values())
    assert all(DETECTORS[detector.kind] is detector for detector in tested)
