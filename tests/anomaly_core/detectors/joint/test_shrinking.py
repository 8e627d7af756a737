"""Images are made smaller to the same levels in whatever order sums are taken."""

import numpy as np
import pytest
import torch
from PIL import Image

from anomaly_core.detectors.joint.shrinking import STEPS, shares, shrunk

SIZES = pytest.mark.parametrize(("source", "target"), [(40, 32), (64, 32), (192, 32), (33, 32)])


@SIZES
def test_shares_are_whole_steps_that_sum_to_one(source, target):
    made = shares(source, target).astype(np.float64) * STEPS
    np.testing.assert_array_equal(made, made.round())
    np.testing.assert_array_equal(made.sum(axis=1), STEPS)


@SIZES
def test_they_are_the_levels_of_pillow_within_one(source, target):
    levels = np.random.default_rng(0).integers(0, 256, (5, source, source), np.uint8)
    weights = torch.from_numpy(shares(source, target))
    made = shrunk(torch.from_numpy(levels).float(), weights, weights).numpy()
    expected = [np.asarray(Image.fromarray(one).resize((target,) * 2, 2)) for one in levels]
    assert np.abs(made - np.stack(expected)).max() <= 1


@SIZES
def test_the_order_of_a_sum_changes_nothing(source, target):
    rng = np.random.default_rng(1)
    levels = torch.from_numpy(rng.integers(0, 256, (5, source, source))).float()
    weights = torch.from_numpy(shares(source, target))
    order = torch.from_numpy(rng.permutation(source))
    plain = shrunk(levels, weights, weights)
    mixed = shrunk(levels[:, order][:, :, order], weights[:, order], weights[:, order])
    exact = shrunk(levels.double(), weights.double(), weights.double())
    assert torch.equal(plain, mixed)
    assert torch.equal(plain, exact.float())
