"""Autoencoders that score by what they cannot give back; every one ends in a sigmoid.

Each is a maker that takes (height, width[, 3]), both sides at least 8, and returns an encoder, from
(batch, height, width[, 3]) to codes, and a decoder back.
"""

from collections.abc import Callable
from itertools import pairwise

from torch import nn

from anomaly_core.datasets.base import Shape
from anomaly_core.networks.channels import ChannelsFirst, ChannelsLast, channels_of, values_of
from anomaly_core.networks.conv import Size, halvings

AutoencoderMaker = Callable[[Shape], tuple[nn.Sequential, nn.Sequential]]


def fully_connected(shape: Shape, *sizes: int) -> tuple[nn.Sequential, nn.Sequential]:
    """All numbers of an image - sizes, and mirrored."""
    sizes = (values_of(shape), *sizes)
    return (
        nn.Sequential(nn.Flatten(), *dense(*sizes)),
        nn.Sequential(*dense(*reversed(sizes)), nn.Unflatten(1, shape), nn.Sigmoid()),
    )


def fc_16(shape: Shape) -> tuple[nn.Sequential, nn.Sequential]:
    """784 - 128 - 64 - 16, and mirrored."""
    return fully_connected(shape, 128, 64, 16)


def fc_deep_16(shape: Shape) -> tuple[nn.Sequential, nn.Sequential]:
    """784 - 512 - 256 - 128 - 16, and mirrored."""
    return fully_connected(shape, 512, 256, 128, 16)


def conv_transposed(shape: Shape) -> tuple[nn.Sequential, nn.Sequential]:
    """28x28x1 - 14x14x16 - 7x7x32, and back by transposed convolutions."""
    whole, half, quarter = halvings(shape, 2)
    encoder = nn.Sequential(
        ChannelsFirst(),
        nn.Conv2d(channels_of(shape), 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
    )
    decoder = nn.Sequential(
        doubling(32, 16, quarter, half),
        nn.ReLU(),
        doubling(16, channels_of(shape), half, whole),
        ChannelsLast(),
        nn.Sigmoid(),
    )
    return encoder, decoder


def conv_pool(shape: Shape) -> tuple[nn.Sequential, nn.Sequential]:
    """28x28x1 - 14x14x16 - 7x7x8 by convolution and max-pooling, and back by upsampling."""
    whole, half, _ = halvings(shape, 2)
    encoder = nn.Sequential(ChannelsFirst(), *pooled(channels_of(shape), 16), *pooled(16, 8))
    decoder = nn.Sequential(
        nn.Upsample(size=half),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.Upsample(size=whole),
        nn.Conv2d(16, channels_of(shape), 3, padding=1),
        ChannelsLast(),
        nn.Sigmoid(),
    )
    return encoder, decoder


def deep_noise(shape: Shape) -> tuple[nn.Sequential, nn.Sequential]:
    """28x28x1 - 14x14x16 - 7x7x32 with batch normalization, and mirrored.

    Codes wide enough to give normal images back nearly whole: what is left of an image that was
    distorted then stands out more than from a narrow code, whose own error hides it.
    """
    whole, half, quarter = halvings(shape, 2)
    encoder = nn.Sequential(
        ChannelsFirst(),
        nn.Conv2d(channels_of(shape), 16, 3, stride=2, padding=1),
        nn.BatchNorm2d(16),
        nn.LeakyReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.BatchNorm2d(32),
        nn.LeakyReLU(),
    )
    decoder = nn.Sequential(
        doubling(32, 16, quarter, half),
        nn.BatchNorm2d(16),
        nn.LeakyReLU(),
        doubling(16, channels_of(shape), half, whole),
        ChannelsLast(),
        nn.Sigmoid(),
    )
    return encoder, decoder


AUTOENCODERS: dict[str, AutoencoderMaker] = {
    "fc-16": fc_16,
    "fc-deep-16": fc_deep_16,
    "conv-transposed": conv_transposed,
    "conv-pool": conv_pool,
    "deep-noise": deep_noise,
}


def dense(*sizes: int) -> list[nn.Module]:
    """Linear layers with a ReLU between each two."""
    layers: list[nn.Module] = [
        layer
        for inputs, outputs in pairwise(sizes)
        for layer in (nn.Linear(inputs, outputs), nn.ReLU())
    ]
    return layers[:-1]


def pooled(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    """Convolve and halve the image; an odd side keeps its last row."""
    return (
        nn.Conv2d(inputs, outputs, 3, padding=1),
        nn.ReLU(),
        nn.BatchNorm2d(outputs),
        nn.MaxPool2d(2, ceil_mode=True),
    )


def doubling(inputs: int, outputs: int, before: Size, after: Size) -> nn.ConvTranspose2d:
    """Undo a convolution of stride 2: an even side needs one more row than an odd one."""
    more = tuple(large - (2 * small - 1) for small, large in zip(before, after, strict=True))
    return nn.ConvTranspose2d(
        inputs, outputs, 3, stride=2, padding=1, output_padding=(more[0], more[1])
    )
