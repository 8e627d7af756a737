"""Every detector by its kind. Not in the package itself: pages read that, and load no torch."""

from anomaly_core.detectors.classifier import DigitClassifier
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.detectors.feature_autoencoder import FeatureAutoencoder
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import NetworkDetector
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.detectors.reconstruction import AutoencoderDetector

DETECTORS: dict[str, type[NetworkDetector]] = {
    detector.kind: detector
    for detector in (
        DeepSVDD,
        FeatureSVDD,
        JointSVDD,
        FCDD,
        AutoencoderDetector,
        FeatureAutoencoder,
        DigitClassifier,
    )
}
