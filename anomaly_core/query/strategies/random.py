"""Random sampling: the baseline every other strategy has to beat."""

from anomaly_core.query.base import Items, QueryContext, QueryStrategy, Utilities


class RandomSampling(QueryStrategy):
    """Every unlabeled item is as likely as any other."""

    name = "random"
    reason = "it was drawn at random"
    purpose = (
        "For comparison: every unlabeled image is as likely as any other, which each other "
        "strategy has to beat."
    )
    at_random = True

    def utilities(self, context: QueryContext, items: Items) -> Utilities:
        """Uniform draws between 0 and 1."""
        return context.rng.random(len(items))
