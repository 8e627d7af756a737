"""Where networks are cut, for each family of them."""

from typing import Any

import pytest
import torch
from made_weights import made_weights
from refused import refused

from anomaly_core.errors import InvalidInput
from anomaly_core.networks.backbones.base import Backbone
from anomaly_core.networks.backbones.published import weightless
from anomaly_core.networks.backbones.stages import cut

FAMILIES = {
    "resnet18": (128, 256, 512),
    "resnet50": (512, 1024, 2048),
    "wide_resnet50_2": (512, 1024, 2048),
    "efficientnet_b0": (40, 112, 1280),
    "mobilenet_v3_small": (24, 48, 576),
    "convnext_tiny": (192, 384, 768),
    "vgg11_bn": (512, 512, 512),
    "densenet121": (512, 1024, 1024),
    "regnet_y_400mf": (104, 208, 440),
    "googlenet": (480, 832, 1024),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_the_last_three_scales_come_out(name):
    network = weightless(name)
    stages, scales = cut(name, network)
    assert scales == (8, 16, 32)
    with torch.inference_mode():
        maps = stages(torch.zeros(2, 3, 96, 64, device="meta"))
    sides = [(96 // scale, 64 // scale) for scale in scales]
    assert [tuple(x.shape) for x in maps] == [
        (2, channels, *side) for channels, side in zip(FAMILIES[name], sides, strict=True)
    ]


def test_what_classifies_is_left_out():
    stages, _ = cut("vgg11_bn", weightless("vgg11_bn"))
    assert {key.split(".")[0] for key in stages.network.state_dict()} == {"features"}


def test_making_a_network_draws_no_random_numbers():
    before = torch.get_rng_state()
    assert all(parameter.is_meta for parameter in weightless("googlenet").parameters())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", ["vit_b_16", "swin_t", "maxvit_t"])
def test_a_transformer_is_refused(name):
    with refused(InvalidInput, f"{name} gives no maps at 3 scales"):
        cut(name, weightless(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("alexnet", (8, 16, 32)),
        ("efficientnet_v2_s", (8, 16, 32)),
        ("inception_v3", (8, 16, 32)),
        ("mnasnet0_5", (8, 16, 32)),
        ("mobilenet_v2", (8, 16, 32)),
        ("shufflenet_v2_x0_5", (8, 16, 32)),
        ("squeezenet1_1", (4, 8, 16)),
    ],
)
def test_other_families_are_cut_as_well(name, expected):
    assert cut(name, weightless(name))[1] == expected


def test_maps_are_those_of_the_network_itself():
    network: Any = weightless("resnet18")
    stages, scales = cut("resnet18", network)
    weights = made_weights("resnet18")
    network.load_state_dict(weights, strict=False, assign=True)
    stages.network.load_state_dict(weights, assign=True)
    backbone = Backbone("resnet18", stages, scales, {})
    images = torch.rand(2, 64, 96, 3, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        x = (images - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
        x = network.maxpool(network.relu(network.bn1(network.conv1(x.permute(0, 3, 1, 2)))))
        finer = network.layer2(network.layer1(x))
        expected = [finer, network.layer3(finer), network.layer4(network.layer3(finer))]
        maps = backbone(images)
    for one, other in zip(maps, expected, strict=True):
        torch.testing.assert_close(one, other)
