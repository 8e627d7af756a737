"""From our pools to the arrays that scikit-activeml's strategies take."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_core.detectors.base import Embeddings
from anomaly_core.query.base import Items, Positions, QueryContext


@dataclass(frozen=True)
class LabeledSpace:
    """Embeddings of a shortlist and, behind it, of everything labeled; unlabeled is NaN."""

    X: Embeddings  # (k + labeled, latent)
    y: NDArray[np.float64]  # (k + labeled,) +1, -1, NaN
    shortlisted: int  # k

    @classmethod
    def of(cls, context: QueryContext, shortlist: Items) -> Self:
        """Embed a shortlist (k,) and the labeled items of a pool."""
        known = context.labeled
        y = np.concatenate([np.full(len(shortlist), np.nan), context.y[known]])
        return cls(context.embeddings[np.concatenate([shortlist, known])], y, len(shortlist))

    @property
    def candidates(self) -> Positions:
        """The places that may be asked."""
        return np.arange(self.shortlisted)

    @property
    def has_both(self) -> bool:
        """Whether a classifier has something to tell apart."""
        return {-1, 1} <= set(self.y[self.shortlisted :])

    @staticmethod
    def positions(queried: NDArray[np.integer]) -> Positions:
        """Return the places that a strategy chose."""
        return np.asarray(queried, np.int64)
