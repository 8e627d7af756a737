"""Dead leaves: shapes of all sizes that hide one another.

Lee, Mumford and Huang 2001, "Occlusion Models for Natural Images": sizes follow a power law, which
gives the statistics of photographs. Painters return (side, side, 3) between 0 and 1.
"""

import numpy as np
from numpy.typing import NDArray

from anomaly_core.networks.drawn.pictures import shapes
from anomaly_core.networks.drawn.pictures.fields import Picture, cloud
from anomaly_core.networks.drawn.pictures.palettes import palette
from anomaly_core.networks.drawn.pictures.patches import Outline, Patch, light, paint
from anomaly_core.networks.drawn.pictures.patterns import pattern

SMALLEST, LARGEST, COUNT = 0.04, 0.7, 130


def _leaf(rng: np.random.Generator, kind: int, x: float, y: float, size: float) -> Outline:
    if kind == 0:
        return shapes.ellipse(x, y, size, size)
    if kind == 1:
        narrow = shapes.box(0, 0, size, size * rng.uniform(0.15, 1))
        return shapes.turned(narrow, rng.uniform(0, np.pi)) + (x, y)
    if kind == 2:
        inner = min(1.0, rng.uniform(0.3, 1.7))
        return shapes.star(x, y, size, int(rng.integers(3, 7)), inner, rng.uniform(0, 6.3))
    if kind == 3:
        width = size * rng.uniform(0.2, 0.8)
        return shapes.ellipse(x, y, size, width, rng.uniform(0, np.pi))
    return shapes.blob(rng, x, y, size, 0.25)


def sizes(rng: np.random.Generator, count: int, power: float) -> NDArray[np.float64]:
    """Sizes (count,) between the smallest and the largest, of density size^-power, power not 1."""
    low, high = SMALLEST ** (1 - power), LARGEST ** (1 - power)
    drawn = (low + rng.random(count) * (high - low)) ** (1 / (1 - power))
    return np.asarray(drawn, np.float64)


def leaves(rng: np.random.Generator, side: int) -> Picture:
    """Paint leaves that are flat, shaded or textured, of one kind or of several."""
    chosen = palette(rng, int(rng.integers(4, 14)), spread=1.4)
    kinds = rng.integers(5, size=rng.choice([1, 1, 2, 5]))
    round_, rough = rng.choice([0, 0, rng.uniform(0.3, 1)]), rng.choice([0, rng.uniform(0.1, 0.5)])
    all_sizes = sizes(rng, COUNT, rng.uniform(1.6, 3.0))
    if rng.random() < 0.6:  # large ones first, so that the small ones are seen
        all_sizes = np.sort(all_sizes)[::-1]
    places, own = (
        rng.uniform(-0.05, 1.05, (COUNT, 2)),
        chosen[rng.integers(len(chosen), size=COUNT)],
    )
    own = own * rng.uniform(0.85, 1.1, (COUNT, 1)).astype(np.float32)
    turns = rng.uniform(0, np.pi, COUNT) * (rng.random() < 0.5)  # or a single direction for all
    which = kinds[rng.integers(len(kinds), size=COUNT)]
    patches = [
        Patch(_leaf(rng, kind, *place, size), color, turn, round_, round_, rough)
        for kind, place, size, color, turn in zip(which, places, all_sizes, own, turns, strict=True)
    ]
    ground = np.broadcast_to(chosen[0], (side, side, 3))
    material = cloud(rng, side, rng.uniform(0.3, 1.5), coarsest=3)
    if rng.random() < 0.4:
        material = (pattern(rng, side) - np.float32(0.5)) * 2
    return paint(patches, ground, light(rng), material)[0]
