"""Every encoder and decoder; a new pair is tested by standing in `NETWORKS`."""

import pytest
import torch
from refused import refused
from torch import nn

from anomaly_core.errors import InvalidInput
from anomaly_core.networks import NETWORKS, networks_named


@pytest.mark.parametrize("shape", [(28, 28), (6, 6), (9, 5), (1, 1)])
@pytest.mark.parametrize("name", NETWORKS)
def test_decoder_gives_back_the_shape_that_the_encoder_took(name, shape):
    encoder, decoder = (make(shape) for make in networks_named(name))
    z = encoder(torch.rand(4, *shape))
    assert z.shape == (4, 64 if name == "mlp-64" else 32)
    x_hat = decoder(z)
    assert x_hat.shape == (4, *shape)
    assert 0 <= x_hat.min() <= x_hat.max() <= 1


@pytest.mark.parametrize("name", NETWORKS)
def test_encoder_has_nothing_that_could_output_a_constant(name):
    encoder = networks_named(name)[0]((28, 28))
    assert not [key for key, _ in encoder.named_parameters() if "bias" in key]
    norms = [
        layer for layer in encoder.modules() if isinstance(layer, nn.modules.batchnorm._NormBase)
    ]
    assert norms
    assert not any(norm.affine for norm in norms)
    assert not encoder.eval()(torch.zeros(2, 28, 28)).any()


@pytest.mark.parametrize("name", NETWORKS)
def test_encoder_tells_each_image_of_a_batch_apart(name):
    encoder = networks_named(name)[0]((28, 28)).eval()
    x = torch.rand(5, 28, 28, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.allclose(encoder(x)[3], encoder(x[3:4])[0], atol=1e-5)
        assert not torch.allclose(encoder(x)[3], encoder(x)[4])


def test_mlp_has_the_sizes_it_says():
    encoder, decoder = (make((28, 28)) for make in networks_named("mlp"))
    sizes = [
        [(m.in_features, m.out_features) for m in net if isinstance(m, nn.Linear)]
        for net in (encoder, decoder)
    ]
    assert sizes == [[(784, 256), (256, 128), (128, 32)], [(32, 128), (128, 256), (256, 784)]]


def test_an_unknown_network_is_refused_with_the_known_ones():
    with refused(InvalidInput, "no network 'big'; choose one of conv, mlp"):
        networks_named("big")
