"""A convolutional autoencoder that ignores labels and ranks by what it reconstructs worst."""

from anomaly_core.datasets.scenario import AnomalySource, Scenario
from anomaly_core.recipes.base import Recipe
from anomaly_core.recipes.contestants import CONV_POOL

RECIPE = Recipe(
    "unsupervised-conv",
    "Unsupervised convolutional autoencoder",
    "What can be found without any label: images are ranked by how badly they are redrawn. One in "
    "twenty of those it learns from and is judged on is noisy, turned or a letter. The network: "
    "convolution, ReLU, batch normalisation and pooling, and back by upsampling.",
    Scenario(
        normal=(),
        contamination=0.05,
        held_out=0.05,
        sources=(AnomalySource.NOISE, AnomalySource.ROTATION, AnomalySource.LETTERS),
    ),
    (CONV_POOL,),
)
