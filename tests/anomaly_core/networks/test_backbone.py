"""What holds for a backbone whatever its network."""

import pytest
import torch
from halved import halved
from refused import refused

from anomaly_core.errors import InvalidInput


def test_grey_is_colour_with_equal_channels():
    grey = torch.rand(3, 8, 12, generator=torch.Generator().manual_seed(0))
    backbone = halved()
    maps = backbone(grey)
    assert [tuple(x.shape) for x in maps] == [(3, 3, 8, 12), (3, 3, 4, 6)]
    colour = backbone(grey[..., None].expand(-1, -1, -1, 3))
    assert all(torch.equal(one, other) for one, other in zip(maps, colour, strict=True))


def test_each_channel_is_normalised():
    maps = halved()(torch.full((1, 8, 8), 0.5))
    assert maps[0][0, :, 0, 0].tolist() == [0.0, 0.5, 0.25]


@pytest.mark.parametrize(
    ("size", "enlarged"), [((8, 8), (8, 8)), ((4, 6), (8, 12)), ((20, 2), (80, 8)), ((9, 30), None)]
)
def test_small_images_are_enlarged_as_they_are(size, enlarged):
    maps = halved()(torch.zeros(1, *size, 3))
    assert tuple(maps[0].shape[2:]) == (enlarged or size)


def test_it_stays_frozen():
    backbone = halved()
    backbone.train()
    assert not any(module.training for module in backbone.modules())
    assert not any(parameter.requires_grad for parameter in backbone.parameters())
    x = torch.full((1, 8, 8), 0.3)
    assert torch.equal(backbone(x)[0], backbone(x)[0])


def test_the_fingerprint_is_that_of_weights_and_preprocessing():
    one = halved().fingerprint
    assert one == halved().fingerprint
    assert len(one) == 64
    others = {halved(2.0).fingerprint, halved(smallest=9).fingerprint}
    assert len({one, *others}) == 3


def test_what_is_no_image_is_refused():
    for shape in [(8, 8), (2, 8, 8, 4), (1, 1, 8, 8, 3)]:
        with refused(InvalidInput, "takes grey images, or colour ones"):
            halved()(torch.zeros(*shape))
