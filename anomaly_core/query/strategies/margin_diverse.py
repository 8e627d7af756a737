"""Margin-diverse: near the contamination quantile, and different from each other.

The margin strategy with the farthest-first choice of Das et al. 2019 in place of the top: the
second hybrid baseline of Li et al. 2023, "Deep Anomaly Detection under Labeling Budget
Constraints".
"""

from anomaly_core.query.base import (
    Positions,
    Query,
    QueryContext,
    ShortlistStrategy,
)
from anomaly_core.query.distances import farthest_first
from anomaly_core.query.strategies.margin import Margin


class MarginDiverse(ShortlistStrategy, Margin):
    """Different kinds of what is hard to tell."""

    name = "margin-diverse"
    reason = "it is hard to tell, and unlike the others of its round"
    purpose = (
        "For drawing the line in large rounds: it asks near where the expected share of anomalies "
        "begins, about images unlike each other."
    )

    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Go to the farthest each time."""
        return farthest_first(context.embeddings[shortlist.items], batch)
