"""A hypersphere that asks: one digit is normal, a few of every other hide in the pool."""

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.recipes.base import Recipe
from anomaly_core.recipes.contestants import ACTIVE_10, ACTIVE_60, SVDD_MLP

RECIPE = Recipe(
    "active-svdd",
    "Deep SVDD with active labeling",
    "An autoencoder 784-256-128-64 hands its encoder to a hypersphere, which asks for labels where "
    "an adaptive quantile of the scores lies: from 0.8 on, toward where half of the answers are "
    "normal. One digit is normal, ten images of each other digit hide in the pool.",
    Scenario(normal=(2,), per_class=10),
    (SVDD_MLP, ACTIVE_60, ACTIVE_10),
)
