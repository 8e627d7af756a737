"""Try it yourself: a drawing or an uploaded picture becomes an image like those of the pool.

Nothing of it is stored.
"""

import base64
import binascii
import io
import math
import random
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from anomaly_core.datasets.base import Images
from anomaly_core.errors import InvalidInput, Refused
from anomaly_core.importing.fitting import Choices
from state.files import artifacts
from state.workers.own.images import choices_of

_ONE_AT_A_TIME = threading.Lock()
Picture = NDArray[np.uint8]  # (height, width) of any size, 0 black .. 255 white

SAMPLE = 2000  # images of a large pool that tell what its images look like
FAINT = 64  # a pixel that differs less from the background, of 255, is taken for background
BOUNDS = 512, 512  # pixels that an uploaded picture is kept with at most
MOST_PIXELS = 16_000_000  # of an uploaded picture: 200 MB while a PNG is read, 330 a WebP
INKED = 0.005  # of a picture is at least inked through
FINE = 4  # pixels of a drawing on one of the pool's
ENLARGED = 4.0  # at most, so that a dot does not become a blot
# Whatever a decoder raises for damaged files.
UNREAD = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    struct.error,
)
FORMATS = ("PNG", "JPEG", "BMP", "WEBP")
PAPER = (255, 255, 255, 255)  # behind what is transparent

MEGABYTES = 10  # of an uploaded file, at most
TOO_HEAVY = f"This file has more than {MEGABYTES} MB; choose a smaller picture."
UNREADABLE = "This file is not a picture that can be read; choose a PNG, JPEG, BMP or WebP file."
TOO_LARGE = (
    f"This picture has more than {MOST_PIXELS // 1_000_000} million pixels; make it smaller."
)
NO_DRAWING = "The drawing did not arrive whole; draw on or reload the page."
GREY_ONLY = "Images of this pool are not plain grey ones; trying it yourself needs grey images."


@dataclass(frozen=True)
class Look:
    """What the images of a pool have in common.

    `shape` is height and width in pixels, `background` the value of their edges (0 black, 255
    white), `extent` the mean longer side of what is drawn on it, `center` the mean place of its
    mass (row, column), both in pixels.
    """

    shape: tuple[int, int]
    background: int
    extent: float
    center: tuple[float, float]

    @property
    def sheet(self) -> tuple[int, int]:
        """Height and width of a drawing as it arrives, pixels."""
        return FINE * self.shape[0], FINE * self.shape[1]

    @property
    def ink(self) -> int:
        """The value that stands out most from the background."""
        return 255 if self.background < 128 else 0


@dataclass(frozen=True)
class Outline:
    """Where what is drawn on a picture lies: its longer side and the center of its mass, pixels."""

    extent: float
    center: tuple[float, float]


def look_of(pool: Images) -> Look:
    """Find out what the images of a pool (n, height, width) have in common.

    Raises InvalidInput for images that are not grey.
    """
    if pool.ndim != 3:
        raise InvalidInput(GREY_ONLY)
    images = np.asarray(pool[:: -(-len(pool) // SAMPLE) or 1])
    background = median_edge(images)
    found = [one for image in images if (one := drawn_on(image, background))]
    height, width = images.shape[1:]
    if not found:  # nothing stands out anywhere
        return Look((height, width), background, max(height, width), (height / 2, width / 2))
    row, column = np.mean([one.center for one in found], axis=0)
    extent = float(np.mean([one.extent for one in found]))
    return Look((height, width), background, extent, (float(row), float(column)))


def median_edge(images: Picture) -> int:
    """Return the median pixel on the edges of one picture or of many (..., height, width)."""
    sides = images[..., 0, :], images[..., -1, :], images[..., :, 0], images[..., :, -1]
    return int(np.median(np.concatenate([side.ravel() for side in sides])))


def drawn_on(picture: Picture, background: int) -> Outline | None:
    """Find what stands out from the background; `None` where nothing does."""
    ink = np.abs(picture.astype(np.float64) - background)
    ink[ink < FAINT] = 0
    rows, columns = np.nonzero(ink)
    if not len(rows):
        return None
    extent = 1 + max(int(np.ptp(rows)), int(np.ptp(columns)))
    places = np.indices(ink.shape) + 0.5  # the middle of each pixel
    center = (places * ink).sum(axis=(1, 2)) / ink.sum()
    return Outline(float(extent), (float(center[0]), float(center[1])))


def centered(picture: Picture, look: Look) -> Picture:
    """Scale and move what is drawn to where the images of the pool have it.

    Its longer side becomes the pool's mean one, its center of mass the pool's mean one. A picture
    on which nothing stands out is only made smaller.
    """
    found = drawn_on(picture, look.background)
    if found is None:
        return padded(picture, look)
    scale = min(look.extent / found.extent, ENLARGED * fit_scale(picture, look))
    top, left = (
        at - to / scale for at, to in zip(found.center, look.center, strict=True)
    )  # of what will fill the image, in pixels of the picture
    box = left, top, left + look.shape[1] / scale, top + look.shape[0] / scale
    return cut(picture, box, look)


def evened(picture: Picture, look: Look) -> Picture:
    """Bring the paper and the ink of a photograph to those of the pool.

    A picture on which nothing stands out stays as it is.
    """
    side = 1 if look.ink > look.background else -1
    strength = side * (picture.astype(np.float64) - median_edge(picture))  # of the ink
    strongest = float(np.quantile(strength, 1 - INKED))
    if strongest < FAINT:
        return picture
    share = (strength / strongest).clip(0, 1)
    return (look.background + share * (look.ink - look.background)).round().astype(np.uint8)


def padded(picture: Picture, look: Look) -> Picture:
    """Scale a whole picture to the pool's size, keeping its ratio, with background beside it."""
    scale = fit_scale(picture, look)
    height, width = (side / scale for side in look.shape)
    top, left = (picture.shape[0] - height) / 2, (picture.shape[1] - width) / 2
    return cut(picture, (left, top, left + width, top + height), look)


def fit_scale(picture: Picture, look: Look) -> float:
    """By how much a picture is scaled so that it just fits into an image of the pool."""
    return float(min(to / side for to, side in zip(look.shape, picture.shape, strict=True)))


def cut(picture: Picture, box: tuple[float, float, float, float], look: Look) -> Picture:
    """Scale a part (left, top, right, bottom) of a picture to the pool's size.

    Where the part reaches beyond the picture there is background.
    """
    height, width = picture.shape
    beyond = max(-box[0], -box[1], box[2] - width, box[3] - height, 0)
    border = math.ceil(beyond)
    sheet = Image.fromarray(np.pad(picture, border, constant_values=look.background))
    part = tuple(side + border for side in box)
    size = look.shape[1], look.shape[0]
    return np.asarray(sheet.resize(size, Image.Resampling.BOX, box=part))


def inverted(picture: Picture) -> Picture:
    """Swap black and white."""
    return np.asarray(255 - picture)


def looks_inverted(picture: Picture, look: Look) -> bool:
    """Whether the edges are nearer to the pool's ink than to its background."""
    return abs(median_edge(picture) - look.background) > 127


def read_drawing(sent: Mapping[str, Any], look: Look) -> Picture:
    """Decode what the browser sends of a drawing: height, width and base64 of its pixels.

    Raises InvalidInput unless they are those of the sheet for the pool.
    """
    try:
        height, width = look.sheet
        if len(sent["pixels"]) > 2 * height * width + 4:  # base64 takes 4 for 3
            raise InvalidInput(NO_DRAWING)
        if (sent["height"], sent["width"]) != look.sheet:
            raise InvalidInput(NO_DRAWING)
        pixels = np.frombuffer(base64.b64decode(sent["pixels"], validate=True), np.uint8)
        return pixels.reshape(look.sheet)
    except (LookupError, TypeError, ValueError, binascii.Error) as error:
        raise InvalidInput(NO_DRAWING) from error


def read_upload(data: bytes) -> Picture:
    """Read a PNG, JPEG, BMP or WebP file as grey, no larger than `BOUNDS`.

    One is read at a time, whoever sends how many, so that memory stays bounded. Raises InvalidInput
    for a file that is none, is damaged or is too large.
    """
    if len(data) > MEGABYTES * 1_048_576:
        raise InvalidInput(TOO_HEAVY)
    with _ONE_AT_A_TIME:
        return _read(data)


def _read(data: bytes) -> Picture:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as file:
            if file.width * file.height > MOST_PIXELS:
                raise InvalidInput(TOO_LARGE)
            file.draft("L", BOUNDS)  # a JPEG is unpacked smaller
            ImageOps.exif_transpose(file, in_place=True)
            picture = grey(file)
    except Image.DecompressionBombError as error:
        raise InvalidInput(TOO_LARGE) from error
    except UNREAD as error:
        raise InvalidInput(UNREADABLE) from error
    picture.thumbnail(BOUNDS, Image.Resampling.BOX)
    return np.asarray(picture)


def grey(picture: Image.Image) -> Image.Image:
    """Convert to 8 bits of grey, on white paper where it is transparent."""
    if picture.mode.startswith("I"):  # 16 bits
        return Image.fromarray((np.asarray(picture) // 257).clip(0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        above = picture.convert("RGBA")
        above.thumbnail(BOUNDS, Image.Resampling.BOX)
        picture = Image.alpha_composite(Image.new("RGBA", above.size, PAPER), above)
    return picture.convert("L")


def another(item: int | None, size: int) -> int:
    """Draw an item of a pool at random, another than `item` where there is one."""
    if item is None or size < 2:
        return random.randrange(size)
    return (item + random.randrange(1, size)) % size


def look_at(project: Path) -> Look:
    """Return the look of the pool in a project's folder, found out once; raises as `look_of`."""
    path = project / "pool.npy"
    return _known_look(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _known_look(path: Path, written: int) -> Look:
    return look_of(artifacts.read_array(path))


def seen_as_own(project: Path, data: bytes) -> Images:
    """A file as the model sees it, in the folder of a project of a person's own images.

    Raises InvalidInput for what is no image, or is too large.
    """
    choices = choices_of(project)
    assert choices is not None
    return seen_as(choices, data)


def seen_as(choices: Choices, data: bytes) -> Images:
    """A file as the model sees images that are made alike in such a way; raises InvalidInput."""
    if len(data) > MEGABYTES * 1_048_576:
        raise InvalidInput(TOO_HEAVY)
    try:
        with _ONE_AT_A_TIME:
            return choices.seen(choices.decode(data, room=_require_room))
    except Refused as refusal:
        raise InvalidInput(f"This file cannot be tried. {refusal}") from refusal


def _require_room(pixels: int) -> None:
    """Refuse to unpack so many pixels."""
    if pixels > MOST_PIXELS:
        raise Refused(TOO_LARGE)
