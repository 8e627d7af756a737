"""Noise has the spread it is said to have, and a rotation turns by its angle."""

import numpy as np
import pytest

from anomaly_core.datasets.corruptions import BLOCK, add_noise, rotate

GRAY = np.full((40, 28, 28), 128, np.uint8)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("sigma", [0.02, 0.05, 0.1])
def test_noise_has_its_spread_and_no_drift(sigma):
    noise = add_noise(GRAY, sigma, rng()).astype(float) / 255 - 128 / 255
    assert noise.std() == pytest.approx(sigma, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=3 * sigma / np.sqrt(noise.size))


def test_noise_is_clipped_at_black_and_white():
    black = add_noise(np.zeros_like(GRAY), 0.2, rng())
    assert np.mean(black == 0) == pytest.approx(0.5, abs=0.02)
    assert np.sqrt(2 * np.mean((black / 255) ** 2)) == pytest.approx(0.2, rel=0.03)
    assert np.mean(add_noise(GRAY, 1, rng()) == 255) > 0.25


def test_each_image_has_its_own_strength():
    noisy = add_noise(GRAY[:3], [0, 0.02, 0.1], rng()).astype(float) / 255
    assert noisy.std(axis=(1, 2)) == pytest.approx([0, 0.02, 0.1], rel=0.1)


def test_noise_differs_from_image_to_image_but_not_from_time_to_time():
    many = np.repeat(GRAY[:1, :4, :4], BLOCK + 3, axis=0)
    noisy = add_noise(many, 0.1, rng(1))
    assert len(np.unique(noisy.reshape(len(noisy), -1), axis=0)) == len(noisy)
    assert np.array_equal(noisy, add_noise(many, 0.1, rng(1)))


def test_a_quarter_turn_goes_counterclockwise(mnist_5k):
    images = mnist_5k.images[::500]
    assert np.array_equal(rotate(images, 90), np.rot90(images, axes=(1, 2)))
    assert np.array_equal(rotate(images, -180), np.rot90(images, 2, axes=(1, 2)))


def test_no_angle_changes_nothing_and_the_images_given_stay_as_they_are(mnist_5k):
    images = mnist_5k.images[::500].copy()
    assert np.array_equal(rotate(images, 0), images)
    rotate(images, 20)
    add_noise(images, 0.5, rng())
    assert np.array_equal(images, mnist_5k.images[::500])


def test_each_image_is_turned_by_its_own_angle(mnist_5k):
    images = mnist_5k.images[::500]
    angles = np.linspace(-30, 30, len(images))
    turned = rotate(images, angles)
    for image, angle, one in zip(images, angles, turned, strict=True):
        assert np.array_equal(rotate(image[None], angle)[0], one)
        back = rotate(one[None], -angle)[0].astype(float)
        assert np.corrcoef(back.ravel(), image.ravel())[0, 1] > 0.97


def test_no_images_are_no_trouble():
    none = np.empty((0, 28, 28), np.uint8)
    assert rotate(none, np.empty(0)).shape == add_noise(none, 0.5, rng()).shape == (0, 28, 28)
