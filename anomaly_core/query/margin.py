"""Margin: ask where normal turns into anomalous.

The boundary is put where the expected share of anomalies lies outside, the (1 - contamination)
quantile of the scores, as in the margin strategy of Görnitz et al. 2013, "Toward Supervised Anomaly
Detection".
"""

import numpy as np

from anomaly_core.query.base import QueryContext, QueryStrategy, Utilities


class Margin(QueryStrategy):
    """The scores closest to the contamination quantile first."""

    name = "margin"
    reason = "it lies closest to where normal is expected to turn into anomalous"

    def utilities(self, context: QueryContext) -> Utilities:
        """Minus the distance between each score and the contamination quantile."""
        scores = context.scores.astype(np.float64)
        return -np.abs(scores - np.quantile(scores, 1 - context.contamination))
