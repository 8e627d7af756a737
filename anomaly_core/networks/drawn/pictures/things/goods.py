"""Things to use: vessels, flowers, toys, hardware, boards and food."""

from itertools import product

import numpy as np

from anomaly_core.networks.drawn.pictures import shapes
from anomaly_core.networks.drawn.pictures.palettes import Colors
from anomaly_core.networks.drawn.pictures.patches import Patch
from anomaly_core.networks.drawn.pictures.things.thing import DARK, UP, Thing, mirrored


def vessel(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A bottle, vase, lamp or column: turned on a lathe, with bands, perhaps a handle."""
    height, width = rng.uniform(0.5, 0.8), rng.uniform(0.2, 0.6)
    top = 0.5 - height / 2
    bulge, rough = rng.uniform(0.5, 0.97), rng.uniform(0, 0.3)
    parts = []
    if rng.random() < 0.4:
        x, high = 0.5 + width * rng.uniform(0.3, 0.5), height * rng.uniform(0.3, 0.6)
        parts.append(Patch(shapes.ellipse(x, 0.5, width * 0.6, high), colors[1], UP, 0, 0.5))
        inner = shapes.ellipse(x, 0.5, width * 0.4, high * 0.7)
        parts.append(Patch(inner, colors[0] * np.float32(0.3)))
    body = shapes.lathed(rng, 0.5, top, height, width)
    parts.append(Patch(body, colors[0], UP, 0, bulge, rough))
    for index in range(int(rng.integers(0, 3))):
        low = rng.uniform(top, top + height * 0.8)
        row = (body[:, 1] >= low) & (body[:, 1] <= low + height * rng.uniform(0.1, 0.35))
        if row.sum() >= 4:
            parts.append(Patch(body[row], colors[2 + index], UP, 0, bulge, rough))
    return parts


def flower(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A flower, tree, mushroom or umbrella: a stem, leaves, and petals or a crown."""
    x, y, size = rng.normal(0.5, 0.05), rng.uniform(0.28, 0.45), rng.uniform(0.3, 0.6)
    parts = [
        Patch(shapes.limb((x, y), (0.5, 0.95), 0.04, rng.uniform(0.03, 0.1)), colors[1], UP, 0, 0.8)
    ]
    for _ in range(int(rng.integers(0, 4))):
        side, high = rng.choice([-1, 1]), rng.uniform(0.6, 0.9)
        turn = side * rng.uniform(0.2, 0.9)
        leaf = shapes.ellipse(0.5 + side * 0.1, high, 0.22, 0.08, turn)
        parts.append(Patch(leaf, colors[1] * np.float32(rng.uniform(0.8, 1.2)), turn, 0, 0.6))
    petals = int(rng.integers(4, 10))
    if rng.random() < 0.5:
        for turn in np.linspace(0, 2 * np.pi, petals + 1)[:-1]:
            cx, cy = x + np.cos(turn) * size / 3, y + np.sin(turn) * size / 3
            petal = shapes.ellipse(cx, cy, size / 1.8, size * rng.uniform(0.2, 0.35), turn)
            parts.append(Patch(petal, colors[0], turn, 0.3, 0.6, 0.1))
        return [
            *parts,
            Patch(shapes.ellipse(x, y, size / 3.5, size / 3.5), colors[2], 0, 0.7, 0.7, 0.4),
        ]
    for _ in range(petals):
        cx, cy = np.array((x, y)) + rng.normal(0, size / 5, 2)
        crown = shapes.blob(rng, cx, cy, size * rng.uniform(0.5, 0.9), 0.12)
        shade = colors[0] * np.float32(rng.uniform(0.75, 1.15))
        parts.append(Patch(crown, shade, 0, 0.6, 0.6, 0.5))
    return parts


def assembly(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """Any parts, half of the time in a symmetric arrangement: a toy, a device, an emblem."""
    parts = []
    even = rng.random() < 0.6
    for _ in range(int(rng.integers(2, 7))):
        x, y = rng.normal(0.5, 0.13, 2)
        size, turn = rng.uniform(0.12, 0.5), rng.choice([0, rng.uniform(0, np.pi)])
        outline = (
            shapes.superellipse(x, y, size, size * rng.uniform(0.3, 1), rng.uniform(1, 7), turn),
            shapes.turned(
                shapes.box(0, 0, size, size * rng.uniform(0.2, 1), taper=rng.uniform(0.4, 1)), turn
            )
            + np.array((x, y)),
            shapes.star(x, y, size, int(rng.integers(3, 8)), rng.choice([1, 0.5]), turn),
            shapes.blob(rng, x, y, size, 0.2),
            shapes.lathed(rng, x, y - size / 2, size, size * 0.6),
        )[rng.integers(5)]
        color = colors[rng.integers(len(colors))]
        along, across = rng.choice([0, 0.5, 0.95], 2)
        rough = rng.choice([0, 0.3])
        parts.append(Patch(outline, color, turn, along, across, rough))
        if even:
            parts.append(Patch(mirrored(outline), color, np.pi - turn, along, across, rough))
    return parts


def hardware(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A nut, gear, washer or capsule: rings and polygons about one middle, seen from above."""
    size, turn = rng.uniform(0.5, 0.85), rng.uniform(0, np.pi)
    corners = int(rng.integers(4, 9))
    outer = (
        shapes.star(0.5, 0.5, size, corners, 1, turn),
        shapes.star(0.5, 0.5, size, int(rng.integers(8, 20)), rng.uniform(0.8, 0.92), turn),
        shapes.ellipse(0.5, 0.5, size, size),
        shapes.superellipse(0.5, 0.5, size, size * rng.uniform(0.3, 1), rng.uniform(2, 7), turn),
    )[rng.integers(4)]
    rough = rng.uniform(0, 0.5)
    parts = [Patch(outer, colors[0], turn, rng.uniform(0, 0.8), rng.uniform(0, 0.8), rough)]
    for index in range(int(rng.integers(1, 4))):
        size *= rng.uniform(0.4, 0.85)
        shade = (
            DARK if rng.random() < 0.3 else colors[index % 3] * np.float32(rng.uniform(0.5, 1.2))
        )
        ring = shapes.ellipse(0.5, 0.5, size * 0.8, size * 0.8)
        parts.append(Patch(ring, shade, turn, rng.uniform(0, 0.6), rng.uniform(0, 0.6), rough))
    for spoke in np.linspace(0, 2 * np.pi, int(rng.choice([1, 4, 5, 7])))[:-1] + turn:
        x, y = 0.5 + 0.3 * size * np.cos(spoke), 0.5 + 0.3 * size * np.sin(spoke)
        parts.append(Patch(shapes.ellipse(x, y, size / 7, size / 7), DARK))
    return parts


def board(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A circuit, keyboard, shelf or facade: a plate with traces and rows of parts with pins."""
    wide, high = rng.uniform(0.6, 0.95, 2)
    left, top = 0.5 - wide / 2, 0.5 - high / 2
    parts = [Patch(shapes.box(0.5, 0.5, wide, high), colors[0], rough=rng.uniform(0, 0.3))]
    bright = colors[1] * np.float32(0.5) + np.float32(0.5) * colors[0]
    for _ in range(int(rng.integers(0, 9))):
        x, y = left + wide * rng.uniform(0.1, 0.9), top + high * rng.uniform(0.1, 0.9)
        parts.append(Patch(shapes.box(x, 0.5, 0.012, high * rng.uniform(0.2, 0.9)), bright))
        parts.append(Patch(shapes.box(0.5, y, wide * rng.uniform(0.2, 0.9), 0.012), bright))
    for _ in range(int(rng.integers(1, 5))):
        columns, rows = rng.integers(1, 5, 2)
        pitch, gap = rng.uniform(0.06, 0.2, 2), rng.uniform(0.5, 0.9, 2)
        x0, y0 = left + rng.uniform(0.05, 0.7) * wide, top + rng.uniform(0.05, 0.7) * high
        color = DARK if rng.random() < 0.3 else colors[rng.integers(1, len(colors))]
        for column, row in product(range(columns), range(rows)):
            x, y = x0 + column * pitch[0] + pitch[0] / 2, y0 + row * pitch[1] + pitch[1] / 2
            if x + pitch[0] / 2 < left + wide and y + pitch[1] / 2 < top + high:
                pins = shapes.box(x, y, pitch[0] * gap[0] * 1.15, pitch[1] * gap[1] * 0.6)
                chip = shapes.box(x, y, pitch[0] * gap[0], pitch[1] * gap[1])
                parts += [Patch(pins, bright), Patch(chip, color, 0, 0, 0.3)]
    return parts


def food(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """Fruit, pills, nuts or cakes: one large body or several alike, with stalks, seeds, a plate."""
    parts = []
    if rng.random() < 0.4:
        for size in (0.9, 0.65):
            plate = shapes.ellipse(0.5, 0.62, size, size * 0.5)
            parts.append(Patch(plate, colors[4] * np.float32(0.5 + 0.5 * size), 0, 0.2, 0.2))
    count = int(rng.choice([1, 1, 2, 3, 6]))
    size, long = rng.uniform(0.45, 0.75) / np.sqrt(count), rng.uniform(0.4, 1)
    power, ragged, rough = rng.uniform(2, 3), rng.choice([0, 0.05, 0.12]), rng.uniform(0, 0.7)
    seeds, stalk = rng.integers(0, 12) * (rng.random() < 0.5), rng.random() < 0.5
    for _ in range(count):
        turn = rng.normal(0, 0.3) if count == 1 else rng.uniform(0, np.pi)
        x, y = np.array((0.5, 0.55)) + rng.normal(0, 0.17 * (count > 1), 2)
        body = shapes.superellipse(x, y, size, size * long, power, turn)
        if ragged:
            body = shapes.blob(rng, x, y, size, ragged)
        color = colors[0] * np.float32(rng.uniform(0.85, 1.1))
        parts.append(Patch(body, color, turn, 0.85, 0.85, rough))
        for dx, dy in rng.normal(0, size * 0.17, (seeds, 2)):
            dot = shapes.ellipse(x + dx, y + dy * long, size * 0.07, size * 0.05, turn)
            parts.append(Patch(dot, colors[2] * np.float32(0.7)))
        if stalk:
            start = (x, y - size * long * 0.4)
            end = (x + rng.normal(0, size / 6), start[1] - size * 0.25)
            parts.append(Patch(shapes.limb(start, end, 0.03, 0.02), colors[1] * np.float32(0.6)))
    return parts


GOODS: tuple[Thing, ...] = (vessel, flower, assembly, hardware, board, food)
