"""Query strategies by name."""

from anomaly_core.errors import InvalidInput
from anomaly_core.query.base import Query, QueryContext, QueryStrategy, Utilities
from anomaly_core.query.margin import Margin
from anomaly_core.query.random import RandomSampling
from anomaly_core.query.top import TopScore

STRATEGIES: dict[str, type[QueryStrategy]] = {
    strategy.name: strategy for strategy in (Margin, TopScore, RandomSampling)
}

__all__ = ["STRATEGIES", "Query", "QueryContext", "QueryStrategy", "Utilities", "strategy_named"]


def strategy_named(name: str) -> QueryStrategy:
    """Return the strategy called `name`; raises `InvalidInput` for an unknown one."""
    if name not in STRATEGIES:
        raise InvalidInput(
            f"There is no strategy {name!r}; choose one of {', '.join(sorted(STRATEGIES))}."
        )
    return STRATEGIES[name]()
