"""Things to wear: shirts, trousers, shoes and bags."""

import numpy as np

from anomaly_core.networks.drawn.pictures import shapes
from anomaly_core.networks.drawn.pictures.palettes import Colors
from anomaly_core.networks.drawn.pictures.patches import Patch
from anomaly_core.networks.drawn.pictures.things.thing import UP, Thing, mirrored


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
        parts.append(Patch(mirrored(sleeve), shade, np.pi - angle, 0, 0.6, rough))
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
        Patch(mirrored(leg), cloth * np.float32(0.93), UP, 0, 0.5, rough),
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


CLOTHES: tuple[Thing, ...] = (garment, trousers, shoe, bag)
