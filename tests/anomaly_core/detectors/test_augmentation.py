"""Jitter changes each image by a small random amount, and never by more than it says."""

import math

import pytest
import torch

from anomaly_core.detectors.augmentation import AffineJitter

SIDE = 28
CENTER = (SIDE - 1) / 2


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(count: int = 20) -> torch.Tensor:
    return torch.rand(count, SIDE, SIDE, generator=generator(9))


def dots(x: float, y: float, width: float = 2.0, count: int = 300) -> torch.Tensor:
    """Equal images of one soft dot, `x` to the right of the middle and `y` below it."""
    across = torch.arange(SIDE) - CENTER
    down = across[:, None]
    dot = torch.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * width**2))
    return dot.expand(count, SIDE, SIDE)


def places(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean x and y of the light in each image, from the middle."""
    across, light = torch.arange(SIDE) - CENTER, images.sum(dim=(1, 2))
    return (images.sum(1) * across).sum(1) / light, (images.sum(2) * across).sum(1) / light


def test_no_jitter_changes_nothing():
    changed = AffineJitter(0, 0, 0)(noise(), generator())
    assert torch.allclose(changed, noise(), atol=1e-5)


def test_shape_and_range_stay():
    x = 0.2 + 0.6 * noise()
    changed = AffineJitter(45, 0.3, 0.3)(x, generator())
    assert changed.shape == x.shape
    assert x.min() <= changed.min() + 1e-6
    assert changed.max() <= x.max() + 1e-6


def test_shift_moves_both_ways_up_to_its_share_of_the_size():
    for moved in places(AffineJitter(0, 0.1, 0)(dots(0, 0), generator())):
        assert moved.abs().max() <= 0.1 * SIDE + 0.05
        assert moved.max() > 0.08 * SIDE
        assert moved.min() < -0.08 * SIDE


def test_rotation_turns_both_ways_up_to_its_degrees():
    x, y = places(AffineJitter(15, 0, 0)(dots(8, 0), generator()))
    degrees = torch.atan2(y, x).rad2deg()
    assert degrees.abs().max() <= 15.2
    assert degrees.max() > 13
    assert degrees.min() < -13
    assert torch.allclose(torch.hypot(x, y), torch.tensor(8.0), atol=0.1)


def test_scale_grows_and_shrinks_up_to_its_share():
    x, y = places(AffineJitter(0, 0, 0.15)(dots(7, 0, width=1.5), generator()))
    size = x / 7
    assert 1 / 1.15 - 0.01 <= size.min() < 0.9
    assert 1.13 < size.max() <= 1 / 0.85 + 0.01
    assert y.abs().max() < 0.05


def test_each_image_is_changed_by_its_own_draw():
    changed = AffineJitter()(dots(3, 3, count=10), generator())
    distances = torch.cdist(changed.flatten(1), changed.flatten(1))
    assert (distances + 9 * torch.eye(10) > 0.1).all()


def test_images_keep_their_place_in_the_batch():
    bright = torch.linspace(0.1, 1, 10)
    changed = AffineJitter()(bright[:, None, None].expand(10, SIDE, SIDE), generator())
    assert torch.allclose(changed.mean(dim=(1, 2)), bright, atol=1e-5)


def test_generator_decides_the_change():
    first, again, other = (AffineJitter()(noise(), generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    AffineJitter()(noise(), generator())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("shape", [(5, 9), (1, 1), (28, 14)])
def test_any_image_size_will_do(shape):
    changed = AffineJitter()(torch.rand(3, *shape, generator=generator()), generator())
    assert changed.shape == (3, *shape)
    assert not math.isnan(changed.sum().item())
