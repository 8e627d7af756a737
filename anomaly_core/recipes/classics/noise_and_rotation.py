"""Clean digits against noisy and turned ones."""

from anomaly_core.datasets.scenario import AnomalySource, Scenario
from anomaly_core.recipes.base import Recipe, Reference
from anomaly_core.recipes.contestants import CLASSIFIER, DEEP

RECIPE = Recipe(
    "noise-and-rotation",
    "Noise and rotation",
    "A deep autoencoder learns from clean digits only and tells apart clean, noisy (sigma 0.5) and "
    "turned (up to 30 degrees) ones and such as are both, in equal numbers, by the error of its "
    "reconstruction. Beside it a classifier, with its accuracy and its confidence.",
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
