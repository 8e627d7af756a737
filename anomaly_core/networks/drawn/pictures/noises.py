"""Textures from noise: clouds, gradients, grain, metal, wood, stone, leather and paper.

Noise with a random spectrum is the "statistical image model" of Baradad et al. 2021, "Learning to
See by Looking at Noise". Painters return (side, side, 3) between 0 and 1.
"""

import numpy as np

from anomaly_core.networks.drawn.pictures.fields import (
    Field,
    Picture,
    cloud,
    grid,
    leveled,
    relief,
    smooth,
    tiles,
    turned,
)
from anomaly_core.networks.drawn.pictures.palettes import painted, palette, ramp


def gradient(rng: np.random.Generator, side: int) -> Picture:
    """Paint colours that flow from edge to edge, from a middle, or between the corners."""
    kind = rng.integers(3)
    if kind == 0:
        u, _ = turned(side, rng.uniform(0, 2 * np.pi))
        field = np.clip(u * np.float32(rng.uniform(0.7, 1.2)) + np.float32(0.5), 0, 1)
    elif kind == 1:
        x, y = grid(side)
        cx, cy = rng.uniform(0.1, 0.9, 2).astype(np.float32)
        field = np.clip(np.hypot(x - cx, y - cy) * np.float32(rng.uniform(0.7, 1.5)), 0, 1)
    else:
        field = leveled(smooth(rng, side, int(rng.integers(2, 5))))
    return painted(field, ramp(rng, stops=int(rng.integers(2, 5))))


def clouds(rng: np.random.Generator, side: int) -> Picture:
    """Paint coloured noise with a random exponent, perhaps of several independent layers."""
    exponent, angle = rng.uniform(0.7, 2.4), rng.uniform(0, np.pi)
    stretch = float(np.exp(rng.exponential(0.4)))
    first = leveled(cloud(rng, side, exponent, stretch=stretch, angle=angle), contrast=1.2)
    picture = painted(first, ramp(rng, stops=int(rng.integers(2, 6))))
    if rng.random() < 0.4:  # a second layer with its own colours, where a third one says so
        other = painted(leveled(cloud(rng, side, rng.uniform(0.7, 2))), ramp(rng))
        where = leveled(cloud(rng, side, rng.uniform(1.5, 2.5)), contrast=4)[..., None]
        picture = picture + where * (other - picture)
    return picture


def _tinted(field: Field, rng: np.random.Generator) -> Picture:
    """A surface's own two or three colours, close to one another."""
    return painted(field, ramp(rng, stops=int(rng.integers(2, 4)), spread=rng.uniform(0.2, 0.8)))


def fine(rng: np.random.Generator, side: int) -> Picture:
    """Paint a surface that is rough at one scale: paper, plaster, felt, sand."""
    coarsest = side * rng.uniform(0.03, 0.25)
    field = cloud(rng, side, rng.uniform(0.3, 2.5), coarsest=coarsest)
    if rng.random() < 0.5:
        field = relief(field, rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.5))
    return _tinted(leveled(field), rng)


def brushed(rng: np.random.Generator, side: int) -> Picture:
    """Paint the parallel hairlines of brushed metal, of a drawn fibre or of a rolled sheet."""
    angle = rng.choice([0, np.pi / 2, rng.uniform(0, np.pi)], p=[0.35, 0.35, 0.3])
    stretch = rng.uniform(6, 40)
    field = cloud(rng, side, rng.uniform(0.2, 1.2), stretch=stretch, angle=angle, coarsest=3)
    field += np.float32(rng.uniform(0, 0.4)) * cloud(rng, side, 0, coarsest=3)
    return _tinted(leveled(field), rng)


def wood(rng: np.random.Generator, side: int) -> Picture:
    """Paint rings of growth, cut far from their middle or through it, with fibres along them."""
    angle = rng.choice([0, np.pi / 2, rng.uniform(0, np.pi)])
    u, v = turned(side, angle)
    knot = rng.uniform(-2, 2), rng.uniform(0.0, 1.5)
    squeeze = np.float32(rng.uniform(0.05, 0.5))
    rings = np.hypot((u - np.float32(knot[0])) * squeeze, v - np.float32(knot[1]))
    bent = np.float32(rng.uniform(0.005, 0.05)) * smooth(rng, side, int(rng.integers(3, 7)))
    waves = (rings + bent) * np.float32(rng.uniform(3, 3 + side / 9))
    field = waves - np.floor(waves) if rng.random() < 0.6 else np.sin(waves * 6) / 2
    fibres = cloud(rng, side, 0.6, stretch=rng.uniform(5, 20), angle=angle, coarsest=4)
    return _tinted(leveled(field + np.float32(rng.uniform(0.05, 0.3)) * fibres), rng)


def speckle(rng: np.random.Generator, side: int) -> Picture:
    """Paint granite, terrazzo or foam: grains of a few colours that noise has chosen."""
    chosen = palette(rng, int(rng.integers(2, 5)), spread=rng.uniform(0.4, 1.2))
    field = cloud(rng, side, rng.uniform(0.5, 3), coarsest=side * rng.uniform(0.06, 0.2))
    picture = np.broadcast_to(chosen[0], (side, side, 3)).copy()
    for color in chosen[1:]:
        hard, above = np.float32(rng.uniform(1, 6)), np.float32(rng.uniform(0.3, 2))
        amount = np.clip(hard * (field - above), 0, 1)[..., None]
        picture += amount * (color - picture)
        field = -field if rng.random() < 0.5 else np.roll(field, side // 3, (0, 1))
    return picture


def cracked(rng: np.random.Generator, side: int) -> Picture:
    """Paint cells: leather, scales, pebbles, dried mud, the facets of a casting."""
    count = int(rng.integers(5, max(6, side // 5)))
    nearest, second, number = tiles(rng, side, count, rng.uniform(0.5, 1))
    border = np.clip((second - nearest) * np.float32(rng.uniform(1.5, 6)), 0, 1)
    shade = rng.random((count + 2) ** 2, dtype=np.float32)[number]
    kind = rng.integers(3)
    field = (border, 1 - nearest, border * (np.float32(0.5) + np.float32(0.5) * shade))[kind]
    if rng.random() < 0.4:
        field = relief(field, rng.uniform(0, 2 * np.pi), rng.uniform(1, 4))
    return _tinted(leveled(field), rng)


def veined(rng: np.random.Generator, side: int) -> Picture:
    """Paint marble: where smooth noise passes through zero there is a vein."""
    coarsest = side * rng.uniform(0.02, 0.06)
    field = np.abs(cloud(rng, side, rng.uniform(2, 3.2), coarsest=coarsest))
    field = np.exp(-field * np.float32(rng.uniform(1, 8)))
    field += np.float32(rng.uniform(0, 0.4)) * cloud(rng, side, 1.5, coarsest=coarsest) / 3
    return _tinted(leveled(field), rng)
