"""Images become squares, and the choices suit the set."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from image_files import png
from PIL import Image
from refused import refused
from sklearn.datasets import load_sample_images

from anomaly_core.errors import InvalidInput
from anomaly_core.importing.examining import THUMBNAIL, Examined, decode
from anomaly_core.importing.fitting import Choices, Fit, fitted, scaled, suggest

WIDE = np.zeros((16, 48), np.uint8)
WIDE[:, 16:32] = 240  # the middle


def made(pixels, side, fit, colour):
    return fitted(Image.fromarray(pixels), side, fit, colour)


def seen(width: int, height: int, colour: bool = False) -> Examined:
    return Examined(width, height, colour, "", 0, 0.5, 0.2, 100.0)


@pytest.fixture(scope="module")
def china():
    return load_sample_images().images[0]


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (77, 20), (16, 16)])
def test_everything_becomes_a_square(fit, colour, channels, size):
    square = made(np.full((*size, *channels), 90, np.uint8), 16, fit, colour)
    assert square.shape == ((16, 16, 3) if colour else (16, 16))
    assert square.dtype == np.uint8
    assert square.max() == 90


@pytest.mark.parametrize("size", [(64, 64), (37, 201), (150, 20), (5, 7)])
def test_scaling_is_that_of_torch_within_one_grey_level(china, size):
    for pixels in (china, china[:300, :90], china[::9, ::11], noise((99, 130, 3))):
        x = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float()
        expected = torch.nn.functional.interpolate(x, size, mode="bilinear", antialias=True)
        found = np.asarray(scaled(Image.fromarray(pixels), size[::-1]), np.float32)
        exact = expected[0].permute(1, 2, 0).numpy().round()
        assert np.abs(found - exact).max() <= 1


def noise(shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def test_cropping_keeps_the_middle():
    assert made(WIDE, 16, Fit.CROP, False).min() == 240
    assert made(WIDE.T, 16, Fit.CROP, False).min() == 240


def test_padding_keeps_everything_on_black():
    square = made(np.full((16, 32), 200, np.uint8), 16, Fit.PAD, False)
    assert square[:4].max() == square[12:].max() == 0
    assert square[4:12].min() == 200
    assert np.array_equal(made(np.full((32, 16), 200, np.uint8), 16, Fit.PAD, False), square.T)


def test_without_colour_the_channels_are_averaged():
    pixels = np.full((16, 16, 3), (10, 20, 60), np.uint8)
    assert np.unique(made(pixels, 16, Fit.STRETCH, False)).tolist() == [30]
    assert np.array_equal(made(pixels, 16, Fit.PAD, True), pixels)


@pytest.mark.parametrize("side", [0, 15, 513])
def test_sides_out_of_bounds_are_refused_of_new_images(side):
    with refused(InvalidInput, f"{side} pixels a side cannot be used"):
        made(WIDE, side, Fit.PAD, True)


def test_a_large_photograph_is_decoded_to_as_much_as_is_needed_and_seen_alike(china):
    large = np.asarray(Image.fromarray(china).resize((2_100, 1_400)))
    data = png(large, format="JPEG", quality=90)
    for side, size in ((64, (1_050, 700)), (192, (1_050, 700)), (384, (2_100, 1_400))):
        choices = Choices(side, Fit.STRETCH, colour=True)
        decoded = choices.decode(data)
        assert decoded.image.size == size
        assert min(size) >= max(2 * side, THUMBNAIL)
        assert (decoded.width, decoded.height) == (2_100, 1_400)
        whole = choices.seen(decode(data)).astype(int)
        assert np.abs(choices.seen_in(data) - whole).mean() < 1
        assert np.array_equal(choices.seen(decoded), choices.seen_in(data))


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
