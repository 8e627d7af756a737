"""Image files from anybody are decoded upright and in full, measured, or refused in a sentence."""

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import fpdf
import numpy as np
import pytest
from image_files import png
from PIL import Image, ImageCms
from refused import refused
from sklearn.datasets import load_sample_images

from anomaly_core.datasets.reading import read_image
from anomaly_core.errors import Refused
from anomaly_core.importing.examining import REDUCED, decode, examine, shows_itself, thumbnail

GREY = np.arange(0, 240, 5, dtype=np.uint8).reshape(6, 8)
RED = np.full((6, 8, 3), (200, 20, 20), np.uint8)


def looked_at(pixels, **options):
    data = png(pixels, **options)
    return examine(decode(data), data)


@pytest.fixture(scope="module")
def china():
    return load_sample_images().images[0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_all_formats_are_decoded_in_full_size(kind):
    decoded = decode(png(RED, format=kind))
    assert decoded.pixels.shape == RED.shape
    assert decoded.pixels.dtype == np.uint8
    assert np.abs(decoded.pixels.astype(int) - RED).max() <= 8
    assert decoded.notes == ()


@pytest.mark.parametrize("pixels", [GREY, np.stack([GREY] * 3, axis=2)], ids=["one", "three"])
def test_equal_channels_are_grey(pixels):
    assert np.array_equal(decode(png(pixels)).pixels, GREY)


def test_one_pixel_in_colour_makes_an_image_coloured():
    pixels = np.full((40, 40, 3), 9, np.uint8)
    pixels[5, 7, 2] = 10
    assert np.array_equal(decode(png(pixels)).pixels, pixels)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_turned_photographs_are_put_upright_once(kind):
    pixels = np.zeros((16, 32), np.uint8)
    pixels[:, :8] = 255
    turned = Image.Exif()
    turned[0x0112] = 6
    decoded = decode(png(np.stack([pixels] * 3, 2), format=kind, exif=turned))
    assert decoded.pixels.shape == (32, 16)
    assert decoded.pixels[:7].min() > 240
    assert decoded.pixels[9:].max() < 15
    assert decoded.notes == ("turned upright",)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_told_of(kind):
    decoded = decode(png(np.array([[0, 256, 4_095, 65_535]] * 2, np.uint16), format=kind))
    assert decoded.pixels[0].tolist() == [0, 1, 15, 255]
    assert decoded.notes == ("16 bits, made 8",)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def raw_png(width: int, height: int, bits: int, colours: int, data: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_sixteen_bits_of_three_colours_are_told_of_too():
    decoded = decode(raw_png(1, 1, 16, 2, b"\0" + bytes((200, 9, 100, 9, 50, 9))))
    assert decoded.pixels.tolist() == [[[200, 100, 50]]]
    assert decoded.notes == ("16 bits, made 8",)


def test_transparent_parts_lie_on_black_and_opaque_ones_are_not_told_of():
    layers = np.full((4, 4, 4), 255, np.uint8)
    assert decode(png(layers)).notes == ()
    layers[:2, :, 3] = 0
    decoded = decode(png(layers))
    assert decoded.pixels[:, 0].tolist() == [0, 0, 255, 255]
    assert decoded.notes == ("transparent parts lie on black",)


def cmyk(profile: bytes | None = None) -> bytes:
    file = io.BytesIO()
    image = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    image.save(file, "TIFF", **({"icc_profile": profile} if profile else {}))
    return file.getvalue()


def test_print_colours_are_converted_with_or_without_a_sound_profile():
    for profile in (None, b"no profile", ImageCms.ImageCmsProfile(rgb_profile()).tobytes()):
        decoded = decode(cmyk(profile))
        assert decoded.pixels[0, 0].tolist() == [255, 0, 0]
        assert decoded.notes == ("converted from CMYK",)


def rgb_profile() -> str:
    return str(Path(fpdf.__file__).parent / "data/color_profiles/sRGB2014.icc")


def test_print_colours_go_through_the_profile_of_the_file(monkeypatch):
    asked = []

    def convert(image, source, target, outputMode):
        asked.append((image.mode, source.profile.profile_description, outputMode))
        return Image.new("RGB", image.size, (1, 2, 3))

    monkeypatch.setattr(ImageCms, "profileToProfile", convert)
    data = cmyk(Path(rgb_profile()).read_bytes())
    assert decode(data).pixels[0, 0].tolist() == [1, 2, 3]
    assert read_image(io.BytesIO(data), (4, 4))[0, 0].tolist() == [1, 2, 3]
    assert asked == [("CMYK", "sRGB2014", "RGB")] * 2


def frames(kind: str, count: int) -> bytes:
    file = io.BytesIO()
    first, *rest = [Image.new("L", (8, 8), 20 * n) for n in range(1, count + 1)]
    first.save(file, kind, save_all=True, append_images=rest)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        ("GIF", "first of 12 frames, animated"),
        ("PNG", "first of 12 frames, animated"),
        ("TIFF", "first of 12 frames"),
    ],
)
def test_the_first_of_several_frames_is_taken(kind, note):
    decoded = decode(frames(kind, 12))
    assert np.unique(decoded.pixels).tolist() == [20]
    assert decoded.notes == (note,)


def test_what_a_file_holds_counts_and_not_its_name():
    data = png(GREY, format="JPEG")
    assert decode(data, "a/b.PNG").notes == ("named .png, but JPEG",)
    assert decode(data, "a/b.JPEG").notes == decode(data, "a/b").notes == ()


def test_too_many_pixels_are_refused_before_they_are_decoded():
    with refused(Refused, "30,000 x 30,000 pixels are more than can be read; make it smaller"):
        decode(raw_png(30_000, 30_000, 8, 0, b""))
    with refused(Refused, "10,001 x 10,000 pixels"):
        decode(raw_png(10_001, 10_000, 8, 0, b""))
    with refused(Refused, "cut off"):  # at the limit it is the missing pixels that count
        decode(raw_png(10_000, 10_000, 8, 0, b""))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "holds 0 bytes"),
        (b'<?xml version="1.0"?><svg xmlns="x"/>', "SVG drawing, which has no pixels"),
        (b"%PDF-1.7", "is no image that can be read: JPEG, PNG, WebP, TIFF, BMP and GIF are"),
        (b"\x89PNG\r\n\x1a\n", "cut off, damaged"),
        (b"\xff\xd8\xff", "cut off, damaged"),
        (png(np.zeros((2, 2), np.float32), format="TIFF"), "fractions of no known range"),
    ],
    ids=["empty", "svg", "pdf", "png", "jpeg", "floats"],
)
def test_what_is_no_image_is_refused(data, reason):
    with refused(Refused, reason):
        decode(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
def test_cut_off_files_are_refused(kind, china):
    data = png(china[::4, ::4], format=kind)
    for part in (20, len(data) // 2):
        with refused(Refused, "cut off"):
            decode(data[:part])


def test_garbled_files_are_refused_or_read_and_nothing_else(china):
    rng = np.random.default_rng(0)
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"):
        data = np.frombuffer(png(china[::16, ::16], format=kind), np.uint8)
        for _ in range(40):
            garbled = data.copy()
            garbled[rng.integers(4, 200, 6)] = rng.integers(0, 256, 6)
            with suppress(Refused):
                assert decode(garbled.tobytes()).pixels.dtype == np.uint8


def test_measures_of_a_photograph_are_those_of_its_pixels(china):
    data = png(china)
    seen = examine(decode(data), data)
    assert (seen.width, seen.height, seen.colour) == (640, 427, True)
    assert len(seen.sha256) == 64
    assert seen.brightness == pytest.approx(china.mean() / 255, abs=0.01)
    spread = np.asarray(Image.fromarray(china).convert("L")).std() / 255
    assert seen.spread == pytest.approx(spread, abs=0.01)


def test_half_black_half_white():
    halves = np.zeros((10, 10), np.uint8)
    halves[:, 5:] = 255
    seen = looked_at(halves)
    assert (seen.brightness, seen.spread, seen.colour) == (0.5, 0.5, False)


def test_only_what_is_constant_has_no_spread():
    assert looked_at(np.full((9, 9, 3), (200, 30, 7), np.uint8)).spread == 0
    large = np.full((4 * REDUCED, REDUCED), 7, np.uint8)
    assert looked_at(large).spread == 0
    large[1, 1] = 8  # where the reduced copy does not look
    assert looked_at(large).spread > 0


def distance(one: int, other: int) -> int:
    return (one ^ other).bit_count()


def test_the_hash_stays_with_what_looks_alike(china):
    flower = load_sample_images().images[1]
    seen = looked_at(china).perceptual
    half = np.asarray(Image.fromarray(china).resize((320, 214)))
    assert distance(seen, looked_at(half).perceptual) <= 4
    assert distance(seen, looked_at(china, format="JPEG", quality=60).perceptual) <= 4
    assert distance(seen, looked_at((china * 0.8).astype(np.uint8)).perceptual) <= 4
    assert distance(seen, looked_at(flower).perceptual) > 15
    assert distance(seen, looked_at(china[:, ::-1]).perceptual) > 15


def test_the_hash_tells_where_it_grows_brighter():
    ramp = np.tile(np.arange(0, 180, 10, dtype=np.uint8), (16, 1))
    assert looked_at(ramp).perceptual == 2**64 - 1
    assert looked_at(ramp[:, ::-1]).perceptual == 0
    ramp[:2] = 0  # the first of eight rows
    assert looked_at(ramp).perceptual == 2**56 - 1


def test_blurred_images_are_less_sharp(china):
    small = Image.fromarray(china).resize((24, 16)).resize((640, 427))
    assert looked_at(np.asarray(small)).sharpness < looked_at(china).sharpness / 20
    assert looked_at(np.eye(2, dtype=np.uint8)).sharpness == 0


def test_thumbnails_keep_their_shape_and_never_grow(china):
    image = Image.open(io.BytesIO(thumbnail(Image.fromarray(china), 128)))
    assert (image.format, image.size, image.mode) == ("JPEG", (128, 85), "RGB")
    small = Image.open(io.BytesIO(thumbnail(Image.fromarray(GREY))))
    assert (small.size, small.mode) == ((8, 6), "L")


def test_a_light_file_that_browsers_show_is_its_own_thumbnail(china):
    light = thumbnail(Image.fromarray(china), 200)
    assert shows_itself(light, decode(light))


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "GIF"])
def test_a_file_that_few_browsers_show_or_that_is_heavy_needs_one(china, kind):
    data = png(china[:50, :50], format=kind)
    assert not shows_itself(data, decode(data))


def test_a_heavy_a_large_or_a_turned_file_needs_a_thumbnail(china):
    turned = Image.Exif()
    turned[0x0112] = 6
    for data in (
        png(china, format="PNG"),
        png(np.zeros((8, 2_000), np.uint8), format="PNG"),
        png(china[:50, :50], format="JPEG", exif=turned),
    ):
        assert not shows_itself(data, decode(data))


def test_whoever_keeps_room_is_told_of_the_pixels_before_there_are_any(china):
    asked: list[int] = []
    decode(png(china, format="JPEG"), "", asked.append)
    assert asked == [china.shape[0] * china.shape[1]]


def test_a_photograph_of_far_more_pixels_than_are_enough_is_decoded_in_part(china):
    turned = Image.Exif()
    turned[0x0112] = 6
    data = png(china, format="JPEG", exif=turned)
    asked: list[int] = []
    decoded = decode(data, "", asked.append, enough=200)
    assert (decoded.width, decoded.height) == (427, 640)
    assert decoded.image.size == (214, 320)
    assert asked == [214 * 320]
    assert decoded.notes == ("turned upright",)
    assert decode(data, enough=214).image.size == (427, 640)
    with refused(Refused, "cut off"):
        decode(data[: len(data) // 2], enough=200)


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("WEBP", "RGB"), ("JPEG", "CMYK")])
def test_other_files_are_always_decoded_in_full(china, kind, mode):
    decoded = decode(png(china, mode, format=kind), enough=50)
    assert decoded.image.size == (640, 427)
