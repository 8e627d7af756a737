"""A picture of the hypersphere that keeps distances to the center true."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

SAMPLE = 10_000  # items that turn one version's map onto the one before
AT_R, AT_EDGE = 0.45, 0.96  # of the way from the middle to the edge: the radius, the farthest item
RINGS = (2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)  # multiples of the radius
APART = 0.06  # of that way between two rings
BISECTIONS = 60


@dataclass(frozen=True)
class HypersphereMap:
    """Polar coordinates of embeddings: `distance` (n,) to the center and `angle` (n,) in radians.

    The distance is the true one in the latent space, not squared. The angle is the direction
    within the plane of the first two principal directions, so nearby angles need not be near.
    """

    distance: NDArray[np.float32]
    angle: NDArray[np.float32]

    @property
    def xy(self) -> NDArray[np.floating[Any]]:
        """Places (n, 2) on the map."""
        return to_plane(self.distance, self.angle)


def to_plane(
    distance: NDArray[np.floating[Any]] | float, angle: NDArray[np.floating[Any]] | float
) -> NDArray[np.floating[Any]]:
    """Return the places (..., 2) of distances and angles (...) on the map, the center at 0."""
    return np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=-1)


def map_hypersphere(z: NDArray[np.float32], c: NDArray[np.float32]) -> HypersphereMap:
    """Map embeddings `z` (n, latent) around the center `c` (latent,) into the plane.

    Each embedding counts by its direction alone, so that one far point cannot choose the plane.
    """
    offset = (z - c).astype(np.float64)
    distance = np.linalg.norm(offset, axis=1)
    direction = offset / np.maximum(distance, np.finfo(np.float64).tiny)[:, None]
    direction -= direction.mean(axis=0)
    ascending = np.linalg.eigh(direction.T @ direction).eigenvectors  # one a column
    axes = fix_signs(ascending[:, :-3:-1].T)
    angle = np.arctan2(direction @ axes[1], direction @ axes[0])
    return HypersphereMap(distance.astype(np.float32), angle.astype(np.float32))


def fix_signs(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make the largest entry of each axis positive, so that the picture does not flip by chance."""
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return axes * np.sign(largest)


@dataclass(frozen=True)
class Turn:
    """A turn of the plane around the center by `by` radians, after a reflection where `flip` is -1.

    Two maps of one pool may differ by such a turn without any embedding having moved.
    """

    flip: int = 1
    by: float = 0.0

    def of(self, angle: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Turn angles (n,) in radians."""
        return self.flip * angle + self.by


def turn_onto(angle: NDArray[np.floating[Any]], target: NDArray[np.floating[Any]]) -> Turn:
    """Return the turn that brings angles (n,) nearest to the `target` (n,) of the same items.

    It maximises the mean cosine of what is left between them: an orthogonal Procrustes problem in
    the plane (Schönemann 1966). Without any item, nothing is turned.
    """
    if not len(angle):
        return Turn()
    turned = np.exp(1j * (target - angle)).mean()
    flipped = np.exp(1j * (target + angle)).mean()
    if abs(turned) >= abs(flipped):
        return Turn(1, float(np.angle(turned)))
    return Turn(-1, float(np.angle(flipped)))


def like_before(
    located: NDArray[np.floating[Any]], before: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    """Turn a map so that its items lie where they did on the one before, as far as a turn can.

    Both are distances and angles by item number, (n, 2) and (m, 2), NaN for what is not known.
    """
    both = min(len(located), len(before))
    every = -(-both // SAMPLE) or 1
    angle, target = located[:both:every, 1], before[:both:every, 1]
    known = ~(np.isnan(angle) | np.isnan(target))
    turned = turn_onto(angle[known], target[known]).of(located[:, 1])
    turned = (turned + np.pi) % (2 * np.pi) - np.pi
    return np.stack([located[:, 0], turned], axis=1).astype(located.dtype)


@dataclass(frozen=True)
class RadialScale:
    """How far from the middle distances are drawn: 0 is the middle, 1 the edge of the frame.

    The radius `R` lies at `AT_R`, so that the sphere is as large on every map. Distances up to it
    are true; beyond it they lie closer together, by a logarithm of equal slope at `R`, such that
    `reach`, the farthest one, is just inside the frame. Where it is so anyway, all are true.
    `pages/components/sphere/scale.js` says the same to a browser.
    """

    R: float
    reach: float

    @cached_property
    def bend(self) -> float:
        """Multiples of `R` beyond it in which the slope halves; infinite where all are true."""
        room, most = AT_EDGE / AT_R - 1, self.reach / self.R - 1
        if most <= room:
            return math.inf
        low, high = 1e-9, most
        for _ in range(BISECTIONS):
            bend = math.sqrt(low * high)
            low, high = (bend, high) if bend * math.log1p(most / bend) < room else (low, bend)
        return high

    def at(self, distance: NDArray[np.floating[Any]] | float) -> NDArray[np.floating[Any]]:
        """The shares of the way from the middle to the edge of distances (n,)."""
        if self.R <= 0:  # all has collapsed into the center
            return np.asarray(AT_EDGE * np.asarray(distance) / (self.reach or 1.0))
        times = np.asarray(distance) / self.R
        if math.isinf(self.bend):
            return np.asarray(AT_R * times)
        beyond = self.bend * np.log1p(np.maximum(times - 1, 0) / self.bend)
        return np.asarray(AT_R * (np.minimum(times, 1) + beyond))

    def places(self, located: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Places (n, 2) of distances and angles (n, 2), within the unit circle."""
        return to_plane(self.at(located[:, 0]), located[:, 1])

    @property
    def rings(self) -> list[int]:
        """The multiples of `R` at which a ring says how far it is, none too near another."""
        shown: list[int] = []
        last = AT_R
        for times in RINGS:
            at = float(self.at(times * self.R))
            if self.R > 0 and times * self.R <= self.reach and at - last >= APART:
                shown.append(times)
                last = at
        return shown
