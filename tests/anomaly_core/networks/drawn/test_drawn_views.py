"""Random views of pictures."""

import pytest
import torch

from anomaly_core.networks.drawn.views import RandomViews


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def pictures():
    return torch.randint(256, (16, 3, 24, 24), dtype=torch.uint8, generator=generator())


@pytest.mark.parametrize("side", [16, 33])
def test_shape_and_range(pictures, side):
    views = RandomViews(generator())(pictures, side)
    assert views.shape == (16, 3, side, side)
    assert views.dtype == torch.float32
    assert views.min() >= 0
    assert views.max() <= 1


def test_a_generator_gives_one_series_of_views(pictures):
    one, other = RandomViews(generator(1)), RandomViews(generator(1))
    first, second = one(pictures, 16), one(pictures, 16)
    assert torch.equal(first, other(pictures, 16))
    assert torch.equal(second, other(pictures, 16))
    assert not torch.equal(first, second)


def test_they_leave_other_random_numbers_alone(pictures):
    before = torch.get_rng_state()
    RandomViews(generator())(pictures, 16)
    assert torch.equal(before, torch.get_rng_state())


def test_some_are_grey():
    colour = torch.tensor([200, 90, 30], dtype=torch.uint8)[:, None, None].expand(400, 3, 8, 8)
    view = RandomViews(generator())
    changed = view.recolored(colour / 255)
    assert (changed != colour / 255).flatten(1).any(1).float().mean().item() == pytest.approx(
        0.8, abs=0.08
    )
    views = view(colour, 8)
    grey = ((views - views.mean(1, keepdim=True)).abs().mean((1, 2, 3)) < 0.04).float().mean()
    assert grey.item() == pytest.approx(0.2, abs=0.08)


def test_a_view_shows_a_part_of_its_picture():
    ramp = torch.linspace(0, 1, 64).expand(64, 3, 64, 64)  # brighter from left to right
    cut = RandomViews(generator()).cropped(ramp, 32)
    seen = cut.mean((1, 2)).diff(dim=1).sum(1).abs()  # the width of the part, as brightness
    assert seen.min() > 0.4
    assert seen.max() <= 1
    mirrored = cut[..., 0].mean((1, 2)) > cut[..., -1].mean((1, 2))
    assert 0.25 < mirrored.float().mean() < 0.75
