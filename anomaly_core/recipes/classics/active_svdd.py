"""A hypersphere that asks: one digit is normal, a few of every other hide in the pool."""

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.recipes.base import Recipe
from anomaly_core.recipes.contestants import ACTIVE_10, ACTIVE_60, SVDD_MLP

RECIPE = Recipe(
    "active-svdd",
    "Deep SVDD with active labeling",
    "One digit is normal, and ten images of each other digit hide in the pool: a hypersphere looks "
    "for them and asks for labels where half of the answers should be normal (an adaptive quantile "
    "of the scores, from 0.8 on). It begins with the encoder of an autoencoder 784-256-128-64.",
    Scenario(normal=(2,), per_class=10),
    (SVDD_MLP, ACTIVE_60, ACTIVE_10),
)
