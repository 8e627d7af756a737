"""Bilinear scaling with antialiasing, to the values that torch gives, without loading torch.

Two sparse products do it in single precision. Where the result is so near to a half that the order
of adding up decides how it is rounded, it is computed once more in torch's order.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images

if TYPE_CHECKING:
    from scipy.sparse import csr_array

TAIL = 3  # of the taps, those that torch's processor code has left after fours
BAND = 8_000_000  # values that are in single precision at once
CHUNK = 4_000_000  # values that are computed once more at once
ROUNDING = 255 * 2.0**-23  # of a value, by each tap, in both computations

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Taps:
    """What of n values makes each of m: weights of consecutive values from `start` (m,) on.

    `head` (m, k) are added up in order, then `tail` (m, 3) from `rest` (m,) on, each with one
    rounding only; what is missing of either has weight 0.
    """

    start: Whole
    head: Floats
    rest: Whole
    tail: Floats
    matrix: "csr_array"  # (m, n) of all weights

    @cached_property
    def inexact(self) -> NDArray[np.bool_]:
        """Which (m,) have weights that make adding up round before the end."""
        weights = np.concatenate([self.head, self.tail], axis=1)
        return np.asarray((weights * 256 % 1).any(axis=1))

    @property
    def longest(self) -> int:
        """How many values make one at most."""
        return int(self.head.shape[1])

    def summed(self, values: Floats, tails: Floats, which: Whole) -> Floats:
        """Add up values (..., k) and tails (..., 3) with the weights of `which` (...)."""
        total = np.cumsum(values * self.head[which], axis=-1)[..., -1]
        for at in range(TAIL):
            product = tails[..., at].astype(np.float64) * self.tail[which, at]
            total = (product + total).astype(np.float32)
        return total


@lru_cache(maxsize=512)
def taps(length: int, wanted: int) -> Taps:
    """Weights that scale `length` values to `wanted`: a triangle, as wide as a value is spaced.

    The steps of rounding are those of `upsample_bilinear2d_aa` of PyTorch.
    """
    from scipy.sparse import csr_array  # here, for pages only look at the names of files

    scale = np.float32(length) / np.float32(wanted)
    support = max(scale, np.float32(1))
    narrow = np.float64(np.float32(1) / support)
    center = (np.float64(scale) * (np.arange(wanted) + 0.5)).astype(np.float32)
    start = np.maximum(((center - support).astype(np.float64) + 0.5).astype(np.int64), 0)
    end = np.minimum(((center + support).astype(np.float64) + 0.5).astype(np.int64), length)
    count = end - start
    steps = np.arange(count.max())
    places = (start[:, None] + steps).astype(np.float32) - center[:, None]
    away = np.abs(((places.astype(np.float64) + 0.5) * narrow).astype(np.float32))
    weights = np.maximum(np.float32(1) - away, np.float32(0))
    weights[steps >= count[:, None]] = 0
    weights /= np.cumsum(weights, axis=1)[:, -1:]
    inside = steps < count[:, None]
    columns = (start[:, None] + steps)[inside]
    matrix = csr_array(
        (weights[inside], columns, np.concatenate([[0], np.cumsum(count)])), (wanted, length)
    )
    full = 1 + (count - 1) // 4 * 4  # the first, and fours
    after = full[:, None] + np.arange(TAIL)
    tail = np.where(
        after < count[:, None],
        np.take_along_axis(weights, np.minimum(after, len(steps) - 1), axis=1),
        np.float32(0),
    )
    return Taps(start, np.where(steps < full[:, None], weights, 0), start + full, tail, matrix)


def scaled(pixels: Images, size: tuple[int, int]) -> Images:
    """Scale (height, width, channels) uint8 to `size` (height, width)."""
    if pixels.shape[0] >= size[0] or pixels.shape[1] < size[1]:
        return scaled_first_down(pixels, size)
    turned = scaled_first_down(np.ascontiguousarray(pixels.transpose(1, 0, 2)), size[::-1], True)
    return np.ascontiguousarray(turned.transpose(1, 0, 2))


def scaled_first_down(pixels: Images, size: tuple[int, int], turned: bool = False) -> Images:
    """Scale from top to bottom, then across; of an image that lies on its side, if `turned`."""
    (height, width, channels), (rows, columns) = pixels.shape, size
    down, across = taps(height, rows), taps(width, columns)
    values = across.matrix @ upright(low(pixels.reshape(height, -1), down), width)
    rounded = np.rint(values)  # (columns, rows * channels)
    result = rounded.astype(np.uint8)
    np.abs(np.subtract(values, rounded, out=values), out=values)
    unsure = np.flatnonzero(values > 0.5 - ROUNDING * (down.longest + across.longest))
    column, row, channel = np.unravel_index(unsure, (columns, rows, channels))
    told = down.inexact[row] | across.inexact[column]
    unsure, column, row, channel = unsure[told], column[told], row[told], channel[told]
    step = max(1, CHUNK // (down.longest * across.longest))
    for at in range(0, len(unsure), step):
        some = slice(at, at + step)
        ways = (down, row[some]), (across, column[some])
        if turned:
            exact = anew(pixels.transpose(1, 0, 2), *ways[::-1], channel[some])
        else:
            exact = anew(pixels, *ways, channel[some])
        result.reshape(-1)[unsure[some]] = np.rint(exact).astype(np.uint8)
    return upright(result, rows).reshape(rows, columns, channels)


def upright(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Turn (n, length * channels) into (length, n * channels)."""
    pixel = np.dtype((np.void, values.itemsize * values.shape[1] // length))  # moved at once
    return np.ascontiguousarray(values.view(pixel).T).view(values.dtype)


def low(lines: Images, down: Taps) -> Floats:
    """Scale (height, k) to the fewer or more lines of `down`, some of them at a time."""
    step = max(1, int(BAND / lines.shape[1] * len(down.start) / len(lines)))
    if step >= len(down.start):
        return np.asarray(down.matrix @ lines.astype(np.float32))
    made = np.empty((len(down.start), lines.shape[1]), np.float32)
    for at in range(0, len(made), step):
        part = down.matrix[at : at + step]
        first, last = int(part.indices.min()), int(part.indices.max()) + 1
        made[at : at + step] = part[:, first:last] @ lines[first:last].astype(np.float32)
    return made


def anew(
    pixels: Images, down: tuple[Taps, Whole], across: tuple[Taps, Whole], channel: Whole
) -> Floats:
    """Compute single values as torch does: along each row first, then down."""
    (tall, row), (wide, column) = down, across
    k = np.arange(tall.longest + TAIL)
    rows = np.where(k < tall.longest, tall.start[row, None] + k, 0)
    rows[:, tall.longest :] = tall.rest[row, None] + np.arange(TAIL)
    rows = np.minimum(rows, pixels.shape[0] - 1)[..., None]

    def values(first: Whole, count: int) -> Floats:
        columns = np.minimum(first[:, None] + np.arange(count), pixels.shape[1] - 1)[:, None]
        return np.asarray(pixels[rows, columns, channel[:, None, None]], np.float32)

    lines = wide.summed(
        values(wide.start[column], wide.longest), values(wide.rest[column], TAIL), column[:, None]
    )
    return tall.summed(lines[:, : tall.longest], lines[:, tall.longest :], row)
