"""Boundary and nearest neighbor: near the surface, and with a close unlabeled neighbor.

After Ghasemi et al. 2011, "Active one-class learning by kernel density estimation" and the
combination in Trittenbach et al. 2021, "An overview and a benchmark of active learning for outlier
detection with one-class classifiers": the answer about an item in a dense place serves many.
"""

import numpy as np

from anomaly_core.query.base import Items, QueryContext, QueryStrategy, Utilities
from anomaly_core.query.distances import nearest, to_unit_range
from anomaly_core.query.strategies.boundary import boundary_distance

WEIGHT = 0.5  # of the neighbor


class BoundaryNeighbor(QueryStrategy):
    """Close to the surface and close to another unlabeled item."""

    name = "boundary-neighbor"
    reason = "it lies near the surface, and an image like it waits unlabeled"
    purpose = (
        "For answers that serve others too: it asks near the surface of the hypersphere, about "
        "images that another unlabeled one is much like."
    )

    def utilities(self, context: QueryContext, items: Items) -> Utilities:
        """Minus the weighted sum of boundary distance and nearest-neighbor distance, 0 to 1."""
        z = context.embeddings[items]
        distances, _ = nearest(z, z, 1)
        away = to_unit_range(boundary_distance(context, items))
        return np.asarray(
            -(1 - WEIGHT) * away - WEIGHT * to_unit_range(distances[:, 0]), np.float64
        )
