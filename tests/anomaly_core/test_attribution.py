"""The gradient of the distance is what finite differences say it is."""

import copy

import numpy as np
import pytest
import torch

from anomaly_core.attribution import distance_gradient
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.errors import NotFitted

pytestmark = pytest.mark.trains

STEP = 1e-6


@pytest.fixture(scope="module", params=[("mlp", 1), ("conv", 1), ("mlp", 3)], ids=str)
def fitted(request):
    network, centers = request.param
    images = np.random.default_rng(0).integers(0, 256, (120, 12, 12), np.uint8)
    detector = DeepSVDD(network=network, centers=centers, pretrain_steps=5, seed=1)
    return detector.fit(images), images


def distances(detector, x):
    """Distances of (n, height, width) images from 0 to 1, in double precision."""
    encoder = copy.deepcopy(detector.encoder_).cpu().double()
    centers = detector.c_.cpu().double().reshape(-1, detector.c_.shape[-1])
    with torch.no_grad():
        z = encoder(torch.from_numpy(x))
        return torch.cdist(z, centers).min(dim=1).values.numpy()


def test_gradient_is_that_of_finite_differences(fitted):
    detector, images = fitted
    image = images[3].astype(np.float64) / 255
    pixels = np.random.default_rng(1).choice(144, 25, replace=False)
    moved = np.repeat(image[None], 50, axis=0).reshape(50, 144)
    moved[np.arange(25), pixels] += STEP
    moved[25 + np.arange(25), pixels] -= STEP
    distance = distances(detector, moved.reshape(50, 12, 12))
    expected = (distance[:25] - distance[25:]) / (2 * STEP)
    found = distance_gradient(detector, images[3:4])[0].ravel()[pixels]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_images_have_gradients_of_their_own(fitted):
    detector, images = fitted
    together = distance_gradient(detector, images[:4])
    assert together.shape == (4, 12, 12)
    for one, gradient in zip(images[:4], together, strict=True):
        np.testing.assert_allclose(distance_gradient(detector, one[None])[0], gradient, atol=1e-5)


def test_the_detector_stays_as_it_is(fitted):
    detector, images = fitted
    before = detector.decision_function(images)
    distance_gradient(detector, images[:4])
    assert (detector.decision_function(images) == before).all()
    assert all(weight.grad is None for weight in detector.encoder_.parameters())


def test_a_detector_that_was_not_fitted_has_none():
    with pytest.raises(NotFitted):
        distance_gradient(DeepSVDD(), np.zeros((1, 12, 12), np.uint8))
