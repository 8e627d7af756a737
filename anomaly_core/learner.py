"""The active-learning loop: query, answer, update.

The app, the simulation and the benchmarks all run this one class.
"""

from collections.abc import Sequence
from typing import Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.scenario import UNLABELED
from anomaly_core.detectors.base import Detector, Scores
from anomaly_core.errors import InvalidInput
from anomaly_core.progress import Callback
from anomaly_core.query import Query, QueryContext, QueryStrategy

D = TypeVar("D", bound=Detector)


class ActiveLearner(Generic[D]):
    """A detector, a pool, a query strategy and the labels bought so far.

    `y` (n,) holds +1 normal, -1 anomalous, 0 unlabeled, aligned with `pool` by item number;
    `scores` (n,) are those of the current detector.
    """

    def __init__(
        self,
        detector: D,
        pool: Images,
        strategy: QueryStrategy,
        contamination: float = 0.1,
        seed: int = 0,
    ) -> None:
        self.detector = detector
        self.pool = pool
        self.strategy = strategy
        self.contamination = contamination
        self.seed = seed
        self.rounds = 0
        self.y: Labels = np.zeros(len(pool), np.int64)
        self.scores: Scores = np.zeros(len(pool), np.float32)

    def fit(self, callbacks: Sequence[Callback] = ()) -> Self:
        """Fit the detector to the unlabeled pool and score it."""
        self.detector.fit(self.pool, callbacks)
        self.scores = self.detector.decision_function(self.pool)
        return self

    def resume(self, rounds: int) -> Self:
        """Go on with a detector that was fitted before; the next update brings all the labels."""
        self.rounds = rounds
        self.scores = self.detector.decision_function(self.pool)
        return self

    def query(self, batch: int = 10, exclude: NDArray[np.int64] | None = None) -> Query:
        """Propose up to `batch` unlabeled items, the most useful first.

        The same labels, round and seed propose the same items.
        """
        rng = np.random.default_rng((self.seed, self.rounds))
        context = QueryContext(self.scores, self.y, self.contamination, rng)
        return self.strategy.query(context, batch, exclude)

    def update(
        self, items: NDArray[np.int64], y: Labels, callbacks: Sequence[Callback] = ()
    ) -> Self:
        """Take the answers `y` (+1, -1, or 0 to withdraw one) for `items`, retrain and rescore.

        Raises `InvalidInput` for items outside the pool, or unless each has one answer.
        """
        if items.shape != y.shape:
            raise InvalidInput(f"{len(items)} items need as many answers; got {len(y)}.")
        if len(items) and not 0 <= items.min() <= items.max() < len(self.pool):
            raise InvalidInput(f"Items must lie between 0 and {len(self.pool) - 1:,}.")
        labels = self.y.copy()  # so that a refused or cancelled update leaves none behind
        labels[items] = y
        self.detector.update(self.pool, labels, callbacks)
        self.y, self.rounds = labels, self.rounds + 1
        self.scores = self.detector.decision_function(self.pool)
        return self

    @property
    def labels_bought(self) -> int:
        """Number of standing normal and anomalous answers."""
        return int(np.count_nonzero(self.y != UNLABELED))

    @property
    def anomalies_found(self) -> int:
        """Number of standing anomalous answers."""
        return int(np.count_nonzero(self.y < 0))
