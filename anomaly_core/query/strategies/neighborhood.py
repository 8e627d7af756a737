"""Neighborhood: the boundary, preferring regions in which anomalies have been found.

The combined strategy of Görnitz et al. 2013, "Toward Supervised Anomaly Detection", eq. 19: the
boundary distance and the mean of (label + 1) / 2 over the k nearest neighbors, half each, is
minimised. An unlabeled neighbor counts 0, so an unexplored region is preferred to a known normal
one, and the vicinity of a found anomaly to both.
"""

import numpy as np

from anomaly_core.query.base import Items, QueryContext, QueryStrategy, Utilities
from anomaly_core.query.distances import nearest
from anomaly_core.query.strategies.boundary import boundary_distance

NEIGHBORS = 10
DELTA = 0.5  # weight of the boundary distance


class Neighborhood(QueryStrategy):
    """Close to the surface, and among anomalies or in unexplored regions."""

    name = "neighborhood"
    reason = "it lies near the surface, among anomalies found or where little has been asked"
    purpose = (
        "For finding more of what was found: it asks near the surface of the hypersphere, among "
        "known anomalies first, then where little has been answered."
    )

    def utilities(self, context: QueryContext, items: Items) -> Utilities:
        """Minus the weighted sum of boundary distance and labels nearby, each 0 to 1."""
        known = context.labeled
        pool = np.concatenate([items, known])
        z = context.embeddings[pool]
        _, neighbors = nearest(z[: len(items)], z, NEIGHBORS)
        normal_nearby = (context.y[pool][neighbors] + 1).mean(axis=1) / 2
        away = boundary_distance(context, items)
        return np.asarray(
            -DELTA * away / max(away.max(), 1e-12) - (1 - DELTA) * normal_nearby, np.float64
        )
