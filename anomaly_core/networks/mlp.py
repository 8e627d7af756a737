"""Fully connected encoder and decoder.

The encoder has no biases and a batch normalisation that cannot shift: a network that could output
a constant would shrink the hypersphere to a point (Ruff et al. 2018, "Deep One-Class
Classification", propositions 1 to 3). The decoder has no part in the hypersphere.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from anomaly_core.datasets.base import Shape
from anomaly_core.networks.channels import values_of

HIDDEN = (256, 128)
LATENT = 32


class MLPEncoder(nn.Sequential):
    """All numbers of an image - 256 - 128 - 32."""

    def __init__(
        self, image_shape: Shape, hidden: Sequence[int] = HIDDEN, latent: int = LATENT
    ) -> None:
        sizes = (values_of(image_shape), *hidden)
        super().__init__(
            nn.Flatten(),  # (batch, height, width[, 3]) -> (batch, numbers)
            *(layer for sizes_ in pairwise(sizes) for layer in block(*sizes_)),
            nn.Linear(sizes[-1], latent, bias=False),  # -> (batch, latent)
        )


class MLPDecoder(nn.Sequential):
    """32 - 128 - 256 - all numbers of an image, ending in a sigmoid: pixels between 0 and 1."""

    def __init__(
        self, image_shape: Shape, hidden: Sequence[int] = HIDDEN, latent: int = LATENT
    ) -> None:
        sizes = (latent, *reversed(hidden))
        super().__init__(
            *(layer for sizes_ in pairwise(sizes) for layer in block(*sizes_)),
            nn.Linear(sizes[-1], values_of(image_shape)),
            nn.Unflatten(1, image_shape),  # -> (batch, height, width[, 3])
            nn.Sigmoid(),
        )


class MLP64Encoder(MLPEncoder):
    """All numbers of an image - 256 - 128 - 64."""

    def __init__(self, image_shape: Shape) -> None:
        super().__init__(image_shape, latent=64)


class MLP64Decoder(MLPDecoder):
    """64 - 128 - 256 - all numbers of an image."""

    def __init__(self, image_shape: Shape) -> None:
        super().__init__(image_shape, latent=64)


def block(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    """One hidden layer."""
    return (
        nn.Linear(inputs, outputs, bias=False),
        nn.BatchNorm1d(outputs, affine=False),
        nn.LeakyReLU(),
    )
