"""The contract of every query strategy.

A strategy writes only its utility; the base hides what is labeled, breaks ties by a seeded draw
and picks the batch, and hands the utilities back so that a page can say why an item is asked.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import UNLABELED
from anomaly_core.detectors.base import Scores
from anomaly_core.errors import InvalidInput

Utilities = NDArray[np.float64]  # (n,), higher is asked first


@dataclass(frozen=True)
class QueryContext:
    """What a strategy may look at; everything is aligned by item number."""

    scores: Scores  # (n,)
    y: Labels  # (n,) +1 normal, -1 anomalous, 0 unlabeled
    contamination: float
    rng: np.random.Generator


@dataclass(frozen=True)
class Query:
    """Items to ask about, most useful first, and the utility each was ranked by."""

    items: NDArray[np.int64]  # (batch,)
    utilities: Utilities  # (batch,)


class QueryStrategy(ABC):
    """Ranks the unlabeled items of a pool."""

    name: ClassVar[str]
    reason: ClassVar[str]
    """Why an item is asked, as the second half of a sentence that begins "Asked because"."""

    @abstractmethod
    def utilities(self, context: QueryContext) -> Utilities:
        """Return the utility of every item (n,), labeled ones included; higher is asked first."""

    def query(
        self, context: QueryContext, batch: int, exclude: NDArray[np.int64] | None = None
    ) -> Query:
        """Pick up to `batch` unlabeled items, none of them in `exclude`, by falling utility.

        Fewer come back when fewer are left. Raises `InvalidInput` for an empty batch and for
        scores that are not finite.
        """
        check_context(context, batch)
        utilities = self.utilities(context)
        free = context.y == UNLABELED
        if exclude is not None:
            free[exclude] = False
        items = np.flatnonzero(free)
        ties = context.rng.random(len(items))
        order = np.lexsort((ties, -utilities[items]))[:batch]
        return Query(items[order], utilities[items][order])


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
