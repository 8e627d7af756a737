"""Fractals: iterated function systems, and the sets of Julia.

After Kataoka et al. 2020, "Pre-training without Natural Images" (FractalDB), with contractive maps
drawn by their singular values as in Anderson and Farrell 2021, "Improving Fractal Pre-training",
and with colour carried from map to map as in Draves' fractal flames. Painters return
(side, side, 3) between 0 and 1.
"""

import numpy as np
from numpy.typing import NDArray

from anomaly_core.networks.drawn.pictures.fields import Field, Picture, leveled, resized, turned
from anomaly_core.networks.drawn.pictures.palettes import painted, palette, ramp

POINTS, STEPS, SETTLE = 2500, 22, 6

Points = NDArray[np.float32]  # (count,)


def _maps(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Affine contractions (count, 6): a, b, c, d, e, f of (a x + b y + e, c x + d y + f)."""
    first, second = rng.uniform(0, 2 * np.pi, (2, count))
    long = rng.uniform(0.4, 0.9, count)
    short = long * rng.uniform(0.2, 1, count) * rng.choice([-1, 1], count)
    c, s, d, t = np.cos(first), np.sin(first), np.cos(second), np.sin(second)
    a = np.stack([c * long * d - s * short * t, -c * long * t - s * short * d])
    b = np.stack([s * long * d + c * short * t, -s * long * t + c * short * d])
    return np.concatenate([a, b, rng.uniform(-1, 1, (2, count))]).T.astype(np.float32)


def _bend(x: Points, y: Points, kind: int) -> tuple[Points, Points]:
    """One of the variations of a flame; 0 leaves the plane as it is."""
    if kind == 0:
        return x, y
    z: NDArray[np.complex64] = x + np.complex64(1j) * y
    if kind == 1:  # sinusoidal
        return np.sin(z.real), np.sin(z.imag)
    if kind == 2:  # swirl
        z = z * np.exp(np.complex64(1j) * (x * x + y * y))
    else:  # folded
        z = z * z / (np.abs(z) + np.float32(0.3))
    return z.real, z.imag


def _orbit(rng: np.random.Generator) -> tuple[Points, Points, Points]:
    """Places and colours (0 to 1) of many points of one attractor."""
    count = int(rng.integers(2, 7))
    maps = _maps(rng, count)
    area = np.abs(maps[:, 0] * maps[:, 3] - maps[:, 1] * maps[:, 2]) + 0.05
    # a map's share of this table is how likely it is drawn: a look-up is quicker than a search
    table = np.searchsorted(np.cumsum(area / area.sum())[:-1], np.arange(256) / 256)
    kind = int(rng.choice([0, 1, 2, 3], p=[0.7, 0.1, 0.1, 0.1]))
    rows = np.ascontiguousarray(maps.T)
    own = rng.random(count, dtype=np.float32)
    x, y = rng.uniform(-1, 1, (2, POINTS)).astype(np.float32)
    color = np.full(POINTS, 0.5, np.float32)
    kept = []
    for step in range(STEPS):
        which = table.take(rng.integers(256, size=POINTS, dtype=np.uint8))
        a, b, c, d, e, f = (row.take(which) for row in rows)
        x, y = _bend(a * x + b * y + e, c * x + d * y + f, kind)
        color = (color + own.take(which)) * np.float32(0.5)
        if step >= SETTLE:
            kept.append((x, y, color))
    xs, ys, all_colors = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    return xs, ys, all_colors


def _scaled(values: Points, side: int, low: float, high: float) -> NDArray[np.intp]:
    placed = (values - np.float32(low)) * np.float32(side / (high - low + 1e-6))
    return placed.astype(np.intp)


def fractal(rng: np.random.Generator, side: int) -> Picture:
    """Paint the attractor of 2 to 6 contractions, denser places brighter, on a plain ground."""
    x, y, color = _orbit(rng)
    (left, right), (top, bottom) = (np.percentile(axis[::29], [1, 99]) for axis in (x, y))
    pad = 0.1 * max(right - left, bottom - top)
    column = _scaled(x, side, left - pad, right + pad)
    row = _scaled(y, side, top - pad, bottom + pad)
    inside = (column >= 0) & (column < side) & (row >= 0) & (row < side)
    place = (row * side + column)[inside]
    hits = np.bincount(place, minlength=side * side).reshape(side, side).astype(np.float32)
    tint = np.bincount(place, weights=color[inside], minlength=side * side).reshape(side, side)
    hue: Field = np.clip(tint.astype(np.float32) / np.maximum(hits, np.float32(1)), 0, 1)
    dense = np.log1p(hits)
    cover = np.clip(dense * np.float32(rng.uniform(0.4, 1.5)), 0, 1)[..., None]
    bright = dense / (dense.max() + np.float32(1e-6))
    ink = painted(hue, ramp(rng, stops=4, spread=1.3))
    ink = ink * (np.float32(0.5) + np.float32(0.5) * bright[..., None])
    ground = palette(rng, 1)[0] if rng.random() < 0.6 else np.float32(rng.choice([0.02, 0.97]))
    picture: Picture = ground + cover * (ink - ground)
    return picture


def julia(rng: np.random.Generator, side: int) -> Picture:
    """Paint how soon z^2 + c leaves the disc, near the border of the Mandelbrot set."""
    t = rng.uniform(0, 2 * np.pi)
    c = np.complex64((0.5 * np.exp(1j * t) - 0.25 * np.exp(2j * t)) * rng.uniform(1.0, 1.12))
    small = (side * 3 + 3) // 4  # drawn smaller: it is the dearest of all
    u, v = turned(small, rng.uniform(0, np.pi))
    zoom = np.float32(rng.uniform(0.8, 3.2))
    middle = rng.uniform(-0.4, 0.4, 2).astype(np.float32)
    z = (u * zoom + middle[0]) + 1j * (v * zoom + middle[1])
    z = z.astype(np.complex64)
    last = np.zeros((small, small), np.float32)
    for _ in range(24):
        z = z * z + c
        size = z.real**2 + z.imag**2
        free = size < 16
        last += free
        z[~free] = 4
    field = leveled(resized(np.sqrt(last), side), contrast=rng.uniform(1, 2))
    return painted(field, ramp(rng, stops=int(rng.integers(3, 7)), spread=1.3))
