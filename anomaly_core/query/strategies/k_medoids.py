"""k-medoids: the most central item of each of k clusters of the latent space.

Clusters by k-means, and of each the member nearest to its mean; the batch represents the pool, as
in Nguyen and Smeulders 2004, "Active learning using pre-clustering".
"""

from anomaly_core.query.base import (
    Positions,
    Query,
    QueryContext,
    SampleStrategy,
)
from anomaly_core.query.distances import medoids
from anomaly_core.query.strategies.k_means import fill_up


class KMedoids(SampleStrategy):
    """A batch that represents the unlabeled pool."""

    name = "k-medoids"
    reason = "it is typical of a group of unlabeled images"
    purpose = (
        "For getting to know a pool whatever the scores: it asks about one typical image of each "
        "group that is unlabeled."
    )

    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Take the medoid of each cluster."""
        return fill_up(medoids(context.embeddings[shortlist.items], batch, context.rng), batch)
