"""Boundary: ask what lies on the surface of the hypersphere.

|d - R| as in Görnitz et al. 2013, "Toward Supervised Anomaly Detection", with distance d and
radius R.
"""

import numpy as np

from anomaly_core.query.base import Items, QueryContext, QueryStrategy, Utilities


def boundary_distance(context: QueryContext, items: Items) -> Utilities:
    """|d - R| of each item, (k,): how far it lies from the surface, inside or outside."""
    distance = np.sqrt(context.scores[items].astype(np.float64))
    return np.asarray(np.abs(distance - np.sqrt(context.boundary)))


class Boundary(QueryStrategy):
    """The items closest to the surface of the sphere first."""

    name = "boundary"
    reason = "it lies closest to the surface of the hypersphere"
    purpose = "For placing the hypersphere: it asks about what lies nearest to its surface."

    def utilities(self, context: QueryContext, items: Items) -> Utilities:
        """Minus the distance to the surface."""
        return -boundary_distance(context, items)
