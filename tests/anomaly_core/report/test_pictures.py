"""Pictures show the pixels they were given."""

import io

import numpy as np
import pytest
from PIL import Image

from anomaly_core.report.pictures import COLD, GAP, HOT, TEXT, SheetRow, difference, sheet, titled


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_sheet_enlarges_every_pixel_to_a_square():
    images = np.random.default_rng(0).integers(0, 256, (2, 28, 28)).astype(np.uint8)
    picture = opened(sheet([SheetRow("image", images)]))
    top = TEXT + 4
    for place, image in enumerate(images):
        left = GAP + place * (84 + GAP)
        drawn = picture[top + 1 : top + 84 : 3, left + 1 : left + 84 : 3, 0]
        np.testing.assert_array_equal(drawn, image)


def test_rows_lie_below_one_another_and_captions_above():
    images = np.zeros((3, 10, 10), np.uint8)
    one, three = (opened(sheet([SheetRow("x", images)] * rows)) for rows in (1, 3))
    assert three.shape[0] > 2 * one.shape[0]
    assert opened(sheet([SheetRow("x", images)], ["a\nb"] * 3)).shape[0] > one.shape[0]


def test_a_difference_is_hot_where_image_and_reconstruction_part():
    image, made = np.zeros((1, 2, 2), np.uint8), np.zeros((1, 2, 2), np.uint8)
    image[0, 0, 0], made[0, 1, 1] = 255, 255
    heat = difference(image, made)
    assert heat[0, 0, 0].tolist() == heat[0, 1, 1].tolist() == HOT.tolist()
    assert heat[0, 0, 1].tolist() == COLD.tolist()


@pytest.mark.parametrize("title", ["7", "predicted 7, score 3.21\nis A, letters" * 3])
def test_a_title_fits_above_its_image(title):
    image = np.full((28, 28), 255, np.uint8)
    picture = opened(titled(image, title))
    assert picture.shape[0] > 3 * 84
    assert (picture[:, -GAP:] == 255).all()
