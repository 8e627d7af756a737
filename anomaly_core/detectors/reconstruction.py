"""An autoencoder that scores by what it cannot give back."""

from typing import ClassVar

import torch
from torch import Tensor

from anomaly_core import losses
from anomaly_core.datasets.base import Images, Shape
from anomaly_core.detectors.autoencoder import Autoencoder
from anomaly_core.detectors.base import Embeddings, Reconstructions, Scores
from anomaly_core.detectors.epochs import EpochDetector
from anomaly_core.detectors.tensors import in_blocks
from anomaly_core.networks import autoencoder_named


class AutoencoderDetector(EpochDetector[Autoencoder]):
    """Scores an image by the mean squared error per pixel of its reconstruction.

    Trained on normal images, it has no codes for what they never show. `network` is one of
    `anomaly_core.networks.AUTOENCODERS`.
    """

    kind: ClassVar[str] = "autoencoder"
    reconstructs: ClassVar[bool] = True

    def __init__(
        self,
        network: str = "conv-transposed",
        *,
        epochs: int = 10,
        update_epochs: int = 1,
        batch_size: int = 128,
        learning_rate: float = 1e-2,
        seed: int = 0,
    ) -> None:
        self.network = network
        self.epochs = epochs
        self.update_epochs = update_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.seed = seed

    def make_network(self, image_shape: Shape) -> Autoencoder:
        """Return a new autoencoder; raises `InvalidInput` for an unknown one."""
        return Autoencoder(*autoencoder_named(self.network)(image_shape))

    def loss(self, x: Tensor, targets: Tensor | None) -> Tensor:
        """Mean squared error per pixel."""
        return losses.reconstruction(x, self.network_(x))

    def score(self, images: Images) -> tuple[Scores, Embeddings]:
        """Return the mean squared error per pixel of each image, and its code, flattened."""
        self._check_ready(images)

        def errors_and_codes(x: Tensor) -> Tensor:
            code = self.network_.encoder(x)
            error = losses.squared_error(x, self.network_.decoder(code))
            return torch.cat([error[:, None], code.flatten(1)], dim=1)

        both = in_blocks(errors_and_codes, images, self.device)
        return both[:, 0].copy(), both[:, 1:]

    def decision_function(self, images: Images) -> Scores:
        """Return the mean squared error per pixel of each image, without keeping its code."""
        self._check_ready(images)
        return in_blocks(lambda x: losses.squared_error(x, self.network_(x)), images, self.device)

    def reconstruct(self, images: Images) -> Reconstructions:
        """Return the reconstruction of each image, (n, height, width), 0 to 1."""
        self._check_ready(images)
        return in_blocks(self.network_, images, self.device)
