"""Who answers. A person in the browser is only one more oracle."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Labels
from anomaly_core.errors import InvalidInput


class Oracle(Protocol):
    """Answers whether items are normal."""

    def answer(self, items: NDArray[np.int64]) -> Labels:
        """Return +1 normal or -1 anomalous for each item, (len(items),)."""
        ...


class PoolOracle:
    """Answers from the ground truth of a pool, (n,) of +1/-1."""

    def __init__(self, truth: Labels) -> None:
        self._truth = truth

    def answer(self, items: NDArray[np.int64]) -> Labels:
        """Return the truth about `items`."""
        return self._truth[items]


class NoisyOracle:
    """Wraps any oracle and turns a share `rate` (0 to 1) of its answers round."""

    def __init__(self, oracle: Oracle, rate: float, seed: int = 0) -> None:
        if not 0 <= rate <= 1:
            raise InvalidInput(f"A noise rate of {rate:g} is not a share; give 0 to 1.")
        self._oracle = oracle
        self._rate = rate
        self._rng = np.random.default_rng(seed)

    def answer(self, items: NDArray[np.int64]) -> Labels:
        """Return the wrapped answers, each turned round with probability `rate`."""
        wrong = self._rng.random(len(items)) < self._rate
        return np.where(wrong, -1, 1) * self._oracle.answer(items)
