"""Auto, the default: the margin, asked by one representative of each group found there.

The items nearest to the contamination quantile are grouped by k-means in the latent space, and of
each group the member nearest to its mean is asked. As long as the answers have found no more
anomalies than random ones would have, the scores have yet to prove that they know one: then half
of the batch is typical of the whole pool instead. Which parts of this help, and how much, is in
`docs/decisions/0004`.
"""

import numpy as np

from anomaly_core.datasets.scenario import ANOMALOUS
from anomaly_core.query.base import (
    Items,
    Positions,
    Query,
    QueryContext,
    ShortlistStrategy,
)
from anomaly_core.query.distances import medoids
from anomaly_core.query.strategies.k_means import fill_up
from anomaly_core.query.strategies.k_medoids import KMedoids
from anomaly_core.query.strategies.margin import Margin


class Auto(ShortlistStrategy, Margin):
    """Hard to tell, and standing for others like it."""

    name = "auto"
    reason = "it stands for a group of images that is hard to tell or not yet looked at"
    purpose = (
        "For most projects: it asks about one image of each group that is hard to tell, and about "
        "typical ones too while the answers have found no more anomalies than chance would."
    )

    def rank(self, context: QueryContext, items: Items, batch: int) -> Query:
        """Return the batch, half of it from the whole pool while the scores prove nothing."""
        if not self._in_the_dark(context):
            return super().rank(context, items, batch)
        typical = KMedoids().rank(context, items, batch // 2).items
        likely = super().rank(context, np.setdiff1d(items, typical), batch - len(typical)).items
        chosen = np.concatenate([typical, likely])
        utilities = self.utilities(context, chosen)
        order = np.argsort(-utilities, kind="stable")
        return Query(chosen[order], utilities[order])

    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Take the medoid of each cluster."""
        return fill_up(medoids(context.embeddings[shortlist.items], batch, context.rng), batch)

    @staticmethod
    def _in_the_dark(context: QueryContext) -> bool:
        known = context.y[context.labeled]
        found = int(np.count_nonzero(known == ANOMALOUS))
        return len(known) > 0 and found <= context.contamination * len(known)
