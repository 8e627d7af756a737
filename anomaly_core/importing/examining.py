"""One image file from anybody: decoded, measured, and made small for the screen."""

import hashlib
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from anomaly_core.datasets.base import Images
from anomaly_core.datasets.reading import BAND, orientation_of, upright, values_of
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
THUMBNAIL, QUALITY = 512, 85  # pixels of the longer side, and how JPEG keeps it
SIDEWAYS = range(5, 9)  # orientations that change width and height
POWERS = np.arange(256)[:, None] ** (1, 2)  # (256, 2)
DAMAGED = "It cannot be read, being cut off, damaged or of a rare kind; save it again as PNG."


@dataclass(frozen=True)
class Decoded:
    """The first frame of a file, upright, "L" where it is grey and "RGB" otherwise.

    `width` and `height` are those of the file, upright; `image` may have fewer pixels. `sample` is
    every k-th pixel of every k-th row of it, so that at most `REDUCED` are left a side. `notes` say
    what was done.
    """

    image: Image.Image
    sample: Image.Image
    width: int
    height: int
    kind: str
    notes: tuple[str, ...] = ()

    @property
    def pixels(self) -> Images:
        """(height, width) or (height, width, 3) uint8."""
        return values_of(self.image)


@dataclass(frozen=True)
class Examined:
    """What is known about an image once it has been looked at.

    `perceptual` is a difference hash of 64 bits: alike for images that look alike. `brightness`
    and `spread`, the standard deviation, go from 0 to 1; the spread is 0 only where all pixels are
    equal. `sharpness` is the variance of the Laplacian, in squared grey values of 0 to 255. They
    are measured on the grey values of `Decoded.sample`.
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
    data: bytes,
    path: str = "",
    room: Callable[[int], object] = lambda pixels: None,
    enough: int | None = None,
) -> Decoded:
    """Return the first frame of an image file in full size, whatever its name says it is.

    Where `path` is given, a suffix of another format is noted. `room` is told the number of pixels
    before there are any, and may wait until there is memory for them. Where `enough` pixels a side
    are, a JPEG file of far more is decoded to a half, a quarter or an eighth with no fewer. Raises
    `Refused` for what is no image, has more than `MOST_PIXELS` by its header, or is damaged.
    """
    if not data:
        raise Refused("It holds 0 bytes; copy the file again.")
    try:
        kind, image = header_of(data)
        with image:
            check_size(image)
            width, height = image.size
            if enough is not None and kind == "JPEG" and image.mode in ("L", "RGB"):
                image.draft(None, (enough, enough))
            room(image.width * image.height)
            frames = frames_of(image, kind)
            made, done = upright(image)
            if orientation_of(image) in SIDEWAYS:
                width, height = height, width
    except Refused:
        raise
    except Exception as error:  # Pillow raises nearly anything for files that are made to break it
        raise Refused(DAMAGED) from error
    made, sample = grey_if_so(made)
    return Decoded(made, sample, width, height, kind, (*misnamed(kind, path), *frames, *done))


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
    if path.lower().endswith(FORMATS[kind]):
        return ()
    suffix = PurePosixPath(path).suffix.lower()
    return (f"named {suffix}, but {kind}",) if suffix else ()


def grey_if_so(image: Image.Image) -> tuple[Image.Image, Image.Image]:
    """The image and its sample, with one channel instead of three where these are equal."""
    sample = sampled(image)
    if image.mode == "L" or differ(sample) or any(map(differ, bands_of(image))):
        return image, sample
    return image.getchannel(0), sample.getchannel(0)


def sampled(image: Image.Image) -> Image.Image:
    """Every k-th pixel of every k-th row, at most `REDUCED` a side."""
    step = math.ceil(max(image.size) / REDUCED)
    size = math.ceil(image.width / step), math.ceil(image.height / step)
    return image.resize(size, Image.Resampling.NEAREST)


def bands_of(image: Image.Image) -> Iterator[Image.Image]:
    """The image in parts from top to bottom, none of which is large."""
    step = max(1, BAND // image.width)
    for top in range(0, image.height, step):
        yield image.crop((0, top, image.width, min(top + step, image.height)))


def differ(image: Image.Image) -> bool:
    """Whether any pixel is not grey."""
    values = np.frombuffer(image.tobytes(), np.uint8)
    red, green, blue = values[::3], values[1::3], values[2::3]
    return bool((red != green).any() or (green != blue).any())


def examine(decoded: Decoded, data: bytes) -> Examined:
    """Measure a decoded image; `data` is the file that it came from."""
    grey = decoded.sample.convert("L")
    brightness, spread = levels(grey)
    if not spread:  # only the whole image tells whether all its pixels are equal
        brightness, spread = levels(decoded.image)
    return Examined(
        width=decoded.width,
        height=decoded.height,
        colour=decoded.image.mode == "RGB",
        sha256=hashlib.sha256(data).hexdigest(),
        perceptual=difference_hash(grey),
        brightness=brightness,
        spread=spread,
        sharpness=laplacian_variance(grey),
        notes=decoded.notes,
    )


def levels(image: Image.Image) -> tuple[float, float]:
    """Mean, and standard deviation within the colours, of all values; both 0 to 1."""
    counts = np.reshape(image.histogram(), (-1, 256))  # (channels, 256)
    count = image.width * image.height
    sums = (counts @ POWERS).tolist()  # whole numbers, so that the spread of equal values is 0
    mean = sum(first for first, _ in sums) / count / len(sums)
    variance = sum(count * second - first**2 for first, second in sums) / count**2 / len(sums)
    return mean / 255, math.sqrt(variance) / 255


def difference_hash(grey: Image.Image) -> int:
    """64 bits: whether each of 8 x 9 squares is darker than its neighbour on the right.

    Source: N. Krawetz, "Kind of like that", hackerfactor.com, 2013.
    """
    small = grey.resize((9, 8), Image.Resampling.BOX)
    rows = np.frombuffer(small.tobytes(), np.uint8).reshape(8, 9)
    return int.from_bytes(np.packbits(rows[:, :-1] < rows[:, 1:]).tobytes(), "big")


def laplacian_variance(image: Image.Image) -> float:
    """How much the brightness of an "L" image bends: little where it is out of focus.

    0 for images too small to tell. Source: Pech-Pacheco et al., "Diatom autofocusing in
    brightfield microscopy", ICPR 2000.
    """
    if min(image.size) < 3:
        return 0.0
    grey = np.frombuffer(image.tobytes(), np.uint8).reshape(image.height, -1).astype(np.int16)
    bend = grey[:-2, 1:-1] + grey[2:, 1:-1]
    bend += grey[1:-1, :-2]
    bend += grey[1:-1, 2:]
    bend -= 4 * grey[1:-1, 1:-1]
    flat = bend.ravel().astype(np.float32)
    mean = float(flat.mean())
    return max(0.0, float(flat @ flat) / flat.size - mean * mean)


def shows_itself(data: bytes, decoded: Decoded) -> bool:
    """Whether a file may stand for its own thumbnail: light, and by browsers shown alike."""
    return (
        len(data) <= LIGHT
        and max(decoded.width, decoded.height) <= SMALL
        and not decoded.notes
        and decoded.kind in SHOWN
    )


def thumbnail(image: Image.Image, side: int = THUMBNAIL) -> bytes:
    """Return a JPEG of an "L" or "RGB" image, at most `side` pixels wide or high."""
    scale = side / max(image.size)
    if scale < 1:
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = image.resize(size, Image.Resampling.HAMMING, reducing_gap=2)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY, comment=b"")
    return file.getvalue()
