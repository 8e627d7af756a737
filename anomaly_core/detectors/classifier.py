"""A classifier that scores by how unsure it is; it learns from normal images of known classes."""

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from anomaly_core.datasets.base import Images, Labels, Shape
from anomaly_core.detectors.base import Embeddings, Scores
from anomaly_core.detectors.epochs import EpochDetector
from anomaly_core.detectors.tensors import in_blocks
from anomaly_core.networks.classifiers import ConvClassifier


class DigitClassifier(EpochDetector[ConvClassifier]):
    """Scores an image by 1 minus its largest class probability (softmax).

    Hendrycks and Gimpel 2017, "A Baseline for Detecting Misclassified and Out-of-Distribution
    Examples in Neural Networks". One output for each class given to `fit`, digits or not.
    """

    kind: ClassVar[str] = "classifier"
    needs_classes: ClassVar[bool] = True

    def __init__(
        self,
        *,
        epochs: int = 6,
        update_epochs: int = 1,
        batch_size: int = 64,
        learning_rate: float = 3e-3,
        seed: int = 0,
    ) -> None:
        self.epochs = epochs
        self.update_epochs = update_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.seed = seed

    def make_network(self, image_shape: Shape) -> ConvClassifier:
        """Return a new classifier with one output a class."""
        return ConvClassifier(image_shape, len(self.classes_))

    def loss(self, x: Tensor, targets: Tensor | None) -> Tensor:
        """Cross entropy of the true classes."""
        assert targets is not None
        return F.cross_entropy(self.network_(x), targets)

    def predict(self, images: Images) -> Labels:
        """Return the class of each image, (n,)."""
        self._check_ready(images)
        logits = in_blocks(self.network_, images, self.device)
        return self.labels_at(logits.argmax(axis=1))

    def score(self, images: Images) -> tuple[Scores, Embeddings]:
        """Return 1 minus the largest class probability, and what the first dense layer says."""
        self._check_ready(images)

        def doubts_and_features(x: Tensor) -> Tensor:
            z = self.network_.encoder(x)
            return torch.cat([doubt(self.network_.head(z))[:, None], z], dim=1)

        both = in_blocks(doubts_and_features, images, self.device)
        return both[:, 0].copy(), both[:, 1:]

    def readings(self, images: Images) -> dict[str, Scores]:
        """Return the one score, as "softmax"."""
        return {"softmax": self.decision_function(images)}


def doubt(logits: Tensor) -> Tensor:
    """Return 1 minus the largest softmax of (batch, classes), in a form that keeps small values."""
    others = logits.softmax(dim=1).scatter(1, logits.argmax(dim=1, keepdim=True), 0.0)
    return others.sum(dim=1)
