"""Query strategies by name."""

import inspect
from typing import Any

from anomaly_core.errors import InvalidInput
from anomaly_core.query.base import Query, QueryContext, QueryStrategy, Utilities
from anomaly_core.query.strategies.auto import Auto
from anomaly_core.query.strategies.boundary import Boundary
from anomaly_core.query.strategies.boundary_neighbor import BoundaryNeighbor
from anomaly_core.query.strategies.boundary_quantile import BoundaryQuantile
from anomaly_core.query.strategies.committee import Committee
from anomaly_core.query.strategies.core_set import GreedyCoreSet
from anomaly_core.query.strategies.expected_error import ExpectedError
from anomaly_core.query.strategies.greedy import Greedy
from anomaly_core.query.strategies.k_means import KMeansPlusPlus
from anomaly_core.query.strategies.k_medoids import KMedoids
from anomaly_core.query.strategies.margin import Margin
from anomaly_core.query.strategies.margin_diverse import MarginDiverse
from anomaly_core.query.strategies.neighborhood import Neighborhood
from anomaly_core.query.strategies.positive_diverse import PositiveDiverse
from anomaly_core.query.strategies.random import RandomSampling
from anomaly_core.query.strategies.top import TopScore

STRATEGIES: dict[str, type[QueryStrategy]] = {
    strategy.name: strategy
    for strategy in (
        Auto,
        Margin,
        MarginDiverse,
        TopScore,
        PositiveDiverse,
        Boundary,
        BoundaryQuantile,
        BoundaryNeighbor,
        Neighborhood,
        Greedy,
        Committee,
        ExpectedError,
        KMeansPlusPlus,
        KMedoids,
        GreedyCoreSet,
        RandomSampling,
    )
}
DEFAULT = Auto.name

__all__ = [
    "DEFAULT",
    "STRATEGIES",
    "Query",
    "QueryContext",
    "QueryStrategy",
    "Utilities",
    "strategy_named",
]


def strategy_named(name: str, **parameters: Any) -> QueryStrategy:
    """Return the strategy called `name`; raises `InvalidInput` for an unknown one."""
    if name not in STRATEGIES:
        raise InvalidInput(
            f"There is no strategy {name!r}; choose one of {', '.join(sorted(STRATEGIES))}."
        )
    strategy = STRATEGIES[name]
    known = inspect.signature(strategy).parameters
    if unknown := parameters.keys() - known.keys():
        raise InvalidInput(f"The strategy {name} takes no {', '.join(sorted(unknown))}.")
    return strategy(**parameters)
