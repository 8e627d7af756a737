"""Expected error: ask what is expected to leave the fewest errors in the rest.

Roy and McCallum 2001, "Toward optimal active learning through sampling estimation of error
reduction", in scikit-activeml's implementation, with a Parzen-window classifier on the embeddings
of a shortlist round the margin. Until both answers have been given it asks by margin alone.
"""

import numpy as np

from anomaly_core.query.active import LabeledSpace
from anomaly_core.query.base import (
    Positions,
    Query,
    QueryContext,
    ShortlistStrategy,
)
from anomaly_core.query.strategies.margin import Margin


class ExpectedError(ShortlistStrategy, Margin):
    """The lowest expected error of a simple classifier on the embeddings."""

    name = "expected-error"
    reason = "its answer is expected to settle the most of the others"
    purpose = (
        "For answers that settle others: once there are some of both kinds, it asks about what is "
        "expected to leave the fewest errors among images that are hard to tell."
    )
    breadth = 3  # each place costs a classifier

    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Take the places with the lowest expected error over the shortlist."""
        # here, for it loads torch, which no page needs
        from skactiveml.classifier import ParzenWindowClassifier
        from skactiveml.pool import MonteCarloEER

        space = LabeledSpace.of(context, shortlist.items)
        if not space.has_both:
            return np.arange(batch)
        seed = int(context.rng.integers(2**31))
        strategy = MonteCarloEER(random_state=seed)
        return space.positions(
            strategy.query(
                space.X,
                space.y,
                clf=ParzenWindowClassifier(classes=[-1, 1], random_state=seed),
                candidates=space.candidates,
                X_eval=space.X[space.candidates],
                batch_size=batch,
            )
        )
