"""Things that drive, swim and fly."""

import numpy as np

from anomaly_core.networks.drawn.pictures import shapes
from anomaly_core.networks.drawn.pictures.palettes import Colors
from anomaly_core.networks.drawn.pictures.patches import Patch
from anomaly_core.networks.drawn.pictures.things.thing import DARK, UP, Thing

GLASS = np.array([0.55, 0.65, 0.72], np.float32)


def car(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A car, van, lorry or train from the side: body, cabin, windows, wheels, lamps."""
    long, high = rng.uniform(0.6, 0.88), rng.uniform(0.12, 0.22)
    floor, left = rng.uniform(0.62, 0.72), 0.5 - long / 2
    roof, share = rng.uniform(0.1, 0.25), rng.uniform(0.35, 0.9)
    cabin_x = 0.5 + rng.uniform(-0.5, 0.5) * long * (1 - share)
    taper, wheel = rng.uniform(0.6, 1.0), rng.uniform(0.12, 0.22)
    cabin = shapes.box(cabin_x, floor - high - roof / 2, long * share, roof * 1.04, taper=taper)
    body = shapes.superellipse(0.5, floor - high / 2, long, high, rng.uniform(4, 9))
    parts = [Patch(shapes.ellipse(0.5, floor + wheel * 0.5, long * 1.05, 0.05), DARK)]
    parts += [Patch(cabin, colors[0], 0, 0, 0.4), Patch(body, colors[0], 0, 0.1, 0.6)]
    panes = int(rng.integers(1, 5))
    for index in range(panes):
        x = cabin_x + (index - (panes - 1) / 2) * long * share * taper * 0.92 / panes
        pane = shapes.box(
            x,
            floor - high - roof * 0.48,
            long * share * taper * 0.75 / panes,
            roof * 0.65,
            taper=0.9,
        )
        parts.append(Patch(pane, GLASS * np.float32(rng.uniform(0.3, 1)), 0, 0, 0.4))
    if rng.random() < 0.5:
        parts.append(
            Patch(shapes.box(0.5, floor - high * 0.5, long * 0.97, high * 0.15), colors[1])
        )
    for x, color in ((left + 0.03, colors[2]), (left + long - 0.03, colors[3])):
        parts.append(Patch(shapes.ellipse(x, floor - high * 0.6, 0.05, high * 0.3), color))
    for at in np.linspace(0.2, 0.8, int(rng.choice([2, 2, 2, 3, 4]))):
        x = left + at * long
        parts.append(Patch(shapes.ellipse(x, floor, wheel, wheel), DARK, 0, 0.3, 0.3))
        parts.append(
            Patch(shapes.ellipse(x, floor, wheel * 0.55, wheel * 0.55), colors[4], 0, 0.4, 0.4)
        )
    return parts


def front(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A car, bus or machine from in front: a box with a windscreen, a grille and two lamps."""
    wide, high = rng.uniform(0.45, 0.7), rng.uniform(0.2, 0.35)
    floor, roof = 0.72, rng.uniform(0.12, 0.3)
    parts = []
    for side in (-1, 1):
        parts.append(Patch(shapes.box(0.5 + side * wide * 0.4, floor, wide * 0.16, 0.2), DARK))
    cabin = shapes.box(
        0.5, floor - high - roof / 2, wide * 0.92, roof * 1.05, taper=rng.uniform(0.65, 1)
    )
    body = shapes.superellipse(0.5, floor - high / 2, wide, high, rng.uniform(4, 8))
    parts += [Patch(cabin, colors[0], 0, 0.2, 0.3), Patch(body, colors[0], 0, 0.3, 0.6)]
    middle = cabin.mean(0)
    parts.append(
        Patch((cabin - middle) * (0.86, 0.75) + middle, GLASS * np.float32(0.5), UP, 0, 0.2)
    )
    grille = shapes.box(0.5, floor - high * 0.45, wide * rng.uniform(0.3, 0.6), high * 0.3)
    parts.append(Patch(grille, DARK + np.float32(0.1)))
    for side in (-1, 1):
        lamp = shapes.ellipse(
            0.5 + side * wide * 0.38, floor - high * 0.55, wide * 0.15, high * 0.25
        )
        parts.append(Patch(lamp, np.array([0.95, 0.93, 0.85], np.float32), 0, 0.4, 0.4))
    return parts


def ship(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """A ship or boat: a hull with a bow, decks, a funnel, masts or sails."""
    long, deep = rng.uniform(0.6, 0.9), rng.uniform(0.08, 0.18)
    deck, left = rng.uniform(0.55, 0.68), 0.5 - long / 2
    bow, stern = rng.uniform(0.03, 0.2), rng.uniform(0, 0.1)
    hull = np.array([
        (left, deck), (left + long, deck - 0.03),
        (left + long - bow, deck + deep), (left + stern, deck + deep),
    ])  # fmt: skip
    parts, x = [], rng.uniform(0.35, 0.65)
    if rng.random() < 0.5:
        tall = rng.uniform(0.3, 0.48)
        parts.append(
            Patch(shapes.box(x, deck - tall / 2, 0.015, tall), colors[4] * np.float32(0.6))
        )
        for side in (-1, 1):
            sail = np.array(
                [
                    (x, deck - tall),
                    (x, deck - 0.04),
                    (x + side * rng.uniform(0.1, 0.3), deck - 0.04),
                ]
            )
            parts.append(Patch(sail, colors[2], UP, 0.3, 0.4, 0.1))
    else:
        width, at = long * rng.uniform(0.3, 0.7), deck
        for _ in range(int(rng.integers(1, 4))):
            storey = rng.uniform(0.05, 0.1)
            at -= storey / 2
            parts.append(Patch(shapes.box(x, at, width, storey), colors[1], 0, 0, 0.2))
            parts.append(
                Patch(shapes.box(x, at, width * 0.9, storey * 0.3), DARK + np.float32(0.15))
            )
            at, width = at - storey / 2, width * rng.uniform(0.4, 0.9)
        parts.append(Patch(shapes.box(x, at - 0.05, 0.06, 0.1), colors[3], UP, 0, 0.8))
    return [*parts, Patch(hull, colors[0], 0, 0, 0.5, 0.15)]


def plane(rng: np.random.Generator, colors: Colors) -> list[Patch]:
    """An aeroplane: fuselage, two wings, a tail; from the side, from below or banking."""
    turn, long, thick = rng.normal(0, 0.35), rng.uniform(0.6, 0.85), rng.uniform(0.07, 0.13)
    span, sweep = rng.uniform(0.1, 0.4), rng.uniform(0.05, 0.3)
    wing = np.array([(0.08, 0), (-sweep, span), (-sweep - 0.08, span), (-0.12, 0)])
    fin = np.array([(-0.3, 0), (-0.42, -rng.uniform(0.1, 0.2)), (-0.5, -0.15), (-0.46, 0)]) * (
        long,
        1,
    )
    far = wing * (1, -rng.uniform(0.2, 1))
    body = shapes.superellipse(0, 0, long, thick, rng.uniform(2, 3.5))
    outlines = [
        (far, colors[1] * np.float32(0.8), 0.0), (fin, colors[2], 0.0), (body, colors[0], 0.9),
        (wing, colors[1], 0.1),
        (shapes.ellipse(long * 0.4, -thick * 0.15, long * 0.08, thick * 0.35), DARK, 0.0),
    ]  # fmt: skip
    flipped = np.array([rng.choice([-1, 1]), 1.0])
    return [
        Patch(shapes.turned(outline * flipped, turn) + 0.5, color, turn, 0.0, bulge)
        for outline, color, bulge in outlines
    ]


VEHICLES: tuple[Thing, ...] = (car, front, ship, plane)
