"""Margin: ask where normal turns into anomalous.

The boundary is put where the expected share of anomalies lies outside, the (1 - contamination)
quantile of the scores, as in the margin strategy of Görnitz et al. 2013, "Toward Supervised Anomaly
Detection".
"""

import numpy as np

from anomaly_core.query.base import Items, QueryContext, QueryStrategy, Utilities


def quantile_margin(context: QueryContext, items: Items, quantile: float) -> Utilities:
    """Minus the distance between each score and a quantile (0 to 1) of the pool's scores."""
    scores = context.scores.astype(np.float64)
    return np.asarray(-np.abs(scores[items] - np.quantile(scores, quantile)))


class Margin(QueryStrategy):
    """The scores closest to the contamination quantile first."""

    name = "margin"
    reason = "it lies closest to where normal is expected to turn into anomalous"
    purpose = (
        "For drawing the line: it asks about scores nearest to where the expected share of "
        "anomalies begins."
    )

    def utilities(self, context: QueryContext, items: Items) -> Utilities:
        """Minus the distance to the contamination quantile."""
        return quantile_margin(context, items, 1 - context.contamination)
