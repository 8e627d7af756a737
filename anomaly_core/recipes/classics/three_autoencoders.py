"""Two fully connected autoencoders and a convolutional one against noise of several strengths."""

from anomaly_core.datasets.scenario import AnomalySource, Scenario
from anomaly_core.recipes.base import Recipe, Reference
from anomaly_core.recipes.contestants import CONV, FC, FC_DEEP
from anomaly_core.threshold.rules import BestF1

STRENGTHS = (0.1, 0.2, 0.3, 0.5)
CLEAN, NOISY = 1000, 100  # of each strength

RECIPE = Recipe(
    "three-autoencoders",
    "Three autoencoders against noise",
    "How much noise must there be until it is found? Three autoencoders learn from clean digits "
    "and look for a hundred noisy ones of each strength among a thousand clean ones; thresholds "
    "are chosen on validation images. Two are fully connected (784-128-64-16, 784-512-256-128-16), "
    "one has transposed convolutions (28x28x1-14x14x16-7x7x32).",
    Scenario(
        normal=(),
        contamination=0,
        held_out=len(STRENGTHS) * NOISY / (CLEAN + len(STRENGTHS) * NOISY),
        sources=(AnomalySource.NOISE,),
        noise=STRENGTHS,
    ),
    tuple(one.ruled_by(BestF1()) for one in (FC, FC_DEEP, CONV)),
    references=(Reference("conv", "f1", 0.995, type="noise 0.2"),),
)
