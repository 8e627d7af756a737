"""Dead leaves: shapes of all sizes that hide one another.

Lee, Mumford and Huang 2001, "Occlusion Models for Natural Images": sizes follow a power law, which
gives the statistics of photographs. Painters return (side, side, 3) between 0 and 1.
"""

import numpy as np
from numpy.typing import NDArray

from anomaly_core.networks.drawn.pictures import shapes
from anomaly_core.networks.drawn.pictures.fields import Picture, cloud
from anomaly_core.networks.drawn.pictures.palettes import palette
from anomaly_core.networks.drawn.pictures.patches import Contour, Patch, light, paint
from anomaly_core.networks.drawn.pictures.patterns import pattern

SMALLEST, LARGEST = 0.04, 0.7  # shares of the side
COUNT, MODELS = 130, 10

Sizes = NDArray[np.float64]  # (count,)


def _model(rng: np.random.Generator, kind: int) -> Contour:
    """A leaf about 0 of size 1: a disc, a box, a star, an ellipse or a blob."""
    if kind == 0:
        return shapes.ellipse(0, 0, 1, 1)
    if kind == 1:
        return shapes.box(0, 0, 1, rng.uniform(0.15, 1))
    if kind == 2:
        return shapes.star(0, 0, 1, int(rng.integers(3, 7)), min(1.0, rng.uniform(0.3, 1.7)), 0)
    if kind == 3:
        return shapes.ellipse(0, 0, 1, rng.uniform(0.2, 0.8))
    return shapes.blob(rng, 0, 0, 1, 0.25)


def _outlines(rng: np.random.Generator, models: list[Contour], scale: Sizes) -> list[Contour]:
    """One of the models for each size, turned and placed anywhere."""
    turns, places = rng.uniform(0, 2 * np.pi, len(scale)), rng.uniform(-0.05, 1.05, (len(scale), 2))
    c, s = np.cos(turns) * scale, np.sin(turns) * scale
    turning = np.stack([np.stack([c, s], 1), np.stack([-s, c], 1)], 1)  # (count, 2, 2)
    which = rng.integers(len(models), size=len(scale))
    return [models[k] @ turn + place for k, turn, place in zip(which, turning, places, strict=True)]


def sizes(rng: np.random.Generator, count: int, power: float) -> Sizes:
    """Sizes (count,) between the smallest and the largest, of density size^-power, power not 1."""
    low, high = SMALLEST ** (1 - power), LARGEST ** (1 - power)
    drawn = (low + rng.random(count) * (high - low)) ** (1 / (1 - power))
    return np.asarray(drawn, np.float64)


def leaves(rng: np.random.Generator, side: int) -> Picture:
    """Paint leaves that are flat, shaded or textured, of one kind or of several."""
    chosen = palette(rng, int(rng.integers(4, 14)), spread=1.4)
    kinds = rng.integers(5, size=rng.choice([1, 1, 2, 5]))
    models = [_model(rng, kinds[index % len(kinds)]) for index in range(MODELS)]
    round_, rough = rng.choice([0, 0, rng.uniform(0.3, 1)]), rng.choice([0, rng.uniform(0.1, 0.5)])
    scale = sizes(rng, COUNT, rng.uniform(1.6, 3.0))
    if rng.random() < 0.6:  # large ones first, so that the small ones are seen
        scale = np.sort(scale)[::-1]
    own = chosen[rng.integers(len(chosen), size=COUNT)]
    own = own * rng.uniform(0.85, 1.1, (COUNT, 1)).astype(np.float32)
    turns = rng.uniform(0, np.pi, COUNT) * (rng.random() < 0.5)  # or shaded in one direction
    patches = [
        Patch(outline, color, turn, round_, round_, rough)
        for outline, color, turn in zip(_outlines(rng, models, scale), own, turns, strict=True)
    ]
    ground = np.broadcast_to(chosen[0], (side, side, 3))
    material = cloud(rng, side, rng.uniform(0.3, 1.5), coarsest=3)
    if rng.random() < 0.4:
        material = (pattern(rng, side) - np.float32(0.5)) * 2
    return paint(patches, ground, light(rng), material)
