import numpy as np
import pytest

from anomaly_core.networks.drawn.pictures import (
    FAMILIES,
    SURFACES,
    draw,
    draw_many,
    draw_surface,
)

SEEDS = range(12)


@pytest.mark.parametrize("drawing", [draw, draw_surface])
class TestDrawing:
    def test_a_seed_gives_one_picture(self, drawing):
        assert np.array_equal(drawing((3, 5), 32), drawing((3, 5), 32))

    def test_other_seeds_give_other_pictures(self, drawing):
        pictures = [drawing((3, index), 32) for index in SEEDS]
        assert len({picture.tobytes() for picture in pictures}) == len(pictures)

    @pytest.mark.parametrize("side", [17, 32, 96])
    def test_any_side(self, drawing, side):
        for index in SEEDS:
            picture = drawing(index, side)
            assert picture.shape == (side, side, 3)
            assert picture.dtype == np.uint8

    def test_some_are_grey_and_most_are_not(self, drawing):
        grey = [np.ptp(drawing(index, 32), axis=2).max() <= 2 for index in range(60)]
        assert 0.05 < np.mean(grey) < 0.6


@pytest.mark.parametrize("name", FAMILIES)
class TestFamilies:
    @pytest.mark.parametrize("side", [17, 96])
    def test_between_0_and_1(self, name, side):
        for seed in SEEDS:
            picture = FAMILIES[name](np.random.default_rng(seed), side)
            assert picture.shape == (side, side, 3)
            assert picture.dtype == np.float32
            assert picture.min() >= 0
            assert picture.max() <= 1

    def test_varied(self, name):
        pictures = [FAMILIES[name](np.random.default_rng(seed), 48) for seed in SEEDS]
        assert np.mean([picture.std() > 0.01 for picture in pictures]) > 0.7
        assert np.std([picture.mean() for picture in pictures]) > 0.02


def unevenness(picture):
    """How far the quadrants' means lie apart, in deviations of the whole picture."""
    brightness = picture.astype(np.float32).mean(2)
    half = len(brightness) // 2
    quadrants = [
        brightness[y : y + half, x : x + half].mean() for y in (0, half) for x in (0, half)
    ]
    return np.std(quadrants) / (brightness.std() + 1)


def test_surfaces_look_alike_everywhere():
    surfaces = [unevenness(draw_surface(seed, 64)) for seed in range(80)]
    pictures = [unevenness(draw(seed, 64)) for seed in range(80)]
    assert np.median(surfaces) < np.median(pictures) / 2


def test_surfaces_are_families():
    assert set(SURFACES) < set(FAMILIES)


class TestMany:
    def test_equal_to_single_ones(self):
        many = draw_many(5, 4, 32, seed=9)
        assert np.array_equal(many, [draw((9, index), 32) for index in range(5, 9)])

    def test_independent_of_the_start(self):
        assert np.array_equal(draw_many(0, 6, 17, seed=1)[4:], draw_many(4, 2, 17, seed=1))

    def test_independent_of_the_processes(self):
        assert np.array_equal(draw_many(0, 5, 17, 2), draw_many(0, 5, 17, 2, processes=2))

    def test_none(self):
        assert draw_many(0, 0, 32, seed=1).shape == (0, 32, 32, 3)
