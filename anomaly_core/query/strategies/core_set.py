"""Core-set: the items farthest from everything labeled so far.

Sener and Savarese 2018, "Active Learning for Convolutional Neural Networks: A Core-Set Approach",
in scikit-activeml's implementation (greedy k-center), on a random sample of the unlabeled.
"""

from anomaly_core.query.active import LabeledSpace
from anomaly_core.query.base import (
    Positions,
    Query,
    QueryContext,
    SampleStrategy,
)


class GreedyCoreSet(SampleStrategy):
    """A batch that covers what the labels so far do not."""

    name = "core-set"
    reason = "nothing like it has been answered yet"
    purpose = (
        "For covering what the answers do not: it asks about what is least like all that is "
        "answered, whatever the scores."
    )

    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Go to the farthest from all labeled and taken each time."""
        from skactiveml.pool import CoreSet  # here, for it loads torch, which no page needs

        space = LabeledSpace.of(context, shortlist.items)
        strategy = CoreSet(random_state=int(context.rng.integers(2**31)))
        return space.positions(
            strategy.query(space.X, space.y, candidates=space.candidates, batch_size=batch)
        )
