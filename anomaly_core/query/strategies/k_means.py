"""k-means++: items spread over the latent space, whatever their score.

The seeding of Arthur and Vassilvitskii 2007: each next item is drawn with a chance proportional to
its squared distance from those already taken.
"""

import numpy as np

from anomaly_core.query.base import (
    Positions,
    Query,
    QueryContext,
    SampleStrategy,
)


class KMeansPlusPlus(SampleStrategy):
    """A batch that covers the unlabeled pool."""

    name = "k-means++"
    reason = "it stands for a part of the pool that the rest of the round does not cover"
    purpose = (
        "For covering the pool whatever the scores: it asks about images spread over all that is "
        "unlabeled."
    )

    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Seed as many clusters as items are wanted."""
        from sklearn.cluster import kmeans_plusplus  # here, see `distances`

        z = context.embeddings[shortlist.items]
        count = min(batch, len(np.unique(z, axis=0)))
        _, seeds = kmeans_plusplus(z, count, random_state=int(context.rng.integers(2**31)))
        return fill_up(np.asarray(seeds, np.int64), batch)


def fill_up(chosen: Positions, batch: int) -> Positions:
    """Make up with the most useful of the others for places that are missing."""
    distinct = np.unique(chosen)
    others = np.setdiff1d(np.arange(batch + len(distinct)), distinct)
    return np.concatenate([distinct, others[: batch - len(distinct)]])
