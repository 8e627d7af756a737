"""The contract of every query strategy.

A strategy writes only its utility; the base hides what is labeled, breaks ties by a seeded draw
and picks the batch, and hands the utilities back so that a page can say why an item is asked.
`ShortlistStrategy` adds a second look at the best, for instance so that a batch does not ask the
same thing twice.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import UNLABELED
from anomaly_core.detectors.base import Embeddings, Scores
from anomaly_core.errors import InvalidInput

Items = NDArray[np.int64]  # (k,) item numbers
Positions = NDArray[np.int64]  # (k,) places in a list of items
Utilities = NDArray[np.float64]  # (k,), higher is asked first


@dataclass(frozen=True)
class QueryContext:
    """What a strategy may look at; everything is aligned by item number."""

    scores: Scores  # (n,)
    embeddings: Embeddings  # (n, latent), for strategies that tell what is alike
    y: Labels  # (n,) +1 normal, -1 anomalous, 0 unlabeled
    contamination: float
    rng: np.random.Generator
    R: float | None = None  # radius of the hypersphere, a distance
    batches: Sequence[Labels] = ()  # the answers of each past round, oldest first
    sample: Items | None = None  # items that stand for a pool whose scores are not all fresh

    @property
    def boundary(self) -> float:
        """The score on the surface of the sphere; raises `InvalidInput` where there is none."""
        if self.R is None:
            raise InvalidInput("This detector draws no hypersphere; choose the strategy margin.")
        return self.R**2

    @property
    def labeled(self) -> Items:
        """Items with a standing label."""
        return np.flatnonzero(self.y != UNLABELED)

    def free(self, exclude: Items | None = None) -> Items:
        """Items that may be asked."""
        free = self.y == UNLABELED
        if exclude is not None:
            free[exclude] = False
        return np.flatnonzero(free)


@dataclass(frozen=True)
class Query:
    """Items to ask about, most useful first, and the utility each was ranked by."""

    items: Items  # (batch,)
    utilities: Utilities  # (batch,)

    def __add__(self, other: "Query") -> "Query":
        """Ask for the other's items after these."""
        return Query(
            np.concatenate([self.items, other.items]),
            np.concatenate([self.utilities, other.utilities]),
        )


class QueryStrategy(ABC):
    """Ranks the unlabeled items of a pool."""

    name: ClassVar[str]
    reason: ClassVar[str]
    """Why an item is asked, as the second half of a sentence that begins "Asked because"."""

    purpose: ClassVar[str]
    """What it is for, as one sentence for whoever chooses among strategies."""

    at_random: ClassVar[bool] = False
    """Whether every item must have the same chance, also where only likely ones have scores."""

    @abstractmethod
    def utilities(self, context: QueryContext, items: Items) -> Utilities:
        """Return the utility of each of `items`, (k,); higher is asked first."""

    def query(self, context: QueryContext, batch: int, exclude: Items | None = None) -> Query:
        """Pick up to `batch` unlabeled items, none of them in `exclude`, by falling utility.

        Fewer come back when fewer are left. Raises `InvalidInput` for an empty batch and for
        scores that are not finite.
        """
        check_context(context, batch)
        return self.rank(context, context.free(exclude), batch)

    def queue(
        self, context: QueryContext, batch: int, length: int, exclude: Items | None = None
    ) -> Query:
        """Pick a batch as `query` does, and line up what to ask after it, `length` items in all."""
        head = self.query(context, min(batch, length), exclude)
        asked = replace(context, y=context.y.copy())
        asked.y[head.items] = 1  # taken, whatever the answer will be
        return head + QueryStrategy.rank(self, asked, asked.free(exclude), length - len(head.items))

    def rank(self, context: QueryContext, items: Items, batch: int) -> Query:
        """Return the `batch` most useful of `items`."""
        if self.at_random and context.sample is not None:
            items = np.intersect1d(items, context.sample)
        if not len(items):
            return Query(items, np.empty(0))
        utilities = self.utilities(context, items)
        ties = context.rng.random(len(items))
        order = np.lexsort((ties, -utilities))[:batch]
        return Query(items[order], utilities[order])


class ShortlistStrategy(QueryStrategy):
    """Takes a shortlist by utility and chooses the batch from that.

    The shortlist is as long as anomalies are expected in the pool, within 3 batches and `breadth`
    batches: longer, it would hold what a small pool has no doubt about; shorter, nothing to choose.
    """

    narrowest: ClassVar[int] = 3
    breadth: ClassVar[int] = 20

    def length(self, context: QueryContext, batch: int) -> int:
        """Return how long a shortlist to take."""
        expected = round(context.contamination * len(context.y))
        return int(np.clip(expected, self.narrowest * batch, self.breadth * batch))

    def rank(self, context: QueryContext, items: Items, batch: int) -> Query:
        """Return `batch` items chosen from the shortlist, those of highest utility first."""
        shortlist = super().rank(context, items, self.length(context, batch))
        if len(shortlist.items) <= batch:
            return shortlist
        chosen = np.sort(self.choose(context, shortlist, batch))
        return Query(shortlist.items[chosen], shortlist.utilities[chosen])

    @abstractmethod
    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Choose `batch` distinct places of the shortlist, which is longer than that."""


class SampleStrategy(ShortlistStrategy):
    """Chooses from a random sample of the pool, whatever the scores."""

    at_random = True
    breadth: ClassVar[int] = 100

    def length(self, context: QueryContext, batch: int) -> int:
        """Return how large a sample to take."""
        return self.breadth * batch

    def utilities(self, context: QueryContext, items: Items) -> Utilities:
        """Uniform draws: the shortlist is a random sample."""
        return context.rng.random(len(items))


def check_context(context: QueryContext, batch: int) -> None:
    """Refuse what no strategy could rank."""
    if batch < 1:
        raise InvalidInput(f"A batch of {batch} items cannot be asked; give 1 or more.")
    if context.scores.shape != context.y.shape:
        raise InvalidInput(
            f"{len(context.scores):,} scores do not fit {len(context.y):,} labels; "
            "both must cover the pool."
        )
    if not np.isfinite(context.scores).all():
        raise InvalidInput("Some scores are not finite numbers; the model cannot rank the pool.")
