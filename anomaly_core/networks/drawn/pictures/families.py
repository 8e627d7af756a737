"""The families of pictures, and how a picture of one becomes the one that is handed out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anomaly_core.networks.drawn.pictures import noises
from anomaly_core.networks.drawn.pictures.fields import Painter, Picture
from anomaly_core.networks.drawn.pictures.fractals import fractal, julia
from anomaly_core.networks.drawn.pictures.leaves import leaves
from anomaly_core.networks.drawn.pictures.lettering import lettering
from anomaly_core.networks.drawn.pictures.operations import (
    CAMERA,
    SCENE,
    Operation,
    blended,
    blurred,
    compressed,
    faded,
    grey,
    inverted,
    lit,
    noisy,
    toned,
)
from anomaly_core.networks.drawn.pictures.patterns import periodic
from anomaly_core.networks.drawn.pictures.scenes import THINGS, horizon, named_scene, scene
from anomaly_core.networks.drawn.pictures.strokes import sign, sketch

Pixels = NDArray[np.uint8]  # (side, side, 3)

FAMILIES: dict[str, Painter] = {
    "thing": scene,
    "fractal": fractal,
    "julia": julia,
    "leaves": leaves,
    "sketch": sketch,
    "sign": sign,
    "lettering": lettering,
    "horizon": horizon,
    "gradient": noises.gradient,
    "clouds": noises.clouds,
    "periodic": periodic,
    "fine": noises.fine,
    "brushed": noises.brushed,
    "wood": noises.wood,
    "speckle": noises.speckle,
    "cracked": noises.cracked,
    "veined": noises.veined,
}
KINDS: tuple[str, ...] = (*(name for name in FAMILIES if name != "thing"), *THINGS)
"""What a picture can be of: its family, or which thing it shows."""
WEIGHTS: dict[str, float] = {  # families without one have 1
    "thing": 16,
    "fractal": 3,
    "leaves": 4,
    "sketch": 2,
    "sign": 3,
    "lettering": 1.5,
    "clouds": 1.5,
    "periodic": 3,
    "gradient": 0.5,
    "horizon": 0.5,
}
SURFACES: tuple[str, ...] = (
    "periodic", "fine", "brushed", "wood", "speckle", "cracked", "veined"
)  # fmt: skip
SURFACE_WEIGHTS: dict[str, float] = {"periodic": 2.5, "fine": 2.0, "brushed": 1.5}

FAINTEST = 0.02  # deviation of the values of a picture
MOST = 4  # operations on a picture
GREY, BLEND = 0.22, 0.08  # shares of the pictures; the palettes add grey ones of their own
ON_SURFACES: dict[Operation, float] = {
    blurred: 1, compressed: 1, noisy: 1.5, toned: 1, faded: 1, lit: 0.5, inverted: 0.3
}  # fmt: skip


def _name(rng: np.random.Generator, names: Sequence[str], weights: dict[str, float]) -> str:
    share = np.cumsum([weights.get(name, 1.0) for name in names])
    return names[int(np.searchsorted(share, rng.random() * share[-1], side="right"))]


def _changed(
    picture: Picture, rng: np.random.Generator, operations: dict[Operation, float], most: int
) -> Picture:
    """The picture after 0 to `most` different operations, in a random order."""
    weights = np.array(list(operations.values()))
    count = int(rng.integers(most + 1))
    for index in rng.choice(len(weights), count, replace=False, p=weights / weights.sum()):
        picture = list(operations)[index](picture, rng)
    return grey(picture, rng) if rng.random() < GREY else picture


def _pixels(picture: Picture, rng: np.random.Generator) -> Pixels:
    """The picture in bytes; one of which little can be seen is given more contrast first."""
    seen = np.clip(picture, 0, 1)
    if seen.std() < FAINTEST:
        noise = rng.standard_normal(picture.shape[:2], dtype=np.float32)[..., None]
        uneven = picture - picture.mean() + np.float32(1e-3) * noise
        middle = np.clip(picture.mean(), 0.1, 0.9)
        seen = np.clip(uneven * (np.float32(FAINTEST) / uneven.std()) + middle, 0, 1)
    return (seen * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def _any_of_a_kind(rng: np.random.Generator, side: int) -> tuple[Picture, str]:
    """A picture of any family, with its kind."""
    name = _name(rng, list(FAMILIES), WEIGHTS)
    return named_scene(rng, side) if name == "thing" else (FAMILIES[name](rng, side), name)


def any_picture(rng: np.random.Generator, side: int) -> tuple[Pixels, int]:
    """Draw a picture of any family, seldom two of them blended, and what a camera does to it.

    With it comes its place in `KINDS`, of two the second's.
    """
    picture, kind = _any_of_a_kind(rng, side)
    if rng.random() < BLEND:
        other, kind = _any_of_a_kind(rng, side)
        picture = blended(picture, other, rng)
    return _pixels(_changed(picture, rng, SCENE | CAMERA, MOST), rng), KINDS.index(kind)


def any_surface(rng: np.random.Generator, side: int) -> Pixels:
    """Draw a surface that looks alike everywhere, and what a camera does to it."""
    picture = FAMILIES[_name(rng, SURFACES, SURFACE_WEIGHTS)](rng, side)
    return _pixels(_changed(picture, rng, ON_SURFACES, MOST - 1), rng)
