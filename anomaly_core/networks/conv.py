"""Convolutional encoder and its mirrored decoder.

The encoder has neither biases nor a batch normalisation that can shift, for the reason given in
`anomaly_core.networks.mlp`; the decoder, which takes no part in the hypersphere, has biases.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

CHANNELS = (16, 32, 64)
LATENT = 32


class ConvEncoder(nn.Sequential):
    """Three 3x3 convolutions of stride 2, 1 - 16 - 32 - 64 channels, then linear to 32."""

    def __init__(
        self, image_shape: tuple[int, int], channels: Sequence[int] = CHANNELS, latent: int = LATENT
    ) -> None:
        height, width = halvings(image_shape, len(channels))[-1]
        super().__init__(
            nn.Unflatten(1, (1, image_shape[0])),  # (batch, height, width) -> (batch, 1, ...)
            *(layer for sizes in pairwise((1, *channels)) for layer in down(*sizes)),
            nn.Flatten(),
            nn.Linear(channels[-1] * height * width, latent, bias=False),  # -> (batch, latent)
        )


class ConvDecoder(nn.Sequential):
    """Linear from 32, then three transposed convolutions, 64 - 32 - 16 - 1, ending in a sigmoid."""

    def __init__(
        self, image_shape: tuple[int, int], channels: Sequence[int] = CHANNELS, latent: int = LATENT
    ) -> None:
        sizes = halvings(image_shape, len(channels))
        height, width = sizes[-1]
        widths = (*reversed(channels), 1)
        steps = zip(pairwise(widths), reversed(sizes[:-1]), strict=True)
        layers = [layer for io, size in steps for layer in up(*io, size)]
        super().__init__(
            nn.Linear(latent, channels[-1] * height * width),
            nn.BatchNorm1d(channels[-1] * height * width, affine=False),
            nn.LeakyReLU(),
            nn.Unflatten(1, (channels[-1], height, width)),
            *layers[:-2],  # the last convolution gives pixels, which are not normalised
            nn.Flatten(1, 2),  # (batch, 1, height, width) -> (batch, height, width)
            nn.Sigmoid(),
        )


def halvings(image_shape: tuple[int, int], times: int) -> list[tuple[int, int]]:
    """Return the image size and what each convolution of stride 2 leaves of it."""
    sizes = [image_shape]
    for _ in range(times):
        height, width = sizes[-1]
        sizes.append(((height + 1) // 2, (width + 1) // 2))
    return sizes


def down(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    """Halve the image."""
    return (
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outputs, affine=False),
        nn.LeakyReLU(),
    )


def up(inputs: int, outputs: int, size: tuple[int, int]) -> tuple[nn.Module, ...]:
    """Double the image to exactly `size`, which may be odd."""
    even = (1 - size[0] % 2, 1 - size[1] % 2)
    return (
        nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=even),
        nn.BatchNorm2d(outputs, affine=False),
        nn.LeakyReLU(),
    )
