"""Images of any size made squares of one side, and which side and way suit a set of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np

from anomaly_core.datasets.base import Images, brightness
from anomaly_core.datasets.image_folder import SMALLEST, check_size
from anomaly_core.datasets.reading import in_colour, resize
from anomaly_core.errors import InvalidInput
from anomaly_core.importing.examining import Examined

LONG = 1.3  # longer side over shorter, from which on a square would distort too much
RARELY = 0.01  # share of colour images that may lose their colour
SIDES = ((96, 64), (1000, 128))  # up to which longer side, which side; small ones keep theirs
SMALL, LARGE_SIDE = 32, 192


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

    def seen(self, pixels: Images) -> Images:
        """Return (height, width[, 3]) uint8 as the model sees it, (side, side[, 3])."""
        return fitted(pixels, self.side, self.fit, self.colour)

    def to_json(self) -> dict[str, Any]:
        """Return the plain values that `from_json` takes back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild it from the values of `to_json`."""
        return cls(values["side"], Fit(values["fit"]), values["colour"])


def fitted(pixels: Images, side: int, fit: Fit, colour: bool) -> Images:
    """Make (height, width[, 3]) uint8 a square of `side` pixels, (side, side[, 3]).

    `CROP` keeps the middle, `PAD` all of it on black. Without `colour` the channels are averaged.
    Raises `InvalidInput` for a side that is too small or too large.
    """
    check_size(side)
    square = padded(pixels, side) if fit is Fit.PAD else resize(shaped(pixels, fit), (side, side))
    if colour:
        return in_colour(square)
    return square if square.ndim == 2 else brightness(square).round().astype(np.uint8)


def shaped(pixels: Images, fit: Fit) -> Images:
    """The part of an image that is scaled: all of it, or the square in its middle."""
    if fit is Fit.STRETCH:
        return pixels
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def padded(pixels: Images, side: int) -> Images:
    """Scale the longer side to `side`, and put the image in the middle of a black square."""
    height, width = (
        max(1, round(length * side / max(pixels.shape[:2]))) for length in pixels.shape[:2]
    )
    square = np.zeros((side, side, *pixels.shape[2:]), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = resize(pixels, (height, width))
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
