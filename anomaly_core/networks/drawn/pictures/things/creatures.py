"""Things alive: animals, faces and people."""

import numpy as np

from anomaly_core.networks.drawn.pictures import shapes
from anomaly_core.networks.drawn.pictures.palettes import Colors
from anomaly_core.networks.drawn.pictures.patches import Patch
from anomaly_core.networks.drawn.pictures.things.thing import DARK, UP, Thing


def beast(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """An animal from the side: trunk, legs, neck, head, ears, tail and an eye."""
    long, high = rng.uniform(0.35, 0.55), rng.uniform(0.16, 0.32)
    x, y = rng.normal(0.48, 0.02), rng.uniform(0.45, 0.58)
    fur, rough = colors[0], rng.uniform(0.1, 0.6)
    leg, thick = rng.uniform(0.1, 0.3), rng.uniform(0.04, 0.1)
    parts = []
    tail = (x - long / 2 - rng.uniform(0.05, 0.15), y + rng.uniform(-0.2, 0.15))
    parts.append(
        Patch(shapes.limb((x - long / 2 + 0.04, y), tail, thick, thick / 3), fur, 0, 0, 0.5, rough)
    )
    for index, at in enumerate((-0.28, 0.42, -0.4, 0.3)):  # the far ones first, and darker
        hip = (x + at * long, y + high * 0.3)
        foot = (hip[0] + rng.normal(0, 0.04), min(0.95, hip[1] + leg + high * 0.2))
        shade = fur * np.float32(0.65 if index < 2 else 0.95)
        parts.append(
            Patch(shapes.limb(hip, foot, thick * 1.4, thick * 0.8), shade, UP, 0, 0.6, rough)
        )
    trunk = shapes.superellipse(x, y, long, high, rng.uniform(2, 3), rng.normal(0, 0.08))
    parts.append(Patch(trunk, fur, 0, 0.5, 0.85, rough))
    size = rng.uniform(0.14, 0.24)
    hx, hy = x + long / 2 + rng.uniform(0, 0.1), y - rng.uniform(0.05, 0.25)
    parts.append(
        Patch(
            shapes.limb((x + long * 0.35, y), (hx, hy), high * 0.7, size * 0.7),
            fur,
            0,
            0,
            0.6,
            rough,
        )
    )
    for side in (-1, 1):
        ear = shapes.star(
            hx + side * size * 0.25, hy - size * 0.5, size * rng.uniform(0.4, 0.8), 3, 1, -UP
        )
        parts.append(Patch(ear, fur * np.float32(0.75)))
    parts.append(Patch(shapes.ellipse(hx, hy, size, size * 0.9), fur, 0, 0.7, 0.7, rough))
    parts.append(
        Patch(
            shapes.ellipse(hx + size * 0.4, hy + size * 0.15, size * 0.6, size * 0.4),
            colors[1],
            0,
            0.6,
            0.6,
        )
    )
    parts.append(
        Patch(shapes.ellipse(hx + size * 0.1, hy - size * 0.1, size * 0.16, size * 0.16), DARK)
    )
    return parts


def face(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A head from in front: hair or fur, ears, eyes, a nose and a mouth, on shoulders."""
    wide, high = rng.uniform(0.35, 0.55), rng.uniform(0.4, 0.6)
    rough, skin = rng.uniform(0, 0.4), colors[0]
    parts = [Patch(shapes.superellipse(0.5, 1.0, 0.9, 0.5, 3), colors[3], 0, 0.4, 0.6, rough)]
    ear, spread = rng.uniform(0.08, 0.25), rng.uniform(0.3, 0.5)
    for side in (-1, 1):
        place = (0.5 + side * wide * spread, 0.5 - high * rng.uniform(0.0, 0.5))
        parts.append(Patch(shapes.ellipse(*place, ear, ear * 1.5), colors[1], UP, 0.4, 0.4, rough))
    parts.append(
        Patch(shapes.ellipse(0.5, 0.45, wide * 1.2, high * 1.15), colors[1], 0, 0.5, 0.5, 0.6)
    )
    parts.append(Patch(shapes.ellipse(0.5, 0.5, wide, high), skin, 0, 0.7, 0.7, rough))
    eye = rng.uniform(0.05, 0.1)
    for side in (-1, 1):
        at = (0.5 + side * wide * 0.22, 0.46)
        parts.append(Patch(shapes.ellipse(*at, eye, eye * 0.7), np.full(3, 0.95, np.float32)))
        parts.append(Patch(shapes.ellipse(*at, eye * 0.5, eye * 0.6), DARK))
    parts.append(
        Patch(
            shapes.star(0.5, 0.56, rng.uniform(0.06, 0.12), 3, 1, rng.choice([UP, -UP])),
            skin * np.float32(0.7),
        )
    )
    mouth = shapes.ellipse(0.5, 0.66, wide * rng.uniform(0.2, 0.45), rng.uniform(0.02, 0.06))
    return [*parts, Patch(mouth, colors[2] * np.float32(0.6))]


def bird(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A bird, fish or insect: a trunk with wings or fins, a tail and a pointed head."""
    turn, long = rng.normal(0, 0.3), rng.uniform(0.35, 0.6)
    high, rough = long * rng.uniform(0.25, 0.6), rng.uniform(0, 0.5)
    tail = np.array([(-0.4, 0), (-0.85, -0.25), (-0.75, 0), (-0.85, 0.25)]) * long
    shapes_ = [
        (tail, colors[1], 0.0),
        (shapes.ellipse(0, 0, long, high), colors[0], 0.8),
        (shapes.ellipse(0.05 * long, high * 0.2, long * 0.7, high * 0.5), colors[2], 0.3),
        (np.array([(0.6, -0.15), (0.8, -0.08), (0.6, 0.0)]) * long, colors[3], 0.0),
        (shapes.ellipse(0.5 * long, -0.1 * long, high * 0.8, high * 0.7), colors[0], 0.8),
    ]
    sweep, span = rng.uniform(-0.6, 0.2), rng.uniform(0.3, 0.8)
    wing = np.array([(0.2, 0), (sweep, -span), (sweep - 0.15, -span * 0.9), (-0.25, 0)]) * long
    if rng.random() < 0.5:
        shapes_.insert(0, (wing * (1, -1) if rng.random() < 0.5 else wing * 0.9, colors[1], 0.2))
    shapes_.append((wing, colors[1], 0.2))
    shapes_.append((shapes.ellipse(0.55 * long, -0.14 * long, 0.04, 0.04), DARK, 0.0))
    place = rng.normal(0.5, 0.03, 2)
    return [
        Patch(shapes.turned(outline, turn) + place, color, turn, bulge / 2, bulge, rough)
        for outline, color, bulge in shapes_
    ]


def person(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A person or a robot: head, trunk, two arms and two legs in any pose."""
    tall = rng.uniform(0.7, 0.9)
    top = 0.5 - tall / 2
    head, wide, rough = tall * rng.uniform(0.13, 0.24), tall * rng.uniform(0.18, 0.34), 0.2
    neck, hip = top + head, top + tall * rng.uniform(0.5, 0.62)
    thick = wide * rng.uniform(0.22, 0.4)
    parts = []
    for side in (-1, 1):
        start, spread = (0.5 + side * wide * 0.25, hip), rng.normal(0.05, 0.06)
        foot = (0.5 + side * (wide * 0.25 + spread), top + tall)
        leg = shapes.limb(start, foot, thick * 1.5, thick)
        parts.append(Patch(leg, colors[1], UP, 0, 0.7, rough))
        shoe = shapes.ellipse(foot[0] + side * 0.02, foot[1], thick * 1.8, thick * 0.9)
        parts.append(Patch(shoe, DARK))
        shoulder, angle = (0.5 + side * wide * 0.45, neck + thick * 0.7), rng.uniform(-0.8, 1.5)
        reach = tall * rng.uniform(0.25, 0.36)
        hand = (shoulder[0] + side * reach * np.cos(angle), shoulder[1] + reach * np.sin(angle))
        turn = np.arctan2(hand[1] - shoulder[1], hand[0] - shoulder[0])
        parts.append(
            Patch(shapes.limb(shoulder, hand, thick, thick * 0.7), colors[0], turn, 0, 0.7, rough)
        )
        parts.append(Patch(shapes.ellipse(*hand, thick, thick), colors[2], 0, 0.5, 0.5))
    trunk = shapes.superellipse(
        0.5, (neck + hip) / 2, wide, (hip - neck) * 1.15, rng.uniform(2.5, 6)
    )
    parts.append(Patch(trunk, colors[0], UP, 0.2, 0.6, rough))
    parts.append(Patch(shapes.ellipse(0.5, top + head * 0.45, head * 1.0, head * 1.1), colors[3]))
    face = shapes.ellipse(0.5, top + head * 0.58, head * 0.8, head * 0.9)
    return [*parts, Patch(face, colors[2], 0, 0.6, 0.6)]


CREATURES: tuple[Thing, ...] = (beast, face, bird, person)
