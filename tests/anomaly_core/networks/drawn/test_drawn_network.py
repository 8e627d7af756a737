"""The network of the drawn backbone, whatever its weights."""

import math

import pytest
import torch

from anomaly_core.networks.drawn.network import SCALES, WIDTHS, DrawnNetwork


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (64, 17), (1, 1)])
def test_maps_of_any_size(size):
    with torch.inference_mode():
        maps = DrawnNetwork().eval()(torch.rand(2, 3, *size))
    places = [tuple(math.ceil(side / scale) for side in size) for scale in SCALES]
    expected = [(2, width, *place) for width, place in zip(WIDTHS, places, strict=True)]
    assert [tuple(x.shape) for x in maps] == expected
    assert all(x.min() >= 0 for x in maps)


def test_it_is_small():
    assert 2.6e6 < sum(x.numel() for x in DrawnNetwork().parameters()) < 2.8e6
