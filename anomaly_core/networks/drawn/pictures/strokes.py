"""Strokes: sketches of many thin curves, and signs of a few thick ones as handwriting has.

Painters return (side, side, 3) between 0 and 1.
"""

import numpy as np
from numpy.typing import NDArray

from anomaly_core.networks.drawn.pictures import shapes
from anomaly_core.networks.drawn.pictures.fields import Picture, cloud, smooth
from anomaly_core.networks.drawn.pictures.palettes import palette
from anomaly_core.networks.drawn.pictures.patches import Contour, Patch, paint, stroke


def plain(rng: np.random.Generator, side: int, color: NDArray[np.float32]) -> Picture:
    """A sheet of one colour, or nearly: uneven light, a little grain."""
    sheet = np.ones((side, side), np.float32)
    if rng.random() < 0.5:
        sheet += np.float32(rng.exponential(0.04)) * smooth(rng, side, 3)
    if rng.random() < 0.4:
        sheet += np.float32(rng.exponential(0.03)) * cloud(rng, side, rng.uniform(0, 1))
    picture: Picture = np.clip(sheet[..., None] * color, 0, 1)
    return picture


def inks(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two colours, (3,) each, that can be told apart: ink and paper, or chalk and board."""
    ink, paper = palette(rng, 2)
    ink = ink * np.float32(rng.uniform(0, 0.6))
    paper = np.float32(1) - (np.float32(1) - paper) * np.float32(rng.uniform(0, 0.6))
    return (ink, paper) if rng.random() < 0.6 else (paper, ink)


def _tapered(rng: np.random.Generator, least: float, count: int) -> NDArray[np.float64]:
    """Shares of a width along a stroke, as the pen is pressed harder or less."""
    return np.linspace(rng.uniform(least, 1.2), rng.uniform(least, 1.2), count)


def _sign(rng: np.random.Generator) -> list[tuple[Contour, NDArray[np.float64]]]:
    """Curves of one sign: each starts where the last ended, or somewhere along it."""
    curves = []
    place = rng.uniform(0.25, 0.75, 2)
    width = rng.uniform(0.04, 0.13)
    for _ in range(int(rng.integers(1, 5))):
        to = np.clip(place + rng.choice([-1, 1], 2) * rng.uniform(0.05, 0.55, 2), 0.15, 0.85)
        swing = rng.choice([0.02, 0.35])
        control = np.stack(
            [place, place + rng.normal(0, swing, 2), to + rng.normal(0, swing, 2), to]
        )
        points = np.clip(shapes.bezier(control, 13), 0.08, 0.92)
        curves.append((points, width * _tapered(rng, 0.6, 13)))
        place = to if rng.random() < 0.7 else points[rng.integers(13)]
    if rng.random() < 0.35:  # a loop, as in 6, 8, 9, 0, a, b, d, o
        t = np.linspace(0, 2 * np.pi, 13)
        size = rng.uniform(0.12, 0.28, 2)
        loop = place + np.stack([np.cos(t) - 1, np.sin(t)], 1) * size
        curves.append((shapes.turned(loop, rng.uniform(0, 6.3), tuple(place)), np.full(13, width)))
    return curves


def sign(rng: np.random.Generator, side: int) -> Picture:
    """Paint one sign of a few thick connected strokes in the middle of a plain sheet."""
    ink, paper = inks(rng)
    curves = _sign(rng)
    points = np.concatenate([curve for curve, _ in curves])
    low, high = points.min(0), points.max(0)
    scale = rng.uniform(0.5, 0.75) / max(0.2, float((high - low).max()))
    shift = 0.5 - scale * (low + high) / 2 + rng.normal(0, 0.02, 2)
    outlines = [
        outline
        for curve, widths in curves
        for outline in stroke(curve * scale + shift, widths * min(scale, 1.5))
    ]
    patches = [Patch(outline, ink) for outline in outlines]
    return paint(patches, plain(rng, side, paper), None)


def sketch(rng: np.random.Generator, side: int) -> Picture:
    """Paint many Bezier curves of a few inks, alone, in sheaves or in hatchings."""
    ink, paper = inks(rng)
    colors = [ink, *palette(rng, int(rng.integers(0, 4)))] if rng.random() < 0.5 else [ink]
    patches: list[Patch] = []
    for _ in range(int(rng.integers(2, 9))):
        control = rng.uniform(-0.1, 1.1, 2) + rng.normal(0, 0.3, (4, 2))
        widths = rng.uniform(0.008, 0.05) * _tapered(rng, 0.3, 14)
        step = rng.normal(0, 0.04, 2)
        color = colors[rng.integers(len(colors))]
        for copy in range(int(rng.choice([1, 1, 1, 3, 5]))):
            points = shapes.bezier(control + copy * step, 14)
            patches += [Patch(outline, color) for outline in stroke(points, widths)]
    return paint(patches, plain(rng, side, paper), None)
