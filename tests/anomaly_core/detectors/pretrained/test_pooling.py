"""Features of images and of their places, from maps that can be computed by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from anomaly_core.detectors.pretrained.pooling import (
    coarse_enough,
    place_features,
    pooled_features,
)
from anomaly_core.networks.backbones import Backbone, load_backbone
from anomaly_core.networks.backbones.base import Preprocessing


class MeansOfPlaces(nn.Module):
    """Maps of the mean colour of places of so many pixels, plus the number of the map."""

    def __init__(self, scales):
        super().__init__()
        self.scales = scales

    def forward(self, x):
        return [F.avg_pool2d(x, scale) + number for number, scale in enumerate(self.scales)]


def made_of(*scales):
    plain = Preprocessing(mean=(0, 0, 0), std=(1, 1, 1), smallest=16)
    return Backbone("means", MeansOfPlaces(scales), scales, {}, plain)


@pytest.fixture
def x():
    return torch.from_numpy(np.random.default_rng(0).random((5, 16, 24), np.float32))


def test_maps_that_are_too_fine_are_left_out(x):
    backbone = made_of(2, 4, 8)
    maps = backbone(x)
    assert [m.shape[2] for m in coarse_enough(backbone, maps)] == [4, 2]
    assert pooled_features(backbone, x).shape == (5, 6)


def test_where_all_are_too_fine_all_are_used(x):
    assert pooled_features(made_of(1, 2), x).shape == (5, 6)


def test_pooled_features_are_the_means_of_the_maps(x):
    features = pooled_features(made_of(4, 8), x)
    grey = x.mean(dim=(1, 2))
    expected = torch.stack([grey, grey, grey, grey + 1, grey + 1, grey + 1], dim=1)
    torch.testing.assert_close(features, expected)


def test_colour_has_its_channels():
    x = torch.zeros(2, 16, 16, 3)
    x[..., 1] = 0.5
    assert pooled_features(made_of(4), x).tolist() == [[0, 0.5, 0]] * 2


def test_places_are_those_of_the_finest_map_that_is_used(x):
    assert place_features(made_of(2, 4, 8), x).shape == (5, 6, 4, 6)
    assert place_features(made_of(8), x).shape == (5, 3, 2, 3)


def test_the_mean_over_the_places_of_one_map_is_the_pooled(x):
    backbone = made_of(4)
    places = place_features(backbone, x)
    torch.testing.assert_close(places.mean(dim=(2, 3)), pooled_features(backbone, x))


def test_it_is_about_the_pooled_where_coarser_maps_are_interpolated(x):
    for backbone in (made_of(4, 8), load_backbone("drawn")):
        pooled = pooled_features(backbone, x)
        means = place_features(backbone, x).mean(dim=(2, 3))
        assert (means - pooled).abs().mean() < 0.1 * pooled.abs().mean()


def test_what_lies_at_a_place_is_seen_there():
    x = torch.zeros(1, 16, 16)
    x[0, 12:, :4] = 1
    places = place_features(made_of(4), x)
    assert places[0, 0].argmax() == 3 * 4
