"""A model of torch in memory, on one core."""

from dataclasses import dataclass
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

from anomaly_core.checkpoint import load_detector
from anomaly_core.datasets.base import Images
from anomaly_core.detectors.base import Maps, Scores
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import NetworkDetector
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.scoring.models import unpacked


@dataclass(frozen=True)
class TorchScorer:
    """A detector of torch that keeps nothing of the images it has seen."""

    detector: NetworkDetector

    @property
    def explains(self) -> bool:
        """Whether `explain` can be asked."""
        return self.detector.explains

    def decision_function(self, images: Images) -> Scores:
        """The anomaly score of each image (n, height, width[, 3]), (n,) float32."""
        try:
            return self.detector.decision_function(images)
        finally:
            self._forget()

    def explain(self, images: Images) -> Maps:
        """How far each place of an image lies out, (n, height, width)."""
        try:
            return self.detector.explain(images)
        finally:
            self._forget()

    def _forget(self) -> None:
        """Let go of the features of images that will not be seen again."""
        if isinstance(self.detector, FeatureSVDD | JointSVDD):
            self.detector.keep_features(None)


def load_torch(path: Path, threads: int) -> TorchScorer:
    """Load the model of a zip file or folder, to run on so many cores; raises `CheckpointError`."""
    torch.set_num_threads(threads)
    threadpool_limits(threads)
    with unpacked(path) as folder:
        return TorchScorer(load_detector(folder))
