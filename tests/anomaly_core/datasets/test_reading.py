"""Image files are read upright, in one range, and scaled by one filter."""

import io

import numpy as np
import pytest
import torch
from image_files import png
from PIL import Image

from anomaly_core.datasets.reading import read_image, resize

SIZE = (16, 16)


def read(content: bytes, size: tuple[int, int] = SIZE):
    return read_image(io.BytesIO(content), size)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "TIFF", "WEBP", "JPEG"])
def test_every_format_gives_its_pixels(kind):
    image = np.full((*SIZE, 3), 120, np.uint8)
    assert np.abs(read(png(image, format=kind)).astype(int) - 120).max() <= 1


def test_the_camera_may_have_been_turned():
    image = np.zeros((16, 32, 3), np.uint8)
    image[:, :8] = 255  # on the left, as it was stored
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned clockwise
    pixels = read(png(image, format="PNG", exif=turned), (32, 16))
    assert pixels[:8].min() == 255
    assert pixels[8:].max() == 0


def test_sixteen_bits_have_one_range():
    deep = np.array([[0, 256, 4_095, 65_535]], np.uint16).repeat(4, axis=0)
    assert read(png(deep), (4, 4))[0, :, 0].tolist() == [0, 1, 15, 255]


def test_what_is_transparent_lies_on_black():
    image = np.full((*SIZE, 4), 255, np.uint8)
    image[..., 3] = 0
    image[:8, :, 3] = 255
    pixels = read(png(image))
    assert pixels[:8].min() == 255
    assert pixels[8:].max() == 0


def test_palettes_and_print_colours_become_red_green_and_blue():
    image = np.zeros((*SIZE, 3), np.uint8)
    image[..., 0] = 255
    assert read(png(image, "P"))[0, 0].tolist() == [255, 0, 0]
    red = read(png(image, "CMYK", format="TIFF"))[0, 0]
    assert red[0] > 200 > 60 > red[1]


def test_what_is_no_image_is_an_error_of_reading():
    with pytest.raises((OSError, ValueError)):
        read(b"no image")


def test_resizing_is_that_of_torch_and_leaves_the_right_size_alone():
    image = np.random.default_rng(0).integers(0, 256, (50, 30, 3), np.uint8)
    x = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    expected = torch.nn.functional.interpolate(x, SIZE, mode="bilinear", antialias=True)
    made = resize(image, SIZE)
    assert np.abs(made - expected[0].permute(1, 2, 0).numpy()).max() <= 0.5
    assert np.array_equal(resize(image[..., 0], SIZE), made[..., 0])
    assert resize(image, (50, 30)) is image


def test_shrinking_averages():
    lines = np.tile(np.array([0, 255], np.uint8), (32, 16))
    assert np.abs(resize(lines, (8, 8)).astype(int) - 127).max() <= 16
