"""A classifier whose features an autoencoder must give back, trained together."""

from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from anomaly_core import losses
from anomaly_core.datasets.base import Images, Labels, Shape
from anomaly_core.detectors.base import Embeddings, Scores
from anomaly_core.detectors.classifier import doubt
from anomaly_core.detectors.epochs import EpochDetector
from anomaly_core.detectors.tensors import in_blocks
from anomaly_core.networks.classifiers import FeatureNetwork

ERROR_FLOOR = 1e-12  # of a class's mean error, for classes whose images are all alike


class FeatureAutoencoder(EpochDetector[FeatureNetwork]):
    """Scores an image by its features' reconstruction error over the mean of its predicted class.

    A score of k is an error of k times what training images of that class have on average.

    Fitted attributes: `class_errors_`, that mean error by class.
    """

    kind: ClassVar[str] = "feature-autoencoder"
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
        self.class_errors_: dict[int, float] = {}

    def make_network(self, image_shape: Shape) -> FeatureNetwork:
        """Return a new network with one output a class."""
        self.class_errors_ = {}  # those of an earlier fit
        return FeatureNetwork(image_shape, len(self.classes_))

    def loss(self, x: Tensor, targets: Tensor | None) -> Tensor:
        """Cross entropy of the classes, and squared error of the features as they stand."""
        assert targets is not None
        f, f_hat, logits = self.network_(x)
        return F.cross_entropy(logits, targets) + losses.reconstruction(f.detach(), f_hat)

    def measure(self, images: Images, targets: Tensor | None) -> None:
        """Measure the mean error of the training images of each class."""
        assert targets is not None
        errors, _, _ = self._outputs(images)
        places = targets.numpy()
        self.class_errors_ |= {
            label: max(ERROR_FLOOR, float(errors[places == place].mean()))
            for place, label in enumerate(self.classes_)
            if (places == place).any()
        }

    def predict(self, images: Images) -> Labels:
        """Return the class of each image, (n,)."""
        self._check_ready(images)
        return self.labels_at(self._outputs(images)[2])

    def score(self, images: Images) -> tuple[Scores, Embeddings]:
        """Return the error as a multiple of that of the predicted class, and the code."""
        self._check_ready(images)
        codes = in_blocks(self.network_.encode, images, self.device)
        return self.decision_function(images), codes

    def decision_function(self, images: Images) -> Scores:
        """Return the error as a multiple of that of the predicted class."""
        return self.readings(images)["class-rule"]

    def readings(self, images: Images) -> dict[str, Scores]:
        """Return "class-rule" (the score), "feature-error" and "softmax" (the classifier's)."""
        self._check_ready(images)
        errors, doubts, places = self._outputs(images)
        expected = np.array([self.class_errors_[label] for label in self.classes_], np.float32)
        return {
            "class-rule": errors / expected[places],
            "feature-error": errors,
            "softmax": doubts,
        }

    def description(self) -> dict[str, Any]:
        """Return parameters and fitted numbers as plain values, for a checkpoint."""
        return {
            **super().description(),
            "class_errors": {str(label): error for label, error in self.class_errors_.items()},
        }

    @classmethod
    def restore(cls, description: dict[str, Any], tensors: dict[str, Tensor]) -> Self:
        """Rebuild a fitted detector from `description` and `tensors`."""
        detector = super().restore(description, tensors)
        errors = description["class_errors"]
        detector.class_errors_ = {label: float(errors[str(label)]) for label in detector.classes_}
        return detector

    def _outputs(self, images: Images) -> tuple[Scores, Scores, NDArray[np.int64]]:
        """Return feature errors, the classifier's doubts, and places in `classes_`, (n,) each."""

        def outputs(x: Tensor) -> Tensor:
            f, f_hat, logits = self.network_(x)
            place = logits.argmax(dim=1).to(f.dtype)
            return torch.stack([losses.squared_error(f, f_hat), doubt(logits), place], dim=1)

        both = in_blocks(outputs, images, self.device)
        return both[:, 0].copy(), both[:, 1].copy(), both[:, 2].astype(np.int64)
