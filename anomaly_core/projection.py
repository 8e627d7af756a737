"""A picture of the hypersphere that keeps distances to the center true."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
    """Map embeddings `z` (n, latent) round the center `c` (latent,) into the plane.

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
    """A turn of the plane round the center, by `by` radians, after a reflection where `flip` is -1.

    Two maps of one pool may differ by such a turn without any embedding having moved.
    """

    flip: int = 1
    by: float = 0.0

    def of(self, angle: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Turn angles (n,) in radians."""
        return self.flip * angle + self.by

    def after(self, first: "Turn") -> "Turn":
        """Return the turn that does `first` and then this one."""
        return Turn(self.flip * first.flip, self.flip * first.by + self.by)


def turn_onto(angle: NDArray[np.floating[Any]], target: NDArray[np.floating[Any]]) -> Turn:
    """Return the turn that brings angles (n,) nearest to the `target` (n,) of the same items.

    It maximises the mean cosine of what is left between them: an orthogonal Procrustes problem in
    the plane (Schönemann 1966).
    """
    turned = np.exp(1j * (target - angle)).mean()
    flipped = np.exp(1j * (target + angle)).mean()
    if abs(turned) >= abs(flipped):
        return Turn(1, float(np.angle(turned)))
    return Turn(-1, float(np.angle(flipped)))
