"""Scenes: one thing, seldom several, before a ground, under one light, with a shadow.

The painter returns (side, side, 3) between 0 and 1.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from anomaly_core.networks.drawn.pictures import noises, shapes
from anomaly_core.networks.drawn.pictures.fields import Field, Picture, cloud, grid, smooth
from anomaly_core.networks.drawn.pictures.leaves import leaves
from anomaly_core.networks.drawn.pictures.palettes import palette, ramp
from anomaly_core.networks.drawn.pictures.patches import Patch, light, numbered, paint
from anomaly_core.networks.drawn.pictures.patterns import pattern, periodic
from anomaly_core.networks.drawn.pictures.strokes import plain
from anomaly_core.networks.drawn.pictures.things.buildings import BUILDINGS
from anomaly_core.networks.drawn.pictures.things.clothes import CLOTHES
from anomaly_core.networks.drawn.pictures.things.creatures import CREATURES
from anomaly_core.networks.drawn.pictures.things.goods import GOODS
from anomaly_core.networks.drawn.pictures.things.vehicles import VEHICLES

MAKERS = {make.__name__: make for make in (*CLOTHES, *GOODS, *CREATURES, *VEHICLES, *BUILDINGS)}
THINGS = tuple(MAKERS)
"""What a scene may show, by name."""


def _blurred(picture: Picture, radius: float) -> Picture:
    image = Image.fromarray((np.clip(picture, 0, 1) * np.float32(255)).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.BoxBlur(radius)), np.float32) / np.float32(255)


def horizon(rng: np.random.Generator, side: int) -> Picture:
    """Sky or wall above, ground or table below, each with a gradient and a texture of its own."""
    _, y = grid(side)
    line = np.float32(rng.uniform(0.3, 0.8))
    edge = y - line + np.float32(rng.choice([0, 0.03])) * smooth(rng, side, 6)
    hard = np.float32(np.exp(rng.uniform(1.5, 4.5)))
    amount = np.clip(edge * hard + np.float32(0.5), 0, 1)[..., None]
    above, below = ramp(rng, stops=2)[(y * 255).astype(np.uint8)], palette(rng, 1)[0]
    above = above + np.float32(rng.exponential(0.04)) * cloud(rng, side, 2)[..., None]
    rough = np.float32(rng.exponential(0.15)) * cloud(rng, side, 1, stretch=rng.uniform(1, 4))
    below = below * (1 + rough + np.float32(0.3) * (y - line))[..., None]
    picture: Picture = np.clip(above + amount * (below - above), 0, 1)
    return picture


def backdrop(rng: np.random.Generator, side: int, color: NDArray[np.float32]) -> Picture:
    """Draw what stands behind: most often little, sometimes a texture or a blurred jumble."""
    kind = rng.random()
    if kind < 0.3:
        if rng.random() < 0.4:
            color = np.full(3, rng.choice([0.0, 1.0, rng.uniform(0.85, 1)]), np.float32)
        return plain(rng, side, color)
    if kind < 0.45:
        return noises.gradient(rng, side)
    if kind < 0.65:
        return horizon(rng, side)
    if kind < 0.85:
        return (noises.fine, noises.clouds, periodic, noises.wood)[rng.integers(4)](rng, side)
    return _blurred(leaves(rng, side), rng.uniform(1, 6) * side / 96)


def _shadow(parts: list[Patch], ground: Picture, rng: np.random.Generator) -> Picture:
    """The ground with the blurred shadow of the thing on it."""
    side = len(ground)
    move = np.array([rng.normal(0, 0.04), rng.uniform(0, 0.06)])
    moved = [replace(part, outline=part.outline + move) for part in parts]
    mask = Image.fromarray((numbered(moved, side) > 0).astype(np.uint8) * 255)
    soft = mask.filter(ImageFilter.BoxBlur(rng.uniform(0.5, 4) * side / 96))
    dark: Field = np.asarray(soft, np.float32) / np.float32(255)
    return ground * (1 - np.float32(rng.uniform(0.2, 0.7)) * dark)[..., None]


def _placed(parts: list[Patch], rng: np.random.Generator) -> list[Patch]:
    """The thing a little larger or smaller, moved, turned and mirrored."""
    zoom, move = rng.uniform(0.75, 1.4), rng.normal(0, 0.03, 2)
    turn = rng.normal(0, 0.08) if rng.random() < 0.85 else rng.uniform(0, 2 * np.pi)
    flip = rng.choice([-1.0, 1.0])
    squeeze = np.array([flip * rng.uniform(0.85, 1.15), 1.0]) * zoom
    return [
        replace(
            part,
            outline=shapes.turned((part.outline - 0.5) * squeeze, turn) + 0.5 + move,
            turn=(part.turn if flip > 0 else np.pi - part.turn) + turn,
        )
        for part in parts
    ]


def scene(rng: np.random.Generator, side: int) -> Picture:
    """Paint an object with shading, parts and a shadow, as on the photograph of a product."""
    return named_scene(rng, side)[0]


def named_scene(rng: np.random.Generator, side: int) -> tuple[Picture, str]:
    """Paint what `scene` does, and say which of `THINGS` it shows, the nearest of several."""
    colors = palette(rng, 6, spread=1.3)
    ground = backdrop(rng, side, colors[5])
    lamp = light(rng)
    material = cloud(rng, side, rng.uniform(0.2, 1.5), coarsest=3, stretch=rng.choice([1, 1, 4]))
    if rng.random() < 0.3:
        material = (pattern(rng, side) - np.float32(0.5)) * 2
    material *= np.float32(rng.uniform(0.15, 0.5))  # most things are smoother than the ground
    for _ in range(2 if rng.random() < 0.1 else 1):
        name = THINGS[rng.integers(len(THINGS))]
        parts = _placed(MAKERS[name](rng, colors), rng)
        if rng.random() < 0.6:
            ground = _shadow(parts, ground, rng)
        ground = paint(parts, ground, lamp, material)
    return ground, name
