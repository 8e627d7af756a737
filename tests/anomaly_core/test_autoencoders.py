"""Autoencoders and classifiers have the layer sizes that they are known by."""

import pytest
import torch
from refused import refused
from torch import nn

from anomaly_core.errors import InvalidInput
from anomaly_core.networks import AUTOENCODERS, autoencoder_named, networks_named
from anomaly_core.networks.channels import ChannelsFirst
from anomaly_core.networks.classifiers import ConvClassifier, FeatureNetwork


def dense_sizes(*networks: nn.Module) -> list[int]:
    """Inputs of the first linear layer, then the outputs of each."""
    layers = [m for network in networks for m in network.modules() if isinstance(m, nn.Linear)]
    return [layers[0].in_features, *(layer.out_features for layer in layers)]


def image_sizes(network: nn.Module, x: torch.Tensor, layers) -> list[tuple[int, ...]]:
    """(height, width, channels) of what each layer of some types gives out."""
    sizes: list[tuple[int, ...]] = []

    def note(module, inputs, output) -> None:
        sizes.append((*output.shape[2:], output.shape[1]))

    hooks = [m.register_forward_hook(note) for m in network.modules() if isinstance(m, layers)]
    network.eval()(x)
    for hook in hooks:
        hook.remove()
    return sizes


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("fc-16", [784, 128, 64, 16, 64, 128, 784]),
        ("fc-deep-16", [784, 512, 256, 128, 16, 128, 256, 512, 784]),
    ],
)
def test_fully_connected_ones_are_mirrored(name, sizes):
    assert dense_sizes(*autoencoder_named(name)((28, 28))) == sizes


def test_the_hypersphere_s_autoencoder_of_64_is_mirrored():
    networks = [make((28, 28)) for make in networks_named("mlp-64")]
    assert dense_sizes(*networks) == [784, 256, 128, 64, 128, 256, 784]


def test_conv_transposed_goes_down_to_7_by_7_by_32_and_back():
    encoder, decoder = autoencoder_named("conv-transposed")((28, 28))
    x = torch.rand(2, 28, 28)
    assert image_sizes(encoder, x, nn.Conv2d) == [(14, 14, 16), (7, 7, 32)]
    up = image_sizes(decoder, encoder(x), nn.ConvTranspose2d)
    assert up == [(14, 14, 16), (28, 28, 1)]
    assert not any(isinstance(m, (nn.Linear, nn.Upsample)) for m in (*encoder, *decoder))


def test_conv_pool_is_made_of_the_layers_it_is_known_by():
    encoder, decoder = autoencoder_named("conv-pool")((28, 28))
    down = [nn.Conv2d, nn.ReLU, nn.BatchNorm2d, nn.MaxPool2d]
    assert [type(m) for m in encoder] == [ChannelsFirst, *down, *down]
    kinds = [type(m) for m in decoder]
    assert kinds[:2] == [nn.Upsample, nn.Conv2d]
    assert kinds[-1] is nn.Sigmoid
    x = torch.rand(2, 28, 28)
    assert image_sizes(encoder, x, nn.MaxPool2d) == [(14, 14, 16), (7, 7, 8)]
    assert image_sizes(decoder, encoder(x), nn.Conv2d) == [(14, 14, 16), (28, 28, 1)]


@pytest.mark.parametrize("shape", [(28, 28), (8, 8), (9, 15), (31, 12), (16, 16, 3), (31, 12, 3)])
@pytest.mark.parametrize("name", AUTOENCODERS)
def test_every_autoencoder_gives_back_the_shape_and_ends_in_a_sigmoid(name, shape):
    encoder, decoder = autoencoder_named(name)(shape)
    x_hat = decoder(encoder(torch.rand(4, *shape)))
    assert x_hat.shape == (4, *shape)
    assert 0 <= x_hat.min() <= x_hat.max() <= 1
    assert isinstance(decoder[-1], nn.Sigmoid)


def test_the_classifier_has_three_convolutions_three_pools_and_two_dense_layers():
    network = ConvClassifier((28, 28), 10)
    kinds = [type(m) for m in network.modules()]
    assert [kinds.count(k) for k in (nn.Conv2d, nn.MaxPool2d, nn.Linear)] == [3, 3, 2]
    x = torch.rand(2, 28, 28)
    assert image_sizes(network, x, nn.MaxPool2d) == [(14, 14, 16), (7, 7, 32), (4, 4, 64)]
    assert network.eval()(x).shape == (2, 10)


def test_the_feature_network_goes_from_1_to_16_to_32_channels():
    network = FeatureNetwork((28, 28), 10)
    channels = [
        (m.in_channels, m.out_channels) for m in network.modules() if isinstance(m, nn.Conv2d)
    ]
    assert channels == [(1, 16), (16, 32)]
    f, f_hat, logits = network.eval()(torch.rand(2, 28, 28))
    assert f.shape == f_hat.shape == (2, 7 * 7 * 32)
    assert logits.shape == (2, 10)


def test_an_unknown_autoencoder_is_refused_with_the_known_ones():
    with refused(InvalidInput, "no autoencoder 'big'; choose one of fc-16, fc-deep-16, conv-"):
        autoencoder_named("big")
