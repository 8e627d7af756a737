"""Recipes by name: known ways to detect anomalies that can be run, and held side by side."""

from anomaly_core.recipes.base import Contestant, Evaluation, Given, Recipe, Reference
from anomaly_core.recipes.classics import (
    active_svdd,
    feature_autoencoder,
    noise_and_rotation,
    three_autoencoders,
    unsupervised_conv,
)
from anomaly_core.recipes.contestants import CONTESTANTS
from anomaly_core.recipes.evaluations import EVALUATIONS

RECIPES: dict[str, Recipe] = {
    module.RECIPE.name: module.RECIPE
    for module in (
        active_svdd,
        noise_and_rotation,
        unsupervised_conv,
        three_autoencoders,
        feature_autoencoder,
    )
}

__all__ = [
    "CONTESTANTS",
    "EVALUATIONS",
    "RECIPES",
    "Contestant",
    "Evaluation",
    "Given",
    "Recipe",
    "Reference",
]
