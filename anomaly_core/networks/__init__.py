"""Encoders and decoders; the layer sizes can be read at a glance."""

from collections.abc import Callable

from torch import nn

from anomaly_core.datasets.base import Shape
from anomaly_core.errors import InvalidInput
from anomaly_core.networks.autoencoders import AUTOENCODERS, AutoencoderMaker
from anomaly_core.networks.conv import ConvEncoder
from anomaly_core.networks.mlp import MLP64Decoder, MLP64Encoder, MLPDecoder, MLPEncoder

Maker = Callable[[Shape], nn.Sequential]

# An encoder ends in a linear layer without bias: whitening is folded into it.
NETWORKS: dict[str, tuple[Maker, Maker]] = {
    # a fully connected decoder costs a tenth of a convolutional one and pretrains as well
    "conv": (ConvEncoder, MLPDecoder),
    "mlp": (MLPEncoder, MLPDecoder),
    "mlp-64": (MLP64Encoder, MLP64Decoder),
}

__all__ = [
    "AUTOENCODERS",
    "NETWORKS",
    "ConvEncoder",
    "MLPDecoder",
    "MLPEncoder",
    "autoencoder_named",
    "networks_named",
]


def networks_named(name: str) -> tuple[Maker, Maker]:
    """Return the makers of encoder and decoder called `name`; raises `InvalidInput`."""
    if name not in NETWORKS:
        raise InvalidInput(f"There is no network {name!r}; choose one of {', '.join(NETWORKS)}.")
    return NETWORKS[name]


def autoencoder_named(name: str) -> AutoencoderMaker:
    """Return the maker of the autoencoder called `name`; raises `InvalidInput`."""
    if name not in AUTOENCODERS:
        raise InvalidInput(
            f"There is no autoencoder {name!r}; choose one of {', '.join(AUTOENCODERS)}."
        )
    return AUTOENCODERS[name]
