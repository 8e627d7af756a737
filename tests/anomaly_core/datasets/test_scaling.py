"""Scaling without torch gives the values of torch, whatever the size."""

import numpy as np
import pytest
import torch

from anomaly_core.datasets import scaling
from anomaly_core.datasets.reading import resize_tensor
from anomaly_core.datasets.scaling import scaled

SIZES = [
    ((300, 400), (128, 128)),
    ((256, 256), (128, 128)),
    ((333, 517), (64, 48)),
    ((37, 61), (64, 64)),
    ((20, 900), (64, 64)),
    ((900, 20), (64, 64)),
    ((1, 1), (16, 16)),
    ((128, 300), (128, 64)),
]


def by_torch(pixels, size):
    planes = torch.from_numpy(pixels.transpose(2, 0, 1).copy())[None].float()
    return resize_tensor(planes, size)[0].permute(1, 2, 0).double().numpy()


@pytest.mark.parametrize(("shape", "size"), SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_values_are_those_of_torch_rounded(shape, size, channels):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, channels), np.uint8)
    found, exact = scaled(pixels, size), by_torch(pixels, size)
    assert found.shape == exact.shape
    assert np.abs(found - exact).max() <= 0.5001  # other processors add up in another order
    assert np.mean(found != np.rint(exact)) < 1e-3


def test_in_bands_and_in_chunks_the_values_are_the_same(monkeypatch):
    pixels = np.random.default_rng(1).integers(0, 256, (500, 300, 3), np.uint8)
    whole = scaled(pixels, (64, 96))
    monkeypatch.setattr(scaling, "BAND", 20_000)
    monkeypatch.setattr(scaling, "CHUNK", 1_000)
    assert np.array_equal(scaled(pixels, (64, 96)), whole)


def test_what_is_near_a_half_is_computed_once_more():
    pixels = np.random.default_rng(2).integers(0, 2, (240, 320, 1), np.uint8) * 255
    assert np.mean(scaled(pixels, (32, 32)) != np.rint(by_torch(pixels, (32, 32)))) < 1e-3
