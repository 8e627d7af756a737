"""A classifier whose features an autoencoder must know: letters against digits."""

from anomaly_core.datasets.scenario import AnomalySource, Scenario
from anomaly_core.recipes.base import Recipe
from anomaly_core.recipes.contestants import CLASS_RULE, FEATURE_ERROR, SOFTMAX, SVDD

RECIPE = Recipe(
    "classifier-with-feature-autoencoder",
    "Classifier with feature autoencoder",
    "Are letters found by what has learned digits only? A convolutional encoder (1-16-32), a "
    "classifier and an autoencoder on the features are trained together; an image is anomalous "
    "when its feature error exceeds twice the mean of its predicted class. The letters come in "
    "fonts never seen; softmax confidence and a hypersphere look for them too.",
    Scenario(normal=(), contamination=0, sources=(AnomalySource.LETTERS,)),
    (CLASS_RULE, FEATURE_ERROR, SOFTMAX, SVDD),
)
