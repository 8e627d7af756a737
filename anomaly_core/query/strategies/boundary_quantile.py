"""Adaptive boundary search: a quantile of the scores that follows the answers.

With p the share of normal answers in the last batch, the quantile q of the next one is
2 (1 - q) p + 2 q - 1: it stays where half of the answers are normal, moves out while most are, and
in while few are. Its place after all past batches is replayed from their answers.
"""

import numpy as np

from anomaly_core.datasets.scenario import NORMAL
from anomaly_core.errors import InvalidInput
from anomaly_core.query.base import Items, QueryContext, QueryStrategy, Utilities
from anomaly_core.query.strategies.margin import quantile_margin


class BoundaryQuantile(QueryStrategy):
    """The scores closest to a quantile that is searched for.

    Parameters
    ----------
    start : quantile of the first batch, 0 to 1.
    low, high : the range it is kept in.
    fixed : a quantile to use instead of the one that was found.

    """

    name = "boundary-quantile"
    reason = "it lies closest to the quantile that the answers so far point to"
    purpose = (
        "For a share of anomalies that nobody knows: it looks for the score at which half of the "
        "answers are normal, and asks there."
    )

    def __init__(
        self,
        start: float = 0.8,
        low: float = 0.05,
        high: float = 0.99,
        fixed: float | None = None,
    ) -> None:
        if not 0 <= low <= start <= high <= 1 or not 0 <= (fixed or 0) <= 1:
            raise InvalidInput(
                f"A search from {start:g} between {low:g} and {high:g} cannot be made; "
                "give quantiles between 0 and 1 in rising order."
            )
        self.start, self.low, self.high, self.fixed = start, low, high, fixed

    def quantile(self, context: QueryContext) -> float:
        """Return the quantile (0 to 1) that the next batch is asked round."""
        if self.fixed is not None:
            return self.fixed
        q = self.start
        for answers in context.batches:
            if (known := np.count_nonzero(answers)) > 0:
                p = np.count_nonzero(answers == NORMAL) / known
                q = float(np.clip(2 * (1 - q) * p + 2 * q - 1, self.low, self.high))
        return q

    def utilities(self, context: QueryContext, items: Items) -> Utilities:
        """Minus the distance between each score and the quantile."""
        return quantile_margin(context, items, self.quantile(context))
