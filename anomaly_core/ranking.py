"""How the same items rank for two models: their scores are not comparable, their ranks are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_core.detectors.base import Scores


@dataclass(frozen=True)
class Flips:
    """Items that only the first, and only the second of two decisions flags."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first) + len(self.second)


def ranks(scores: Scores) -> NDArray[np.float64]:
    """The share of all scores (n,) that each one exceeds."""
    return np.searchsorted(np.sort(scores), scores) / len(scores)


def flips(first: NDArray[np.bool_], second: NDArray[np.bool_], apart: NDArray[np.float64]) -> Flips:
    """Where two decisions (n,) differ, the clearest cases first.

    `apart` (n,) is by how much the first ranks an item higher than the second.
    """
    only_first, only_second = np.flatnonzero(first & ~second), np.flatnonzero(second & ~first)
    return Flips(
        only_first[np.argsort(-apart[only_first], kind="stable")],
        only_second[np.argsort(apart[only_second], kind="stable")],
    )
