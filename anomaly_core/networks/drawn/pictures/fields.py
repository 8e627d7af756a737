"""Fields: one number at every place, of which colours and shading are made.

A field is float32 (side, side). Coordinates run from 0 to 1, x to the right and y downwards.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]  # (side, side)
Picture = NDArray[np.float32]  # (side, side, 3), 0 to 1
Painter = Callable[[np.random.Generator, int], Picture]


@lru_cache(maxsize=16)
def grid(side: int) -> tuple[Field, Field]:
    """The x and the y of every pixel's centre, each (side, side) between 0 and 1."""
    line = (np.arange(side, dtype=np.float32) + 0.5) / side
    x: Field = np.tile(line, (side, 1))
    y: Field = x.T.copy()
    x.flags.writeable = y.flags.writeable = False  # they are shared
    return x, y


@lru_cache(maxsize=16)
def frequencies(side: int) -> tuple[Field, Field]:
    """The horizontal and vertical frequencies of a real spectrum, in cycles per image."""
    fx = np.fft.rfftfreq(side, 1 / side).astype(np.float32)[None, :]  # (1, side // 2 + 1)
    fy = np.fft.fftfreq(side, 1 / side).astype(np.float32)[:, None]  # (side, 1)
    return fx, fy


def turned(side: int, angle: float) -> tuple[Field, Field]:
    """Coordinates (u, v) about the centre, turned by an angle in radians."""
    x, y = grid(side)
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return c * (x - 0.5) + s * (y - 0.5), c * (y - 0.5) - s * (x - 0.5)


def cloud(
    rng: np.random.Generator,
    side: int,
    exponent: float,
    *,
    stretch: float = 1.0,
    angle: float = 0.0,
    coarsest: float = 0.0,
) -> Field:
    """Noise whose amplitude falls as 1 / f^exponent, with mean 0 and deviation 1.

    It is `stretch` times as long along `angle` as across; waves longer than a `coarsest`-th of
    the image are damped, which is what makes a surface look alike everywhere.
    """
    fx, fy = frequencies(side)
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    along, across = c * fx + s * fy, c * fy - s * fx
    power = (along * stretch) ** 2 + across**2 + np.float32(0.25 + coarsest**2)
    shape = (2, *power.shape)
    real, imaginary = rng.standard_normal(shape, dtype=np.float32)
    amplitude = power ** np.float32(-exponent / 2)
    amplitude[0, 0] = 0
    spectrum = (real + 1j * imaginary) * amplitude
    noise: Field = np.fft.irfft2(spectrum, s=(side, side)).astype(np.float32)
    noise /= noise.std() + np.float32(1e-8)
    return noise


def leveled(field: Field, *, contrast: float = 1.0) -> Field:
    """The field between 0 and 1, its mean in the middle and few places cut off."""
    spread = np.float32(5 / contrast) * field.std() + np.float32(1e-8)
    level: Field = np.clip((field - field.mean()) / spread + np.float32(0.5), 0, 1)
    return level


def resized(field: Field, side: int) -> Field:
    """A square field of any size, smoothly enlarged or reduced to (side, side)."""
    image = Image.fromarray(field).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image, np.float32)


def smooth(rng: np.random.Generator, side: int, cells: int) -> Field:
    """A field about 0 that changes over a `cells`-th of the image."""
    return resized(rng.standard_normal((cells, cells), dtype=np.float32), side)


def relief(height: Field, angle: float, depth: float) -> Field:
    """How much lighter or darker than flat a surface is, lit from an angle; about 0."""
    dy, dx = np.gradient(height, axis=0), np.gradient(height, axis=1)
    slope = np.float32(np.cos(angle)) * dx + np.float32(np.sin(angle)) * dy
    lit: Field = np.tanh(np.float32(depth) * slope).astype(np.float32)
    return lit


def tiles(
    rng: np.random.Generator, side: int, count: int, jitter: float = 1.0
) -> tuple[Field, Field, NDArray[np.intp]]:
    """Cells about count x count jittered points, as in Worley 1996, "A cellular texture basis".

    Returns the distances to the nearest and the second nearest point, in cells, and the number of
    the nearest, from 0 to (count + 2)^2 - 1.
    """
    x, y = grid(side)
    u, v = x * np.float32(count), y * np.float32(count)
    column, row = u.astype(np.intp), v.astype(np.intp)
    offset = rng.random((2, (count + 2) ** 2), dtype=np.float32)
    offset = np.float32(0.5) + np.float32(jitter) * (offset - np.float32(0.5))
    nearest = np.full((side, side), 9, np.float32)
    second, number = nearest.copy(), np.zeros((side, side), np.intp)
    for step in range(9):
        down, right = row + step // 3, column + step % 3
        cell = down * (count + 2) + right
        gap = (offset[0][cell] + right - 1 - u) ** 2 + (offset[1][cell] + down - 1 - v) ** 2
        gap = gap.astype(np.float32)
        closer = gap < nearest
        second = np.where(closer, nearest, np.minimum(second, gap))
        number = np.where(closer, cell, number)
        nearest = np.minimum(nearest, gap)
    return np.sqrt(nearest), np.sqrt(second), number
