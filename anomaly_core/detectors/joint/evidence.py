"""How much each of two hyperspheres is worth, by answers that neither had seen before it scored.

Every item is judged by the distances it had when its answer came, not by those of models that have
learned from the answer since (Dawid 1984, "Present Position and Potential Developments: The
Prequential Approach").
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL

Distances = NDArray[np.float32]  # (n, 2), squared, that of a usual image is 1

SHARES = np.array([0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 1.0])
"""Weights of the second sphere that are tried; the first has the rest."""

FEWEST = 2  # anomalous and normal answers before they count
CAUTION = 2.0  # pairs of answers that one step away from the share in use has to win
STRIDE = 2  # steps at most from one round to the next: a few answers are easily misled


@dataclass
class SphereEvidence:
    """The answered items, and how far out they lay before their answers came."""

    items: Labels = field(default_factory=lambda: np.empty(0, np.int64))
    distances: Distances = field(default_factory=lambda: np.empty((0, 2), np.float32))

    def unseen(self, y: Labels) -> Labels:
        """Return the items that have an answer in `y` (pool,) and are not judged yet."""
        return np.setdiff1d(np.flatnonzero(y), self.items)

    def add(self, items: Labels, distances: Distances) -> None:
        """Note the distances (n, 2) of items (n,)."""
        self.items = np.concatenate([self.items, items])
        self.distances = np.concatenate([self.distances, distances])

    def share(self, y: Labels, usual: float, current: float, others: Distances) -> float:
        """Return the weight of the second sphere (0 to 1) that the answers `y` (pool,) speak for.

        It is `usual` until both answers were given a few times, then moves from the `current` one
        as they demand. An anomalous image should lie farther out than the answered normal ones, and
        than `others` (n, 2) of the pool, which count as much: images that were asked about are hard
        for whichever sphere proposed them, and would speak against it.
        """
        answers = y[self.items]
        odd, normal = (self.distances[answers == side] for side in (ANOMALOUS, NORMAL))
        fewer = min(len(odd), len(normal))
        if fewer < FEWEST or not len(others):
            return usual
        steps = np.abs(np.arange(len(SHARES)) - np.abs(SHARES - current).argmin())
        worth = [
            farther(odd @ both, normal @ both) + farther(odd @ both, others @ both)
            for both in np.stack([1 - SHARES, SHARES], axis=1)
        ]
        net = np.array(worth) / 2 - CAUTION * steps / fewer / len(SHARES)
        return float(SHARES[np.argmax(np.where(steps <= STRIDE, net, -np.inf))])


def farther(odd: NDArray[np.floating[Any]], normal: NDArray[np.floating[Any]]) -> float:
    """Share of pairs of which the odd one lies farther out, a tie half of one: the AUROC."""
    ordered = np.sort(normal)
    nearer = np.searchsorted(ordered, odd, "left") + np.searchsorted(ordered, odd, "right")
    return float(nearer.mean() / 2 / len(normal))
