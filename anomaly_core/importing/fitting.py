"""Images of any size made squares of one side, and which side and way suit a set of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np
from PIL import Image

from anomaly_core.datasets.base import Images
from anomaly_core.datasets.image_folder import SMALLEST, check_size
from anomaly_core.errors import InvalidInput
from anomaly_core.importing.examining import THUMBNAIL, Decoded, Examined, decode

LONG = 1.3  # longer side over shorter, from which on a square would distort too much
RARELY = 0.01  # share of colour images that may lose their colour
SIDES = ((96, 64), (1000, 128))  # up to which longer side, which side; small ones keep theirs
SMALL, LARGE_SIDE = 32, 192
DETAIL = 2  # pixels that are decoded at least for each that the model sees, a side
AVERAGE = (1 / 3, 1 / 3, 1 / 3, 0)  # of red, green and blue


class Fit(StrEnum):
    """How an image that is no square becomes one."""

    STRETCH = "stretch"
    CROP = "crop"
    PAD = "pad"


@dataclass(frozen=True)
class Choices:
    """How all images of a pool are made alike: pixels a side, the way, and whether in colour."""

    side: int
    fit: Fit
    colour: bool

    def decode(
        self, data: bytes, path: str = "", room: Callable[[int], object] = lambda pixels: None
    ) -> Decoded:
        """Decode a file, where that does with fewer pixels; raises `Refused`."""
        return decode(data, path, room, max(DETAIL * self.side, THUMBNAIL))

    def seen(self, decoded: Decoded) -> Images:
        """Return what `self.decode` gave as the model sees it, (side, side[, 3]) uint8."""
        return fitted(decoded.image, self.side, self.fit, self.colour)

    def seen_in(self, data: bytes) -> Images:
        """Return a file as the model sees it, (side, side[, 3]) uint8; raises `Refused`."""
        return self.seen(self.decode(data))

    def to_json(self) -> dict[str, Any]:
        """Return the plain values that `from_json` takes back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild it from the values of `to_json`."""
        return cls(values["side"], Fit(values["fit"]), values["colour"])


def fitted(image: Image.Image, side: int, fit: Fit, colour: bool) -> Images:
    """Make an "L" or "RGB" image a square of `side` pixels, (side, side[, 3]) uint8.

    `CROP` keeps the middle, `PAD` all of it on black. Without `colour` the channels are averaged.
    Raises `InvalidInput` for a side that is too small or too large.
    """
    check_size(side)
    square = padded(image, side) if fit is Fit.PAD else scaled(shaped(image, fit), (side, side))
    if colour and square.mode == "L":
        square = square.convert("RGB")
    elif not colour and square.mode == "RGB":
        square = square.convert("L", matrix=AVERAGE)
    shape = (side, side, 3) if colour else (side, side)
    return np.frombuffer(square.tobytes(), np.uint8).reshape(shape)


def scaled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale to `size` (width, height), bilinear, antialiased.

    It differs from `reading.resize` by one grey level at most, and does without torch.
    """
    return image if image.size == size else image.resize(size, Image.Resampling.BILINEAR)


def shaped(image: Image.Image, fit: Fit) -> Image.Image:
    """The part of an image that is scaled: all of it, or the square in its middle."""
    if fit is Fit.STRETCH or image.width == image.height:
        return image
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def padded(image: Image.Image, side: int) -> Image.Image:
    """Scale the longer side to `side`, and put the image in the middle of a black square."""
    width, height = (max(1, round(length * side / max(image.size))) for length in image.size)
    square = Image.new(image.mode, (side, side))
    square.paste(scaled(image, (width, height)), ((side - width) // 2, (side - height) // 2))
    return square


def suggest(examined: Sequence[Examined]) -> Choices:
    """Return what suits most of the images; raises `InvalidInput` where there are none."""
    if not examined:
        raise InvalidInput("None of the images can be read; import others.")
    sizes = np.array([(one.width, one.height) for one in examined])
    longer, shorter = sizes.max(axis=1), sizes.min(axis=1)
    colours = np.mean([one.colour for one in examined])
    return Choices(
        side=side_for(float(np.median(longer))),
        fit=Fit.PAD if np.median(longer / shorter) > LONG else Fit.STRETCH,
        colour=bool(colours > RARELY),
    )


def side_for(longer: float) -> int:
    """Pixels a side for images whose longer side is usually that long."""
    if longer <= SMALL:
        return max(SMALLEST, round(longer))
    return next((side for most, side in SIDES if longer <= most), LARGE_SIDE)
