"""Maps of where a distance comes from, for distances that can be computed by hand."""

import pytest
import torch

from anomaly_core.occlusion import ACROSS, occlusion_maps, windows

SIZES = [(2, 2), (8, 8), (9, 15), (28, 17), (64, 64), (256, 40), (1024, 8)]


def brightness(x):
    """A distance that every pixel adds to alike."""
    return x.flatten(1).sum(dim=1)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_windows_reach_every_pixel_and_are_few(size):
    masks = windows(*size)
    assert masks.shape[1:] == size
    assert len(masks) <= ACROSS**2
    assert 0 <= masks.min() <= masks.max() <= 1
    assert masks.sum(dim=0).min() > 0


@pytest.mark.parametrize("shape", [(32, 32), (33, 20), (32, 32, 3)], ids=str)
def test_a_spot_is_found_where_it_is(shape):
    clean = torch.full((2, *shape), 0.3)
    spotted = clean.clone()
    spotted[0, 20:24, 10:14] = 0.9
    spotted[1, 4:8, 2:6] = 0.9
    maps = occlusion_maps(brightness, spotted, clean).numpy()
    assert maps.shape == (2, *shape[:2])
    assert maps[0, 20:24, 10:14].mean() > 0.5 * maps[0].max() > 0
    assert maps[1, 4:8, 2:6].mean() > 0.5 * maps[1].max() > 0
    assert maps[0, :4].max() == pytest.approx(0, abs=1e-3)
    assert maps[1, 24:].max() == pytest.approx(0, abs=1e-3)


def test_what_moves_an_image_nearer_counts_for_nothing():
    x, brighter = torch.zeros(1, 16, 16), torch.ones(1, 16, 16)
    assert not occlusion_maps(brightness, x, brighter).any()
    assert occlusion_maps(brightness, brighter, x).min() > 0


def test_an_image_like_its_replacement_has_an_empty_map_and_none_has_none():
    x = torch.rand(3, 16, 12, generator=torch.Generator().manual_seed(0))
    assert not occlusion_maps(brightness, x, x).any()
    assert occlusion_maps(brightness, x[:0], x[:0]).shape == (0, 16, 12)


def test_a_whole_image_is_embedded_fifty_times_at_most():
    seen = []

    def distance(x):
        seen.append(len(x))
        return brightness(x)

    occlusion_maps(distance, torch.ones(1, 64, 64), torch.zeros(1, 64, 64))
    assert sum(seen) == 1 + ACROSS**2 == 50
