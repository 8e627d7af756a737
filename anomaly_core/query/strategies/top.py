"""Top score: ask about what looks most anomalous (Das et al. 2016, "greedy")."""

import numpy as np

from anomaly_core.query.base import Items, QueryContext, QueryStrategy, Utilities


class TopScore(QueryStrategy):
    """The highest anomaly scores first."""

    name = "top"
    reason = "it lies farthest from the center of all unlabeled images"
    purpose = "For finding anomalies soon: it asks about what looks most anomalous."

    def utilities(self, context: QueryContext, items: Items) -> Utilities:
        """The anomaly score itself."""
        return context.scores[items].astype(np.float64)
