"""Auto, the default: the margin, asked by one representative of each group found there.

The items nearest to the contamination quantile are grouped by k-means in the latent space, and of
each group the member nearest to its mean is asked. Which parts of this help, and how much, is in
`docs/decisions/0004`.
"""

from anomaly_core.query.base import (
    Items,
    Positions,
    Query,
    QueryContext,
    ShortlistStrategy,
    Utilities,
)
from anomaly_core.query.distances import medoids
from anomaly_core.query.strategies.k_means import fill_up
from anomaly_core.query.strategies.margin import Margin


class Auto(ShortlistStrategy):
    """Hard to tell, and standing for others like it."""

    name = "auto"
    reason = "it is hard to tell, and stands for a group of images like it"

    def utilities(self, context: QueryContext, items: Items) -> Utilities:
        """Minus the distance to the contamination quantile."""
        return Margin().utilities(context, items)

    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Take the medoid of each cluster."""
        return fill_up(medoids(context.embeddings[shortlist.items], batch, context.rng), batch)
