"""Greedy: informativeness x representativeness x diversity, one item after the other.

Englhardt et al. 2020, "Finding the Sweet Spot: Batch Selection for One-Class Active Learning": each
next item has the largest product of the three, each scaled to 0 .. 1 within the shortlist.
"""

import numpy as np

from anomaly_core.query.base import (
    Positions,
    Query,
    QueryContext,
    ShortlistStrategy,
)
from anomaly_core.query.distances import to_unit_range
from anomaly_core.query.strategies.margin import Margin


class Greedy(ShortlistStrategy, Margin):
    """Hard to tell, typical of others, and unlike the rest of the round."""

    name = "greedy"
    reason = "it is hard to tell, stands for many like it, and differs from the rest of its round"
    purpose = (
        "For large rounds that waste no answer: each image is hard to tell, stands for many like "
        "it and differs from the others of its round."
    )

    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Take the largest product each time."""
        from sklearn.metrics import pairwise_distances  # here, see `distances`

        apart = pairwise_distances(context.embeddings[shortlist.items])
        informative = to_unit_range(shortlist.utilities)
        worth = informative * to_unit_range(-apart.mean(axis=1))
        chosen = [int(worth.argmax())]
        while len(chosen) < batch:
            diverse = to_unit_range(apart[:, chosen].min(axis=1))
            gain = worth * diverse
            gain[chosen] = -1
            chosen.append(int(gain.argmax()))
        return np.array(chosen, np.int64)
