"""The active-learning loop: query, answer, update.

The app, the simulation and the benchmarks all run this one class.
"""

from collections.abc import Iterator, Sequence
from typing import Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.scenario import UNLABELED
from anomaly_core.detectors.base import Detector, Embeddings, Scores
from anomaly_core.errors import InvalidInput
from anomaly_core.loop.rescoring import CANDIDATES, carry_over, choose_candidates, draw_probe
from anomaly_core.progress import Callback
from anomaly_core.query import Query, QueryContext, QueryStrategy

D = TypeVar("D", bound=Detector)
Items = NDArray[np.int64]

BLOCK = 8192  # items rescored at a time by `catch_up`


class ActiveLearner(Generic[D]):
    """A detector, a pool, a query strategy and the labels bought so far.

    `y` (n,) holds +1 normal, -1 anomalous, 0 unlabeled, aligned with `pool` by item number;
    `scores` (n,) and `embeddings` (n, latent) are those of the current detector. An update of a
    pool larger than `candidates` scores only that many anew, and asks among them; `stale` (n,)
    marks the others, whose scores are carried over from the model before until `catch_up` has
    reached them. `probe` items are scored by every update, so that models can be compared by them;
    `watched` ones too, for whoever wants to know their scores. With no `candidates` nothing is
    scored after `fit`: random queries do without.
    """

    def __init__(
        self,
        detector: D,
        pool: Images,
        strategy: QueryStrategy,
        contamination: float = 0.1,
        seed: int = 0,
        candidates: int = CANDIDATES,
    ) -> None:
        self.detector = detector
        self.pool = pool
        self.strategy = strategy
        self.contamination = contamination
        self.seed = seed
        self.candidates = candidates
        self.probe = draw_probe(len(pool), candidates, seed)
        self.sample: Items | None = None  # drawn at random from what is fresh; None for all
        self.watched: Items = np.empty(0, np.int64)
        self.rounds = 0
        self.batches: list[Labels] = []
        self.y: Labels = np.zeros(len(pool), np.int64)
        self.scores: Scores = np.zeros(len(pool), np.float32)
        self.embeddings: Embeddings = np.zeros((len(pool), 1), np.float32)
        self.stale: NDArray[np.bool_] = np.zeros(len(pool), bool)

    def fit(self, callbacks: Sequence[Callback] = ()) -> Self:
        """Fit the detector to the unlabeled pool and score it."""
        self.detector.fit(self.pool, callbacks)
        self.scores, self.embeddings = self.detector.score(self.pool)
        return self

    def resume(self, rounds: int, batches: Sequence[Labels] = ()) -> Self:
        """Go on with a detector that was fitted before; the next update brings all the labels.

        `batches` are the answers of its past rounds, oldest first.
        """
        self.rounds, self.batches = rounds, list(batches)
        if self.candidates == 0:
            return self
        self.scores, self.embeddings = self.detector.score(self.pool)
        return self

    def grow(self, pool: Images, scores: Scores, embeddings: Embeddings) -> Self:
        """Take a pool that goes on after the images of now.

        `scores` (m,) and `embeddings` (m, latent) are the current detector's, of those that came.
        Raises `InvalidInput` unless there is one for each.
        """
        came = len(pool) - len(self.pool)
        if not came == len(scores) == len(embeddings):
            raise InvalidInput(f"{came:,} images came; give as many scores and embeddings.")
        self.pool, self.probe = pool, draw_probe(len(pool), self.candidates, self.seed)
        self.y = np.concatenate([self.y, np.zeros(came, np.int64)])
        self.scores = np.concatenate([self.scores, scores])
        self.embeddings = np.concatenate([self.embeddings, embeddings])
        self.stale = np.concatenate([self.stale, np.zeros(came, bool)])
        return self

    def query(self, batch: int = 10, exclude: Items | None = None) -> Query:
        """Propose up to `batch` unlabeled items, the most useful first.

        The same labels, round and seed propose the same items.
        """
        return self.strategy.query(self._context(), batch, self._hidden(exclude))

    def queue(self, batch: int, length: int, exclude: Items | None = None) -> Query:
        """Propose a batch, and line up what to ask after it: `length` items in all."""
        return self.strategy.queue(self._context(), batch, length, self._hidden(exclude))

    def update(self, items: Items, y: Labels, callbacks: Sequence[Callback] = ()) -> Self:
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
        self.batches.append(y)
        self._rescore()
        return self

    def catch_up(self) -> Iterator[int]:
        """Score what an update left, a block at a time, and yield how many items are still stale.

        May be abandoned after any block; an update in between starts over.
        """
        while len(stale := np.flatnonzero(self.stale)[:BLOCK]):
            self.scores[stale], self.embeddings[stale] = self.detector.score(self.pool[stale])
            self.stale[stale] = False
            if not self.stale.any():
                self.sample = None
            yield int(np.count_nonzero(self.stale))

    @property
    def labels_bought(self) -> int:
        """Number of standing normal and anomalous answers."""
        return int(np.count_nonzero(self.y != UNLABELED))

    @property
    def anomalies_found(self) -> int:
        """Number of standing anomalous answers."""
        return int(np.count_nonzero(self.y < 0))

    def _context(self) -> QueryContext:
        return QueryContext(
            self.scores,
            self.embeddings,
            self.y,
            self.contamination,
            np.random.default_rng((self.seed, self.rounds)),
            R=self.detector.R_,
            batches=self.batches,
            sample=self.sample,
        )

    def _hidden(self, exclude: Items | None) -> Items | None:
        """Add what has no score of the current detector to what the caller excludes."""
        stale = np.flatnonzero(self.stale)
        return stale if exclude is None else np.union1d(stale, exclude)

    def _rescore(self) -> None:
        """Score the whole pool, or the candidates of a large one."""
        if self.candidates == 0:
            return
        if len(self.pool) <= self.candidates:
            self.scores, self.embeddings = self.detector.score(self.pool)
            return
        rng = np.random.default_rng((self.seed, self.rounds))
        chosen = choose_candidates(
            self.scores,
            self.contamination,
            self.candidates,
            rng,
            self.probe,
            known=np.concatenate([np.flatnonzero(self.y), self.watched]),
        )
        fresh, z = self.detector.score(self.pool[chosen.items])
        if z.shape[1] != self.embeddings.shape[1]:  # another sphere has been adopted
            self.embeddings = widened(self.embeddings, z.shape[1])
        self.embeddings[chosen.items] = z
        self.scores = carry_over(self.scores, chosen, fresh)
        self.stale = np.ones(len(self.pool), bool)
        self.stale[chosen.items] = False
        self.sample = chosen.sample


def widened(z: Embeddings, latent: int) -> Embeddings:
    """Return embeddings (n, latent) that have the coordinates of `z` they share, else 0."""
    made = np.zeros((len(z), latent), np.float32)
    shared = min(latent, z.shape[1])
    made[:, :shared] = z[:, :shared]
    return made
