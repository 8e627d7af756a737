"""Positive-diverse: high scores that differ from each other.

Das et al. 2019, "Active Anomaly Detection via Ensembles": from the items of highest score, those
farthest apart, beginning with the highest.
"""

from anomaly_core.query.base import (
    Positions,
    Query,
    QueryContext,
    ShortlistStrategy,
)
from anomaly_core.query.distances import farthest_first
from anomaly_core.query.strategies.top import TopScore


class PositiveDiverse(ShortlistStrategy, TopScore):
    """Different kinds of what looks most anomalous."""

    name = "positive-diverse"
    reason = "it looks anomalous, and unlike the others of its round"
    purpose = (
        "For finding anomalies of several kinds: it asks about what looks most anomalous, unlike "
        "each other within a round."
    )

    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Go to the farthest each time."""
        return farthest_first(context.embeddings[shortlist.items], batch)
