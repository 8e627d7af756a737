"""Things: objects put together at random from a few parts, the way a child would draw them.

A thing is a list of patches about the middle of the image, the nearest last. Its maker is given the
colours it may use, of which the first is that of the body.
"""

from collections.abc import Callable
from itertools import product

import numpy as np

from anomaly_core.networks.drawn.pictures import shapes
from anomaly_core.networks.drawn.pictures.palettes import Colors
from anomaly_core.networks.drawn.pictures.patches import Patch

Thing = Callable[[np.random.Generator, Colors], list[Patch]]
DARK, UP = np.array([0.08, 0.08, 0.09], np.float32), np.pi / 2


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


def _mirrored(outline: np.ndarray) -> np.ndarray:
    return outline * (-1, 1) + (1, 0)


def garment(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A shirt, coat or dress: trunk, sleeves, neck, and a seam, a print or buttons on it."""
    wide, high = rng.uniform(0.26, 0.44), rng.uniform(0.5, 0.8)
    top, rough, cloth = 0.5 - high / 2, rng.uniform(0, 0.5), colors[0]
    trunk = shapes.box(0.5, 0.5, wide * rng.uniform(0.9, 1.7), high, taper=rng.uniform(0.6, 1.0))
    trunk[:2, 0] = 0.5 - wide / 2, 0.5 + wide / 2
    parts = []
    if rng.random() < 0.8:
        reach, drop = rng.uniform(0.1, 0.25), rng.uniform(0.1, high * 0.9)
        thick = rng.uniform(0.09, 0.17)
        start = (0.5 - wide / 2 + thick * 0.3, top + thick / 2)
        sleeve = shapes.limb(
            start, (start[0] - reach, top + drop), thick, thick * rng.uniform(0.6, 1.2)
        )
        angle = np.arctan2(drop, -reach)
        shade = cloth * np.float32(rng.uniform(0.8, 1.0))
        parts.append(Patch(sleeve, shade, angle, 0, 0.6, rough))
        parts.append(Patch(_mirrored(sleeve), shade, np.pi - angle, 0, 0.6, rough))
    parts.append(Patch(trunk, cloth, UP, 0, rng.uniform(0, 0.7), rough))
    if rng.random() < 0.8:
        neck = shapes.ellipse(0.5, top, wide * rng.uniform(0.3, 0.6), high * rng.uniform(0.08, 0.3))
        parts.append(Patch(neck[neck[:, 1] >= top - 1e-6], cloth * np.float32(0.35)))
    if rng.random() < 0.4:
        parts.append(Patch(shapes.box(0.5, 0.5, 0.012, high), cloth * np.float32(0.5)))
    if rng.random() < 0.35:
        print_ = shapes.blob(rng, 0.5, 0.5 - 0.1 * high, wide * 0.6, 0.2)
        parts.append(Patch(print_, colors[2], rough=rough))
    if rng.random() < 0.3:
        band = shapes.box(0.5, rng.uniform(0.45, 0.6), wide, high * rng.uniform(0.05, 0.2))
        parts.append(Patch(band, colors[1], rough=rough))
    return parts


def trousers(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """Two legs that hang from a waist; a skirt where they are one."""
    wide, high = rng.uniform(0.2, 0.34), rng.uniform(0.6, 0.82)
    top, cut = 0.5 - high / 2, rng.uniform(0.1, 0.5)
    foot, apart = wide * rng.uniform(0.25, 0.7), rng.uniform(0.0, 0.12)
    rough, cloth = rng.uniform(0, 0.5), colors[0]
    bottom = top + high * (1 if rng.random() < 0.7 else rng.uniform(0.5, 0.8))
    leg = np.array([
        (0.5 - wide / 2, top), (0.5, top), (0.5, top + high * cut),
        (0.5 - apart / 2, bottom), (0.5 - apart / 2 - foot, bottom),
    ])  # fmt: skip
    parts = [
        Patch(leg, cloth, UP, 0, rng.uniform(0.2, 0.7), rough),
        Patch(_mirrored(leg), cloth * np.float32(0.93), UP, 0, 0.5, rough),
    ]
    band = shapes.box(0.5, top, wide * 1.02, high * rng.uniform(0.03, 0.09))
    return [*parts, Patch(band, cloth * np.float32(rng.uniform(0.5, 0.9)))]


def shoe(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A shoe or boot from the side: sole, upper, shaft, laces."""
    length, shaft = (
        rng.uniform(0.6, 0.8),
        rng.choice([rng.uniform(0.02, 0.12), rng.uniform(0.2, 0.4)]),
    )
    left, floor = 0.5 - length / 2, rng.uniform(0.62, 0.75)
    heel, instep = rng.uniform(0.14, 0.25), rng.uniform(0.35, 0.55)
    toe = floor - rng.uniform(0.06, 0.14)
    upper = np.array([
        (left, floor), (left + 0.01, floor - heel - shaft),
        (left + length * 0.3, floor - heel - shaft), (left + length * instep, floor - heel * 0.9),
        (left + length * 0.8, toe), (left + length * 0.97, toe + 0.03), (left + length, floor),
    ])  # fmt: skip
    rough = rng.uniform(0, 0.3)
    high = rng.uniform(0.02, 0.08)
    sole = shapes.box(0.5, floor + high / 2, length * 1.03, high)
    if rng.random() < 0.3:  # a heel of its own
        sole = np.concatenate(
            [
                sole[:2],
                [sole[2], (left + 0.2, floor + high)],
                [(left + 0.18, floor + 0.1), (left, floor + 0.1)],
            ]
        )
    parts = [Patch(upper, colors[0], 0, 0.2, 0.6, rough), Patch(sole, colors[1])]
    if rng.random() < 0.5:
        stripe = shapes.limb(
            (left + length * 0.35, floor), (left + length * 0.5, floor - heel), 0.05, 0.03
        )
        parts.append(Patch(stripe, colors[2]))
    for index in range(int(rng.integers(0, 5))):
        x, y = left + length * (instep + 0.06 * index), floor - heel * (0.85 - 0.13 * index)
        parts.append(
            Patch(shapes.limb((x - 0.03, y), (x + 0.03, y + 0.03), 0.012, 0.012), colors[3])
        )
    return parts


def bag(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A bag, basket, case or cup: a body with a handle, a flap and a lock."""
    wide, high = rng.uniform(0.35, 0.7), rng.uniform(0.25, 0.5)
    low, rough = 0.6, rng.uniform(0, 0.5)
    top = low - high / 2
    ring = shapes.ellipse(0.5, top, wide * rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.5))
    hole = (ring - (0.5, top)) * rng.uniform(0.75, 0.9) + (0.5, top)
    body = shapes.box(0.5, low, wide, high, taper=rng.uniform(0.7, 1.2))
    if rng.random() < 0.4:
        body = shapes.superellipse(0.5, low, wide, high, rng.uniform(3, 7))
    parts = [Patch(ring, colors[1]), Patch(hole, colors[5])]
    parts.append(Patch(body, colors[0], 0, rng.uniform(0, 0.5), rng.uniform(0, 0.7), rough))
    if rng.random() < 0.6:
        flap = shapes.box(0.5, top + high * 0.2, wide * 0.97, high * 0.4, taper=1.03)
        parts.append(Patch(flap, colors[0] * np.float32(rng.uniform(0.7, 1.2)), 0, 0, 0.3, rough))
    if rng.random() < 0.6:
        parts.append(Patch(shapes.box(0.5, top + high * 0.45, 0.06, 0.05), colors[2], 0, 0, 0.6))
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
            parts.append(Patch(_mirrored(outline), color, np.pi - turn, along, across, rough))
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


THINGS: tuple[Thing, ...] = (
    vessel, garment, trousers, shoe, bag, flower, assembly, hardware, board
)  # fmt: skip
