"""The class rule, the table behind it, and what the two detectors of classes predict."""

import numpy as np
import pytest
from some import some

from anomaly_core.detectors.classifier import DigitClassifier
from anomaly_core.detectors.feature_autoencoder import FeatureAutoencoder
from anomaly_core.evaluation import auroc

pytestmark = pytest.mark.trains


@pytest.fixture(scope="module")
def split(mnist_5k):
    """Training and other images of the digits 0, 1 and 7, with their classes."""
    rows = np.flatnonzero(np.isin(mnist_5k.labels, (0, 1, 7)))[::2]
    rows = np.random.default_rng(0).permutation(rows)
    images, labels = mnist_5k.images[:, ::2, ::2], mnist_5k.labels
    train, test = rows[:500], rows[500:]
    return images[train], labels[train], images[test], labels[test]


@pytest.fixture(scope="module", params=[DigitClassifier, FeatureAutoencoder])
def detector(request, split):
    return request.param(epochs=4, batch_size=16).fit(split[0], classes=split[1])


def test_classes_of_images_never_seen_are_recognized(detector, split):
    predicted = detector.predict(split[2])
    assert set(predicted) <= {0, 1, 7}
    assert (predicted == split[3]).mean() > 0.9


def test_other_things_are_more_doubtful(detector, split):
    negatives = 255 - split[2]  # black ink on white paper
    y = np.repeat([1, -1], len(negatives))
    scores = detector.decision_function(np.concatenate([split[2], negatives]))
    assert some(auroc(y, scores)) > 0.75


@pytest.fixture(scope="module")
def features(split):
    return FeatureAutoencoder(epochs=3, batch_size=16).fit(split[0], classes=split[1])


def test_the_table_holds_the_mean_error_of_each_class(features, split):
    errors = features.readings(split[0])["feature-error"]
    assert list(features.class_errors_) == [0, 1, 7]
    for label, mean in features.class_errors_.items():
        assert mean == pytest.approx(errors[split[1] == label].mean(), rel=1e-5)


def test_the_score_is_the_error_as_a_multiple_of_its_predicted_class(features, split):
    readings = features.readings(split[2])
    assert list(readings) == ["class-rule", "feature-error", "softmax"]
    means = np.array([features.class_errors_[label] for label in features.predict(split[2])])
    assert np.allclose(readings["class-rule"], readings["feature-error"] / means, rtol=1e-5)
    assert readings["softmax"].min() >= 0
    assert readings["softmax"].max() < 2 / 3
