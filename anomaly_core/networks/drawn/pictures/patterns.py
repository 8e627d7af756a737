"""Textures that repeat: stripes, checks, dots, bricks, weaves, knits, hexagons, perforations.

A pattern is a function of two phases, in periods, and returns a field between about 0 and 1.
"""

from collections.abc import Callable

import numpy as np

from anomaly_core.networks.drawn.pictures.fields import (
    Field,
    Picture,
    cloud,
    leveled,
    relief,
    smooth,
    turned,
)
from anomaly_core.networks.drawn.pictures.palettes import painted, ramp

Pattern = Callable[[Field, Field, np.random.Generator], Field]


def _wave(phase: Field) -> Field:
    wave: Field = np.float32(0.5) + np.float32(0.5) * np.sin(np.float32(2 * np.pi) * phase)
    return wave


def _within(phase: Field) -> Field:
    """The place within a period, from -0.5 to 0.5."""
    place: Field = phase - np.floor(phase) - np.float32(0.5)
    return place


def _shifted(u: Field, v: Field, by: float) -> Field:
    """The phase moved on by a share of a period in every row."""
    row: Field = np.floor(v)
    return u + np.float32(by) * row


def _ridge(phase: Field) -> Field:
    """1 in the middle of a period, 0 where it begins and ends."""
    ridge: Field = np.cos(np.float32(np.pi) * _within(phase))
    return ridge


def _edge(field: Field, rng: np.random.Generator) -> Field:
    """The field made harder, as printing is, or left soft, as cloth is."""
    hardness = np.float32(rng.uniform(1, 5))
    edge: Field = np.clip(hardness * (field - np.float32(0.5)) + np.float32(0.5), 0, 1)
    return edge


def stripes(u: Field, _v: Field, rng: np.random.Generator) -> Field:
    """Stripes, some of them with a second, finer one between."""
    finer = np.float32(rng.choice([1, 1, 2, 3]))
    return _edge((_wave(u) + _wave(u * finer)) * np.float32(0.5), rng)


def checks(u: Field, v: Field, rng: np.random.Generator) -> Field:
    """A chessboard, or the half tones of a gingham."""
    if rng.random() < 0.5:
        half = np.float32(0.5)
        return _edge(half + np.float32(2) * (_wave(u) - half) * (_wave(v) - half), rng)
    return (_edge(_wave(u), rng) + _edge(_wave(v), rng)) * np.float32(0.5)


def lattice(u: Field, v: Field, rng: np.random.Generator) -> Field:
    """Thin lines that cross, as in a mesh, a tiled wall or a solar cell."""
    thin = np.float32(rng.uniform(3, 12))
    gap = np.minimum(np.abs(_within(u)), np.abs(_within(v)))
    mesh: Field = np.clip(gap * thin, 0, 1)
    return mesh


def dots(u: Field, v: Field, rng: np.random.Generator) -> Field:
    """Dots or holes, in rows or staggered."""
    if rng.random() < 0.5:
        u = _shifted(u, v, 0.5)
    gap = np.hypot(_within(u), _within(v))
    size, hardness = np.float32(rng.uniform(0.18, 0.4)), np.float32(rng.uniform(3, 10))
    holes: Field = np.clip((gap - size) * hardness + np.float32(0.5), 0, 1)
    return holes


def bricks(u: Field, v: Field, rng: np.random.Generator) -> Field:
    """Bricks with joints, each of its own shade."""
    u = _shifted(u * np.float32(rng.uniform(0.4, 0.8)), v, rng.choice([0.5, 0.33]))
    row = np.floor(v)
    across, down = np.float32(0.5) - np.abs(_within(u)), np.float32(0.5) - np.abs(_within(v))
    joint: Field = np.clip(np.minimum(across + across, down) * np.float32(rng.uniform(5, 12)), 0, 1)
    shade: Field = np.sin(
        np.floor(u) * np.float32(12.9898) + row * np.float32(78.233)
    ) * np.float32(437.5)
    return joint * (np.float32(0.6) + np.float32(rng.uniform(0, 0.4)) * (shade - np.floor(shade)))


def weave(u: Field, v: Field, rng: np.random.Generator) -> Field:
    """Warp and weft, one over the other; twills move on by one each row."""
    warp, weft = _ridge(u), _ridge(v)
    over = (np.floor(u) + np.floor(v)) % int(rng.choice([2, 2, 3, 4])) < 1
    darker = np.float32(rng.uniform(0.3, 1))
    return np.where(over, warp * (1 + weft) / 2, darker * weft * (1 + warp) / 2).astype(np.float32)


def knit(u: Field, v: Field, rng: np.random.Generator) -> Field:
    """Stitches that lean to one side and to the other."""
    lean = np.float32(rng.uniform(0.5, 1.5)) * np.abs(_within(u))
    return _edge(_wave(v + lean) * _ridge(u + u), rng)


def honeycomb(u: Field, v: Field, rng: np.random.Generator) -> Field:
    """Three waves at 120 degrees to one another: hexagons, blisters or rosettes."""
    half, high = np.float32(0.5), np.float32(np.sqrt(0.75))
    total = _wave(u) + _wave(-half * u + high * v) + _wave(-half * u - high * v)
    return _edge(total * np.float32(1 / 3), rng)


PATTERNS: tuple[Pattern, ...] = (stripes, checks, lattice, dots, bricks, weave, knit, honeycomb)


def pattern(rng: np.random.Generator, side: int) -> Field:
    """A field between 0 and 1 that repeats 3 times or more, more or less perfectly."""
    angle = rng.choice([0, np.pi / 4, rng.uniform(0, np.pi)], p=[0.5, 0.1, 0.4])
    u, v = turned(side, angle)
    often = float(np.exp(rng.uniform(np.log(3), np.log(max(4, side / 4.5)))))
    wander = np.float32(rng.exponential(0.06))
    u = u * np.float32(often) + wander * smooth(rng, side, 6) + np.float32(rng.random())
    v = v * np.float32(often * rng.choice([1, 1, rng.uniform(0.5, 1.5)])) + np.float32(rng.random())
    v = v + wander * smooth(rng, side, 6)
    drawn = PATTERNS[rng.integers(len(PATTERNS))](u, v, rng)
    return np.clip(drawn, 0, 1)


def periodic(rng: np.random.Generator, side: int) -> Picture:
    """Paint a pattern, flat or in relief, with a little noise of the material in it."""
    field = pattern(rng, side)
    if rng.random() < 0.25:
        field = leveled(relief(field, rng.uniform(0, 2 * np.pi), rng.uniform(1, 4)))
    rough = np.float32(rng.exponential(0.05)) * cloud(rng, side, rng.uniform(0, 1.5), coarsest=4)
    colors = ramp(rng, stops=int(rng.integers(2, 5)), spread=rng.uniform(0.4, 1.2))
    return painted(np.clip(field + rough, 0, 1), colors)
