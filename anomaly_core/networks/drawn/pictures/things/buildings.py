"""Things that stand: furniture and houses."""

from itertools import product

import numpy as np

from anomaly_core.networks.drawn.pictures import shapes
from anomaly_core.networks.drawn.pictures.palettes import Colors
from anomaly_core.networks.drawn.pictures.patches import Patch
from anomaly_core.networks.drawn.pictures.things.thing import UP, Thing


def furniture(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A chair, table, bed or bench: a seat on legs, perhaps with a back, arms and cushions."""
    wide, seat = rng.uniform(0.35, 0.8), rng.uniform(0.45, 0.65)
    floor, thick = rng.uniform(0.8, 0.92), rng.uniform(0.03, 0.16)
    leg, rough = rng.uniform(0.02, 0.07), rng.uniform(0, 0.5)
    inset = rng.uniform(0, 0.1) * wide
    parts = []
    for side, depth in product((-1, 1), (0.06, 0.0)):  # the far legs first
        foot = (0.5 + side * (wide / 2 - leg), floor - depth)
        top = (0.5 + side * (wide / 2 - leg - inset - depth / 2), seat)
        shade = colors[1] * np.float32(1 - 4 * depth)
        parts.append(Patch(shapes.limb(top, foot, leg, leg), shade, UP, 0, 0.5, rough))
    if rng.random() < 0.65:
        high = rng.uniform(0.15, 0.4)
        back = shapes.box(0.5, seat - high / 2, wide * 0.95, high, taper=rng.uniform(0.8, 1.1))
        if rng.random() < 0.4:
            back = shapes.superellipse(0.5, seat - high / 2, wide, high * 1.2, rng.uniform(2, 6))
        parts.append(Patch(back, colors[0] * np.float32(0.85), UP, 0.2, 0.3, rough))
        for at in np.linspace(-0.4, 0.4, int(rng.integers(1, 6)))[1:-1]:
            bar = shapes.box(0.5 + at * wide, seat - high / 2, wide * 0.03, high * 0.9)
            parts.append(Patch(bar, colors[0] * np.float32(0.5)))
    top_ = shapes.box(0.5, seat + thick / 2, wide, thick, taper=rng.uniform(0.8, 1.05))
    parts.append(Patch(top_, colors[0], 0, 0.1, rng.uniform(0, 0.6), rough))
    if rng.random() < 0.3:
        for side in (-1, 1):
            arm = shapes.superellipse(0.5 + side * wide / 2, seat, 0.1, 0.22, 4)
            parts.append(Patch(arm, colors[0], UP, 0.2, 0.6, rough))
    return parts


def building(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A house, tower or barn: walls, a roof, rows of windows and a door."""
    wide, high, floor = rng.uniform(0.3, 0.8), rng.uniform(0.3, 0.7), rng.uniform(0.82, 0.95)
    top, rough = floor - high, rng.uniform(0.1, 0.5)
    parts = [Patch(shapes.box(0.5, floor - high / 2, wide, high), colors[0], rough=rough)]
    depth = rng.uniform(0, 0.2)
    if rng.random() < 0.5:  # the wall in the shade
        x = 0.5 + wide / 2
        wall = np.array([(x, top), (x + depth, top + 0.04), (x + depth, floor - 0.04), (x, floor)])
        parts.append(Patch(wall, colors[0] * np.float32(0.6), rough=rough))
    if rng.random() < 0.7:
        rise = rng.uniform(0.06, 0.25)
        roof = shapes.box(0.5, top - rise / 2, wide * 1.1, rise, taper=rng.choice([0.02, 0.5, 0.8]))
        parts.append(Patch(roof, colors[1], rough=rough))
    columns, rows = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    pane = np.array((wide / columns, high * 0.75 / rows)) * rng.uniform(0.3, 0.75, 2)
    glass = colors[2] * np.float32(rng.uniform(0.2, 0.9))
    for column, row in product(range(columns), range(rows)):
        x = 0.5 + ((column + 0.5) / columns - 0.5) * wide
        y = top + high * 0.78 * (row + 0.6) / rows
        parts.append(Patch(shapes.box(x, y, pane[0], pane[1]), glass))
    door = rng.uniform(0.06, 0.14)
    return [*parts, Patch(shapes.box(0.5, floor - door * 0.8, door, door * 1.6), colors[3])]


BUILDINGS: tuple[Thing, ...] = (furniture, building)
