"""A classifier whose features an autoencoder must know: letters against digits."""

from anomaly_core.datasets.scenario import AnomalySource, Scenario
from anomaly_core.recipes.base import Recipe
from anomaly_core.recipes.contestants import CLASS_RULE, FEATURE_ERROR, SOFTMAX, SVDD

RECIPE = Recipe(
    "classifier-with-feature-autoencoder",
    "Classifier with feature autoencoder",
    "A convolutional encoder (1-16-32), a classifier and an autoencoder on the features are "
    "trained together on digits. An image is anomalous when its feature error exceeds twice the "
    "mean of its predicted class. Letters A to Z in fonts never seen are what must be found, also "
    "by softmax confidence and by a hypersphere.",
    Scenario(normal=(), contamination=0, sources=(AnomalySource.LETTERS,)),
    (CLASS_RULE, FEATURE_ERROR, SOFTMAX, SVDD),
)
