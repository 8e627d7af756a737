"""One image file from anybody: decoded, measured, and made small for the screen."""

import hashlib
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from anomaly_core.datasets.base import Images
from anomaly_core.datasets.reading import pixels_of
from anomaly_core.errors import Refused

FORMATS = {  # what is read, by Pillow's name, with the suffixes that it goes by
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp",),
    "GIF": (".gif",),
}
MOVING = ("GIF", "WEBP", "PNG")  # whose frames follow each other in time
MOST_PIXELS = 100_000_000
SHOWN = ("JPEG", "PNG", "WEBP")  # what browsers show as it is
LIGHT, SMALL = 150_000, 1024  # bytes, and pixels of the longer side, that need no smaller copy
REDUCED = 128  # pixels of the longer side of the copy that is measured
QUALITY = 85
DAMAGED = "It cannot be read, being cut off, damaged or of a rare kind; save it again as PNG."


@dataclass(frozen=True)
class Decoded:
    """`pixels` (height, width) or (height, width, 3) uint8, upright; what was done to get them."""

    pixels: Images
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examined:
    """What is known about an image once it has been looked at.

    `perceptual` is a difference hash of 64 bits: alike for images that look alike. `brightness`
    and `spread`, the standard deviation within the colours, go from 0 to 1; the spread is 0 only
    where all pixels are equal. `sharpness` is the variance of the Laplacian, in squared grey
    values of 0 to 255. They are measured on every k-th pixel of every k-th row, so that at most
    `REDUCED` are left a side.
    """

    width: int
    height: int
    colour: bool
    sha256: str
    perceptual: int
    brightness: float
    spread: float
    sharpness: float
    notes: tuple[str, ...] = ()


def decode(
    data: bytes, path: str = "", room: Callable[[int], object] = lambda pixels: None
) -> Decoded:
    """Return the first frame of an image file in full size, whatever its name says it is.

    Where `path` is given, a suffix of another format is noted. `room` is told the number of pixels
    before there are any, and may wait until there is memory for them. Raises `Refused` for what is
    no image, has more than `MOST_PIXELS` by its header, or is damaged.
    """
    if not data:
        raise Refused("It holds 0 bytes; copy the file again.")
    try:
        kind, image = header_of(data)
        with image:
            check_size(image)
            room(image.width * image.height)
            frames = frames_of(image, kind)
            pixels, done = pixels_of(image)
    except Refused:
        raise
    except Exception as error:  # Pillow raises nearly anything for files that are made to break it
        raise Refused(DAMAGED) from error
    pixels = pixels if has_colour(pixels) else np.ascontiguousarray(pixels[..., 0])
    return Decoded(pixels, (*misnamed(kind, path), *frames, *done))


def header_of(data: bytes) -> tuple[str, Image.Image]:
    """Open a file by what it starts with; unlike `Image.open` never stopped by its size.

    Raises `Refused` for what is none of `FORMATS`.
    """
    Image.preinit()
    Image.init()
    for kind in FORMATS:
        make, accept = Image.OPEN[kind]
        if accept is not None and accept(data[:16]) is True:
            return kind, make(io.BytesIO(data), "")
    if b"<svg" in data[:1000].lower():
        raise Refused("It is an SVG drawing, which has no pixels; export it as PNG.")
    raise Refused("It is no image that can be read: JPEG, PNG, WebP, TIFF, BMP and GIF are.")


def check_size(image: Image.Image) -> None:
    """Refuse an image that is too large, or of numbers that are no grey values."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise Refused(f"{width:,} x {height:,} pixels are more than can be read; make it smaller.")
    if image.mode == "F":
        raise Refused("Its pixels are fractions of no known range; save it with 8 or 16 bits.")


def frames_of(image: Image.Image, kind: str) -> tuple[str, ...]:
    """Say that an image is the first of several."""
    count = getattr(image, "n_frames", 1)
    if count == 1 or image.format == "MPO":  # photographs with a preview behind them
        return ()
    return (f"first of {count:,} frames" + (", animated" if kind in MOVING else ""),)


def misnamed(kind: str, path: str) -> tuple[str, ...]:
    """Say that the suffix is that of another format."""
    suffix = PurePosixPath(path).suffix.lower()
    return () if not suffix or suffix in FORMATS[kind] else (f"named {suffix}, but {kind}",)


def has_colour(pixels: Images) -> bool:
    """Whether the image must be kept as it is: grey already, or of channels that differ."""
    if pixels.ndim == 2:
        return True
    some = pixels[::16, ::16]  # nearly always tells
    return differ(some) or differ(pixels)


def differ(pixels: Images) -> bool:
    """Whether any pixel is not grey."""
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return bool((red != green).any() or (green != blue).any())


def examine(decoded: Decoded, data: bytes) -> Examined:
    """Measure a decoded image; `data` is the file that it came from."""
    pixels = decoded.pixels
    height, width = pixels.shape[:2]
    step = math.ceil(max(width, height) / REDUCED)
    image = Image.fromarray(np.ascontiguousarray(pixels[::step]))
    image = image.resize((math.ceil(width / step), image.height), Image.Resampling.NEAREST)
    brightness, spread = levels(image)
    if not spread and step > 1:  # only the whole image tells whether all its pixels are equal
        brightness, spread = levels(Image.fromarray(pixels))
    grey = image.convert("L")
    return Examined(
        width=width,
        height=height,
        colour=pixels.ndim == 3,
        sha256=hashlib.sha256(data).hexdigest(),
        perceptual=difference_hash(grey),
        brightness=brightness,
        spread=spread,
        sharpness=laplacian_variance(np.asarray(grey, np.float32)),
        notes=decoded.notes,
    )


def levels(image: Image.Image) -> tuple[float, float]:
    """Mean, and standard deviation within the colours, of all values; both 0 to 1."""
    counts = np.reshape(image.histogram(), (-1, 256)).astype(np.float64)  # (channels, 256)
    values = np.arange(256.0)
    total = counts[0].sum()
    mean, square = counts @ values / total, counts @ values**2 / total
    variance = np.maximum(square - mean**2, 0)  # exactly 0 where all are equal
    return float(mean.mean() / 255), float(np.sqrt(variance.mean()) / 255)


def difference_hash(grey: Image.Image) -> int:
    """64 bits: whether each of 8 x 9 squares is darker than its neighbour on the right.

    Source: N. Krawetz, "Kind of like that", hackerfactor.com, 2013.
    """
    small = np.asarray(grey.resize((9, 8), Image.Resampling.BOX))
    return int.from_bytes(np.packbits(small[:, :-1] < small[:, 1:]).tobytes(), "big")


def laplacian_variance(grey: NDArray[np.float32]) -> float:
    """How much the brightness bends, (height, width): little where an image is out of focus.

    0 for images too small to tell. Source: Pech-Pacheco et al., "Diatom autofocusing in
    brightfield microscopy", ICPR 2000.
    """
    if min(grey.shape) < 3:
        return 0.0
    inner = grey[1:-1, 1:-1]
    bend = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    return float(bend.var())


def shows_itself(data: bytes, decoded: Decoded) -> bool:
    """Whether a file may stand for its own thumbnail: light, and by browsers shown alike."""
    return (
        len(data) <= LIGHT
        and max(decoded.pixels.shape[:2]) <= SMALL
        and not decoded.notes
        and any(Image.OPEN[kind][1](data[:16]) is True for kind in SHOWN)  # type: ignore[misc]
    )


def thumbnail(pixels: Images, side: int = 512) -> bytes:
    """Return a JPEG of (height, width[, 3]) uint8, at most `side` pixels wide or high."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
