"""The Deep SAD paper's recipe, for any images."""

import numpy as np
import pytest
import torch

from benchmarks.learning.paper import CODES, as_planes, decoder, deep_sad, encoder


@pytest.mark.parametrize(("side", "colours"), [(28, 1), (32, 1), (32, 3)])
def test_the_decoder_mirrors_the_encoder(side, colours):
    codes = encoder(side, colours)(torch.rand(2, colours, side, side))
    assert codes.shape == (2, CODES[side])
    assert decoder(side, colours)(codes).shape == (2, colours, side, side)


@pytest.mark.parametrize(
    ("shape", "planes"),
    [((28, 28), (1, 28, 28)), ((64, 48), (1, 32, 32)), ((40, 40, 3), (3, 32, 32))],
)
def test_images_are_made_to_fit_one_of_the_two_networks(shape, planes):
    images = np.full((2, *shape), 51, np.uint8)
    x = as_planes(images)
    assert x.shape == (2, *planes)
    assert torch.allclose(x, torch.tensor(0.2))


@pytest.mark.trains
def test_labeled_anomalies_end_up_farther_out():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 60, (64, 28, 28), np.uint8)
    images[:16, 8:20] += 150
    y = np.where(np.arange(64) < 16, -1, 0)
    scores = deep_sad(images, y, epochs=150, seed=0)(images)
    assert np.median(scores[:16]) > 2 * np.median(scores[16:])
