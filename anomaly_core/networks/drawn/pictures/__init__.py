"""Pictures that a program draws, to train a backbone by contrast without a single photograph.

Fractals are those of Kataoka et al. 2020, "Pre-training without Natural Images" (FractalDB); noise
and the mixture of many simple processes follow Baradad et al. 2021, "Learning to See by Looking at
Noise"; overlapping shapes are the dead leaves of Lee, Mumford and Huang 2001, "Occlusion Models for
Natural Images".
"""

from functools import partial
from math import ceil
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from anomaly_core.networks.drawn.pictures.families import (
    FAMILIES,
    KINDS,
    SURFACES,
    Pixels,
    any_picture,
    any_surface,
)
from anomaly_core.networks.drawn.pictures.fields import Painter, Picture

__all__ = [
    "FAMILIES",
    "KINDS",
    "SURFACES",
    "Painter",
    "Picture",
    "draw",
    "draw_labeled",
    "draw_many",
    "draw_surface",
]

Seed = int | tuple[int, ...]
AT_ONCE = 64  # the most pictures a process draws before it hands them over


def draw(seed: Seed, side: int) -> Pixels:
    """Draw the picture of a seed: uint8, (side, side, 3), the same at every call."""
    return draw_labeled(seed, side)[0]


def draw_labeled(seed: Seed, side: int) -> tuple[Pixels, int]:
    """Draw the picture of a seed, and say what it is of, as a place in `KINDS`."""
    return any_picture(np.random.default_rng(seed), side)


def draw_surface(seed: Seed, side: int) -> Pixels:
    """Draw the surface of a seed, a texture without objects: uint8, (side, side, 3)."""
    return any_surface(np.random.default_rng(seed), side)


def _drawn(index: int, side: int, seed: int) -> Pixels:
    return draw((seed, index), side)


def draw_many(
    start: int, count: int, side: int, seed: int, processes: int = 1
) -> NDArray[np.uint8]:
    """Draw pictures `start` to `start + count` of a seed: uint8, (count, side, side, 3).

    Each depends on the seed and its number only, however many processes draw. Processes are
    spawned, so a script that asks for several needs the usual `if __name__ == "__main__"`.
    """
    pictures = np.empty((count, side, side, 3), np.uint8)
    one, numbers = partial(_drawn, side=side, seed=seed), range(start, start + count)
    if processes == 1:
        for place, number in enumerate(numbers):
            pictures[place] = one(number)
        return pictures
    share = max(1, min(AT_ONCE, ceil(count / processes)))
    with get_context("spawn").Pool(processes) as pool:
        for place, picture in enumerate(pool.imap(one, numbers, share)):
            pictures[place] = picture
    return pictures
