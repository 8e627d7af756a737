"""A model brought into memory, ready to score."""

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
from anomaly_core.scoring.models import Scorer, unpacked

THREADS = 1  # of one process: more gain nothing where every core has a process, and may move bits


@dataclass(frozen=True)
class TorchScorer:
    """A detector of torch."""

    detector: NetworkDetector

    @property
    def explains(self) -> bool:
        """Whether `explain` can be asked."""
        return self.detector.explains

    @property
    def radius(self) -> float | None:
        """The radius of its sphere."""
        return self.detector.R_

    def score(self, images: Images) -> Scores:
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


def load_scorer(path: Path) -> Scorer:
    """Load the model of a file or folder to be run on one core; raises `CheckpointError`."""
    torch.set_num_threads(THREADS)
    threadpool_limits(THREADS)
    with unpacked(path) as folder:
        return TorchScorer(load_detector(folder))
