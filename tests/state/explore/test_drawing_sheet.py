"""What is drawn or uploaded becomes an image like those of the pool, by numpy's measure too."""

import base64
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from anomaly_core.errors import InvalidInput
from state.explore.drawing import (
    Look,
    another,
    centered,
    drawn_on,
    evened,
    inverted,
    look_at,
    look_of,
    looks_inverted,
    padded,
    read_drawing,
    read_upload,
)

WIDE = Look(shape=(20, 30), background=0, extent=10.0, center=(9.0, 15.0))


def blob(shape, top, left, height, width, ink=255, background=0):
    """A rectangle on an even background."""
    picture = np.full(shape, background, np.uint8)
    picture[top : top + height, left : left + width] = ink
    return picture


def mass(picture, background=0):
    """The center of mass, from the weights of rows and columns."""
    ink = np.abs(picture.astype(float) - background)
    rows, columns = (np.arange(side) + 0.5 for side in picture.shape)
    return ink.sum(1) @ rows / ink.sum(), ink.sum(0) @ columns / ink.sum()


def longer_side(picture, background=0):
    rows, columns = np.nonzero(np.abs(picture.astype(int) - background) > 127)
    return max(np.ptp(rows), np.ptp(columns)) + 1


def encoded(picture, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **options)
    return file.getvalue()


# -- what the pool looks like ----------------------------------------------------------------


@pytest.mark.parametrize("background", [0, 255])
def test_a_look_is_the_mean_of_what_is_drawn(background):
    ink = 255 - background
    pool = np.stack(
        [
            blob((20, 30), 2, 3, 6, 9, ink, background),
            blob((20, 30), 5, 10, 4, 13, ink, background),
            np.full((20, 30), background, np.uint8),  # nothing on it
        ]
    )
    look = look_of(pool)
    assert (look.shape, look.background, look.ink) == ((20, 30), background, ink)
    assert look.extent == (9 + 13) / 2
    assert look.center == ((5 + 7) / 2, (7.5 + 16.5) / 2)


def test_the_look_of_real_digits(workshop):
    look, pool = look_at(workshop.folder), workshop.array("pool")
    assert look.shape == (28, 28)
    assert look.background == 0
    centers = [mass(np.where(image >= 64, image, 0)) for image in pool]
    np.testing.assert_allclose(look.center, np.mean(centers, axis=0), atol=1e-6)
    assert 18 < look.extent < 21
    assert look_at(workshop.folder) is look


def test_a_pool_without_anything_on_it_still_has_a_look():
    look = look_of(np.zeros((3, 8, 6), np.uint8))
    assert look.center == (4, 3)
    assert centered(np.zeros((32, 24), np.uint8), look).shape == (8, 6)


def test_coloured_pools_are_refused_in_a_sentence():
    with pytest.raises(InvalidInput, match="grey images"):
        look_of(np.zeros((3, 8, 8, 3), np.uint8))


# -- fitting ---------------------------------------------------------------------------------


@pytest.mark.parametrize("background", [0, 255])
@pytest.mark.parametrize(("top", "left"), [(0, 0), (10, 20), (60, 90)])
def test_wherever_it_is_drawn_it_ends_up_in_the_middle(background, top, left):
    look = Look(WIDE.shape, background, WIDE.extent, WIDE.center)
    image = centered(blob((80, 120), top, left, 20, 30, 255 - background, background), look)
    assert image.shape == look.shape
    assert image.dtype == np.uint8
    np.testing.assert_allclose(mass(image, background), look.center, atol=0.3)
    assert abs(longer_side(image, background) - look.extent) <= 1


def test_what_is_like_the_pool_already_stays_as_it_is():
    image = blob((20, 30), 5, 10, 8, 10)  # ten long, its middle at (9, 15)
    np.testing.assert_array_equal(centered(image, WIDE), image)
    np.testing.assert_array_equal(centered(np.kron(image, np.ones((4, 4), np.uint8)), WIDE), image)


def test_a_dot_does_not_become_a_blot():
    image = centered(blob((80, 120), 40, 40, 2, 2), WIDE)
    assert longer_side(image) == 2  # four times as large as on a sheet that is made to fit


def test_an_empty_drawing_is_an_empty_image():
    np.testing.assert_array_equal(centered(np.zeros((80, 120), np.uint8), WIDE), 0)


@pytest.mark.parametrize(("shape", "inside"), [((40, 20), (20, 10)), ((10, 30), (10, 30))])
def test_a_whole_picture_keeps_its_ratio_and_gets_background_beside_it(shape, inside):
    look = Look((20, 30), 7, 10.0, (10.0, 15.0))
    image = padded(np.full(shape, 200, np.uint8), look)
    rows, columns = np.nonzero(image == 200)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == inside
    assert np.all((image == 200) | (image == 7))
    assert abs(rows.mean() - 9.5) <= 0.5
    assert abs(columns.mean() - 14.5) <= 0.5


def test_a_picture_of_the_right_size_is_taken_as_it_is():
    picture = np.random.default_rng(0).integers(0, 256, WIDE.shape, np.uint8)
    np.testing.assert_array_equal(padded(picture, WIDE), picture)


def test_averages_are_those_of_numpy():
    picture = np.random.default_rng(0).integers(0, 256, (60, 90), np.uint8)
    mean = picture.reshape(20, 3, 30, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(padded(picture, WIDE), mean, atol=1)  # rounded twice


# -- inversion -------------------------------------------------------------------------------


def test_dark_ink_on_light_paper_is_noticed_by_the_background_of_the_pool():
    paper = blob((40, 60), 10, 10, 20, 20, ink=30, background=230)
    light = Look((20, 30), 255, 10.0, (9.0, 15.0))
    assert looks_inverted(paper, WIDE)
    assert not looks_inverted(inverted(paper), WIDE)
    assert not looks_inverted(paper, light)
    assert looks_inverted(inverted(paper), light)
    np.testing.assert_array_equal(inverted(paper).astype(int), 255 - paper.astype(int))


@pytest.mark.parametrize("background", [0, 255])
def test_paper_and_ink_of_a_photograph_become_those_of_the_pool(background):
    rng = np.random.default_rng(0)
    look = Look((20, 30), background, 10.0, (9.0, 15.0))
    paper, ink = (60, 160) if background == 0 else (190, 80)
    noise = rng.integers(-8, 9, (80, 120))
    photograph = blob((80, 120), 10, 70, 20, 30, ink, paper) + noise
    image = evened(photograph.astype(np.uint8), look)
    inside = np.zeros((80, 120), bool)
    inside[10:30, 70:100] = True
    assert np.all(np.abs(image[inside] - float(look.ink)) < 50)
    assert np.all(np.abs(image[~inside] - float(background)) < 30)
    np.testing.assert_allclose(mass(centered(image, look), background), look.center, atol=0.5)


def test_nothing_is_made_up_where_nothing_stands_out():
    faint = np.random.default_rng(0).integers(100, 130, (40, 40), np.uint8)
    np.testing.assert_array_equal(evened(faint, WIDE), faint)


# -- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "off"), [("PNG", 0), ("BMP", 0), ("JPEG", 40), ("WEBP", 0)])
def test_every_format_is_read_as_grey(kind, off):
    picture = blob((40, 50), 10, 10, 16, 24)
    colour = np.stack([picture] * 3, axis=-1)
    for one in (picture, colour):
        read = read_upload(encoded(one, kind, **({"lossless": True} if kind == "WEBP" else {})))
        np.testing.assert_allclose(read.astype(int), picture, atol=off)


def test_transparent_is_white_paper_and_16_bits_are_8():
    ink = np.zeros((4, 4, 4), np.uint8)
    ink[1, 2, 3] = 255  # black, the rest transparent
    expected = np.full((4, 4), 255)
    expected[1, 2] = 0
    np.testing.assert_array_equal(read_upload(encoded(ink)), expected)
    deep = np.array([[0, 257 * 10, 65535]], np.uint16)
    np.testing.assert_array_equal(read_upload(encoded(deep)), [[0, 10, 255]])


def test_a_large_picture_is_kept_small():
    read = read_upload(encoded(np.zeros((1000, 2000), np.uint8)))
    assert read.shape == (256, 512)


def test_a_large_photograph_lying_on_its_side_is_set_upright_and_kept_small():
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held upright
    ink = blob((1200, 2400), 0, 0, 1200, 600)  # on the left; upright it is at the top
    read = read_upload(encoded(ink, "JPEG", exif=turned))
    assert read.shape == (512, 256)
    np.testing.assert_allclose(read, blob((512, 256), 0, 0, 128, 256), atol=40)


def test_a_large_transparent_picture_is_made_small_on_white_paper():
    ink = np.zeros((1024, 2048, 4), np.uint8)
    ink[:, :512, 3] = 255  # black, the rest transparent
    expected = blob((256, 512), 0, 0, 256, 128, ink=0, background=255)
    np.testing.assert_array_equal(read_upload(encoded(ink)), expected)


def png_of(width, height):
    """A PNG that claims a size and holds nothing."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


@pytest.mark.parametrize("size", [(4001, 4000), (60_000, 60_000)])
def test_a_picture_too_large_is_refused_before_it_is_unpacked(size):
    with pytest.raises(InvalidInput, match="make it smaller"):
        read_upload(png_of(*size))


WHOLE = encoded(np.random.default_rng(0).integers(0, 256, (30, 30), np.uint8))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:40] + b"\x00" * 40 + WHOLE[80:],
        png_of(10, 10),
        encoded(np.zeros((4, 4), np.uint8), "GIF"),
    ],
    ids=["empty", "text", "cut", "damaged", "hollow", "other"],
)
def test_a_broken_file_is_one_sentence(data):
    with pytest.raises(InvalidInput, match="choose a PNG, JPEG, BMP or WebP file"):
        read_upload(data)


# -- drawings --------------------------------------------------------------------------------


def sent(height, width, pixels=None):
    """A drawing as the browser sends it."""
    pixels = np.zeros(height * width, np.uint8) if pixels is None else pixels
    return {"height": height, "width": width, "pixels": base64.b64encode(pixels).decode()}


def test_a_drawing_comes_as_the_browser_sent_it():
    pixels = np.random.default_rng(0).integers(0, 256, (80, 120), np.uint8)
    whole = sent(80, 120, pixels)
    np.testing.assert_array_equal(read_drawing(whole, WIDE), pixels)
    for wrong in ({"height": 5}, {"pixels": "%"}, {"pixels": None}, {"width": "wide"}):
        with pytest.raises(InvalidInput, match="did not arrive whole"):
            read_drawing(whole | wrong, WIDE)
    with pytest.raises(InvalidInput, match="did not arrive whole"):
        read_drawing({}, WIDE)


@pytest.mark.parametrize("size", [(0, 0), (4000, 4000), (120, 80)])
def test_a_drawing_of_another_size_than_the_sheet_is_refused(size):
    with pytest.raises(InvalidInput, match="did not arrive whole"):
        read_drawing(sent(*size), WIDE)


# -- items of the pool -----------------------------------------------------------------------


def test_another_item_is_any_but_the_last():
    assert {another(2, 4) for _ in range(200)} == {0, 1, 3}
    assert {another(None, 4) for _ in range(200)} == {0, 1, 2, 3}
    assert {another(9, 4) for _ in range(200)} <= {0, 1, 2, 3}  # of a larger pool
    assert another(0, 1) == 0


def test_nothing_drawn_is_found_on_an_even_sheet():
    assert drawn_on(np.full((9, 9), 40, np.uint8), 0) is None
