"""How much each of two hyperspheres is worth, by answers that neither had seen before it scored.

Every item is judged by the distances it had when its answer came, not by those of models that have
learned from the answer since (Dawid 1984, "Present Position and Potential Developments: The
Prequential Approach").
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL
from anomaly_core.evaluation import auroc

Distances = NDArray[np.float32]  # (n, 2), squared, that of a usual image is 1

SHARES = np.array([0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 1.0])
"""Weights of the second sphere that are tried; the first has the rest."""

FEWEST = 2  # anomalous and normal answers before they count
CAUTION = 0.5  # pairs of answers that one step away from the share in use has to win


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

    def share(self, y: Labels, usual: float) -> float:
        """Return the weight of the second sphere (0 to 1) that the answers `y` (pool,) speak for.

        It is `usual` until both answers were given a few times, and moves as they demand.
        """
        answers = y[self.items]
        fewer = min(np.count_nonzero(answers == side) for side in (NORMAL, ANOMALOUS))
        if fewer < FEWEST:
            return usual
        steps = np.abs(np.arange(len(SHARES)) - np.abs(SHARES - usual).argmin())
        worth = [auroc(answers, self.distances @ (1 - share, share)) or 0.5 for share in SHARES]
        return float(SHARES[np.argmax(np.array(worth) - CAUTION * steps / fewer / len(SHARES))])
