"""Every detector that can be held beside others, by name.

Declarations only: nothing is imported that would take long, so that a page may list them.
"""

from dataclasses import replace

from anomaly_core.recipes.base import Contestant
from anomaly_core.recipes.lessons import ActiveLabeling
from anomaly_core.threshold.rules import Fixed

CLASS_MEAN_TIMES = 2.0  # k of the rule per class


def times_the_class_mean(k: float) -> Fixed:
    """Flag what has more than `k` times the mean error of its predicted class."""
    return Fixed(k, f"{k:g} times the mean of the predicted class")


def autoencoder(name: str, title: str, network: str) -> Contestant:
    """An autoencoder of one architecture, judged by its reconstruction error."""
    return Contestant(name, title, "autoencoder", {"network": network})


def sphere(name: str, title: str, batch: int) -> Contestant:
    """The hypersphere over the network 784-256-128-64, after 120 labels."""
    return replace(SVDD_MLP, name=name, title=title, lesson=ActiveLabeling(120, batch))


SVDD = Contestant("svdd", "Deep SVDD, no labels", "deep-svdd", {"network": "conv"})
SVDD_MLP = Contestant(
    "svdd-mlp", "Deep SVDD 784-256-128-64, no labels", "deep-svdd", {"network": "mlp-64"}
)
ACTIVE_60 = sphere("active-60", "Deep SVDD, 120 labels in rounds of 60", 60)
ACTIVE_10 = sphere("active-10", "Deep SVDD, 120 labels in rounds of 10", 10)
DEEP = autoencoder("deep-autoencoder", "Deep autoencoder", "deep-noise")
CONV_POOL = autoencoder("conv-pool", "Convolutional autoencoder with pooling", "conv-pool")
FC = autoencoder("fc", "Fully connected 784-128-64-16", "fc-16")
FC_DEEP = autoencoder("fc-deep", "Fully connected 784-512-256-128-16", "fc-deep-16")
CONV = autoencoder("conv", "Convolutional 28x28x1-14x14x16-7x7x32", "conv-transposed")
CLASSIFIER = Contestant(
    "classifier", "Softmax confidence of a classifier", "classifier", learns_classes=True
)
FEATURE_ERROR = Contestant(
    "feature-error",
    "Reconstruction error of features",
    "feature-autoencoder",
    reading="feature-error",
    model="feature-autoencoder",
    learns_classes=True,
)
CLASS_RULE = replace(
    FEATURE_ERROR,
    name="class-rule",
    title="Feature error against its class",
    reading="class-rule",
    rule=times_the_class_mean(CLASS_MEAN_TIMES),
)
SOFTMAX = replace(
    FEATURE_ERROR, name="softmax", title="Softmax confidence beside it", reading="softmax"
)

CONTESTANTS = {
    one.name: one
    for one in (
        SVDD,
        SVDD_MLP,
        ACTIVE_60,
        ACTIVE_10,
        DEEP,
        CONV_POOL,
        FC,
        FC_DEEP,
        CONV,
        CLASSIFIER,
        CLASS_RULE,
        FEATURE_ERROR,
        SOFTMAX,
    )
}
