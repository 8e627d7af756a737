"""Outlines of which things are made: boxes, ellipses, stars, blobs, limbs and lathed profiles.

Each is (corners, 2), x and y in shares of the image.
"""

import numpy as np

from anomaly_core.networks.drawn.pictures.patches import Contour

ANGLES = np.linspace(0, 2 * np.pi, 29)[:-1]
AROUND = np.stack([np.cos(ANGLES), np.sin(ANGLES)])  # (2, 28)
WAVES = np.arange(1, 5)[:, None]


def ellipse(x: float, y: float, width: float, height: float, turn: float = 0.0) -> Contour:
    """An ellipse about a centre."""
    return superellipse(x, y, width, height, 2.0, turn)


def superellipse(
    x: float, y: float, width: float, height: float, power: float, turn: float = 0.0
) -> Contour:
    """From a diamond (1) through an ellipse (2) to a box with round corners (6)."""
    c, s = AROUND
    if power == 2:
        return moved(turned(np.stack([c * width / 2, s * height / 2], 1), turn), x, y)
    u = np.sign(c) * np.abs(c) ** (2 / power) * width / 2
    v = np.sign(s) * np.abs(s) ** (2 / power) * height / 2
    return moved(turned(np.stack([u, v], 1), turn), x, y)


def box(
    x: float, y: float, width: float, height: float, *, taper: float = 1.0, lean: float = 0.0
) -> Contour:
    """A box about a centre; its top is `taper` times as wide and moved by `lean`."""
    w, h = width / 2, height / 2
    corners = [(lean - taper * w, -h), (lean + taper * w, -h), (w, h), (-w, h)]
    return moved(np.array(corners), x, y)


def star(x: float, y: float, size: float, points: int, inner: float, turn: float) -> Contour:
    """A star, or a polygon with equal sides where `inner` is 1."""
    t = np.linspace(0, 2 * np.pi, 2 * points + 1)[:-1] + turn
    radius = np.where(np.arange(2 * points) % 2, inner * np.cos(np.pi / points), 1) * size / 2
    if inner != 1:
        radius = np.where(np.arange(2 * points) % 2, inner, 1) * size / 2
    return moved(np.stack([radius * np.cos(t), radius * np.sin(t)], 1), x, y)


def blob(rng: np.random.Generator, x: float, y: float, size: float, ragged: float) -> Contour:
    """A round shape whose radius wanders."""
    strength, shift = rng.normal(size=(4, 1)) * ragged / WAVES, rng.uniform(0, 6.3, (4, 1))
    radius = 1 + (strength * np.cos(WAVES * ANGLES + shift)).sum(0)
    return moved((AROUND * (size / 2 * np.clip(radius, 0.2, 2))).T, x, y)


def limb(
    start: tuple[float, float], end: tuple[float, float], first: float, last: float
) -> Contour:
    """A capsule from one place to another, of two widths."""
    a, b = np.array(start), np.array(end)
    heading = np.arctan2(*(b - a)[::-1])
    t = np.linspace(np.pi / 2, 3 * np.pi / 2, 7) + heading
    cap = np.stack([np.cos(t), np.sin(t)], 1)
    return np.concatenate([a + cap * first / 2, b - cap * last / 2])


def lathed(rng: np.random.Generator, x: float, top: float, height: float, width: float) -> Contour:
    """A silhouette that is its own mirror image, as of a bottle, a vase or a lamp."""
    knots = rng.uniform(0.25, 1, int(rng.integers(3, 7)))
    at = np.linspace(0, 1, 20)
    radius = np.interp(at, np.linspace(0, 1, len(knots)), knots)
    if rng.random() < 0.7:
        radius = np.convolve(np.pad(radius, 2, "edge"), np.ones(5) / 5, "valid")
    radius *= width / 2 / radius.max()
    right = np.stack([x + radius, top + at * height], 1)
    left = np.stack([x - radius, top + at * height], 1)
    return np.concatenate([right, left[::-1]])


def turned(outline: Contour, angle: float, about: tuple[float, float] = (0, 0)) -> Contour:
    """The outline turned about a place."""
    c, s = np.cos(angle), np.sin(angle)
    there: Contour = (outline - about) @ np.array([[c, s], [-s, c]]) + about
    return there


def moved(outline: Contour, x: float, y: float) -> Contour:
    """The outline moved by x and y."""
    there: Contour = outline + np.array((x, y))
    return there


def bezier(control: Contour, steps: int) -> Contour:
    """Points (steps, 2) of the cubic curve of four control points (4, 2)."""
    t = np.linspace(0, 1, steps)[:, None]
    p, q, r, s = control
    curve: Contour = (1 - t) ** 3 * p + 3 * (1 - t) ** 2 * t * q + 3 * (1 - t) * t**2 * r + t**3 * s
    return curve
