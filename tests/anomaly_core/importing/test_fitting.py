"""Images become squares, and the choices suit the set."""

from dataclasses import replace

import numpy as np
import pytest
from refused import refused

from anomaly_core.datasets.reading import resize
from anomaly_core.errors import InvalidInput
from anomaly_core.importing.examining import Examined
from anomaly_core.importing.fitting import Choices, Fit, fitted, suggest

WIDE = np.zeros((16, 48), np.uint8)
WIDE[:, 16:32] = 240  # the middle


def seen(width: int, height: int, colour: bool = False) -> Examined:
    return Examined(width, height, colour, "", 0, 0.5, 0.2, 100.0)


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (77, 20), (16, 16)])
def test_everything_becomes_a_square(fit, colour, channels, size):
    made = fitted(np.full((*size, *channels), 90, np.uint8), 16, fit, colour)
    assert made.shape == ((16, 16, 3) if colour else (16, 16))
    assert made.dtype == np.uint8
    assert made.max() == 90


def test_stretching_is_the_one_resize():
    made = fitted(WIDE, 16, Fit.STRETCH, False)
    assert np.array_equal(made, resize(WIDE, (16, 16)))


def test_cropping_keeps_the_middle():
    assert fitted(WIDE, 16, Fit.CROP, False).min() == 240
    assert fitted(WIDE.T, 16, Fit.CROP, False).min() == 240


def test_padding_keeps_everything_on_black():
    made = fitted(np.full((16, 32), 200, np.uint8), 16, Fit.PAD, False)
    assert made[:4].max() == made[12:].max() == 0
    assert made[4:12].min() == 200
    assert np.array_equal(fitted(np.full((32, 16), 200, np.uint8), 16, Fit.PAD, False), made.T)


def test_without_colour_the_channels_are_averaged():
    pixels = np.full((16, 16, 3), (10, 20, 60), np.uint8)
    assert np.unique(fitted(pixels, 16, Fit.STRETCH, False)).tolist() == [30]
    assert np.array_equal(fitted(pixels, 16, Fit.PAD, True), pixels)


@pytest.mark.parametrize("side", [0, 15, 513])
def test_sides_out_of_bounds_are_refused_of_new_images(side):
    with refused(InvalidInput, f"{side} pixels a side cannot be used"):
        fitted(WIDE, side, Fit.PAD, True)


@pytest.mark.parametrize(
    ("longer", "side"),
    [(8, 16), (28, 28), (32, 32), (33, 64), (96, 64), (97, 128), (1000, 128), (1001, 192)],
)
def test_the_side_follows_the_longer_side(longer, side):
    assert suggest([seen(longer, longer)] * 3).side == side
    assert suggest([seen(longer, longer // 2), seen(longer, 5), seen(9_000, 1)]).side == side


def test_digits_stay_as_they_are(mnist_5k):
    height, width = mnist_5k.image_shape
    assert suggest([seen(width, height)] * 9) == Choices(28, Fit.STRETCH, False)


def test_long_images_are_padded_where_they_are_usual():
    assert suggest([seen(130, 100)] * 3).fit is Fit.STRETCH
    assert suggest([seen(131, 100)] * 3).fit is Fit.PAD
    assert suggest([seen(100, 131)] * 2 + [seen(100, 100)]).fit is Fit.PAD
    assert suggest([seen(100, 400)] + [seen(100, 100)] * 2).fit is Fit.STRETCH


def test_colour_counts_from_one_in_a_hundred_on():
    grey = [seen(50, 50)] * 100
    assert suggest(grey).colour is False
    assert suggest([*grey[1:], replace(grey[0], colour=True)]).colour is False
    assert suggest([*grey[2:], *[replace(grey[0], colour=True)] * 2]).colour is True


def test_no_image_at_all_is_refused():
    with refused(InvalidInput, "None of the images can be read"):
        suggest([])
