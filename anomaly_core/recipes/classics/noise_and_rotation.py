"""Clean digits against noisy and turned ones."""

from anomaly_core.datasets.scenario import AnomalySource, Scenario
from anomaly_core.recipes.base import Recipe, Reference
from anomaly_core.recipes.contestants import CLASSIFIER, DEEP

RECIPE = Recipe(
    "noise-and-rotation",
    "Noise and rotation",
    "Which digits are noisy (sigma 0.5), turned (up to 30 degrees) or both? A deep autoencoder "
    "that has learned from clean digits only tells by how badly it redraws them; there are equally "
    "many of all four kinds. Beside it a classifier, with its accuracy and its confidence.",
    Scenario(
        normal=(),
        contamination=0,
        sources=(
            AnomalySource.NOISE,
            AnomalySource.ROTATION,
            AnomalySource.NOISE_AND_ROTATION,
        ),
        noise=(0.5,),
        rotation=30.0,
    ),
    (DEEP, CLASSIFIER),
    references=tuple(
        Reference("deep-autoencoder", figure, value)
        for figure, value in (("precision", 0.98), ("recall", 0.69), ("f1", 0.81), ("auroc", 0.866))
    ),
)
