"""Committee: ask where classifiers that saw the same labels disagree.

Seung et al. 1992, "Query by committee", in scikit-activeml's implementation, with vote entropy over
three classifiers of different kinds on the embeddings of a shortlist round the margin. Until both
answers have been given there is nothing to disagree about, and it asks by margin alone.
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

CLASSES = [-1, 1]


class Committee(ShortlistStrategy, Margin):
    """The largest disagreement among classifiers on the embeddings."""

    name = "committee"
    reason = "classifiers that learned from the same answers disagree about it"
    purpose = (
        "For doubts that answers leave: once there are some of both kinds, it asks about what is "
        "hard to tell and on which three simple classifiers disagree."
    )

    def choose(self, context: QueryContext, shortlist: Query, batch: int) -> Positions:
        """Take the places with the highest vote entropy."""
        # here, for it loads torch, which no page needs
        from skactiveml.classifier import ParzenWindowClassifier, SklearnClassifier
        from skactiveml.pool import QueryByCommittee
        from sklearn.linear_model import LogisticRegression
        from sklearn.neighbors import KNeighborsClassifier

        space = LabeledSpace.of(context, shortlist.items)
        if not space.has_both:
            return np.arange(batch)
        seed = int(context.rng.integers(2**31))
        members = [
            SklearnClassifier(LogisticRegression(), classes=CLASSES, random_state=seed),
            SklearnClassifier(KNeighborsClassifier(1), classes=CLASSES, random_state=seed),
            ParzenWindowClassifier(classes=CLASSES, random_state=seed),
        ]
        strategy = QueryByCommittee(method="vote_entropy", random_state=seed)
        return space.positions(
            strategy.query(
                space.X, space.y, ensemble=members, candidates=space.candidates, batch_size=batch
            )
        )
