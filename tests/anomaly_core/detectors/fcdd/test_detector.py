"""The hypersphere of places: its distances, its map, and what labels do to it."""

import copy

import numpy as np
import pytest
from some import some

from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.evaluation import auroc

pytestmark = pytest.mark.trains

SIDE = 32


def stripes(count, seed):
    """Stripes of any phase, with a little noise: normal images (n, 32, 32)."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 2 * np.pi, (count, 1, 1))
    waves = np.sin(np.arange(SIDE)[:, None] * 0.8 + phase) * 50 + 128
    return (waves + rng.normal(0, 6, (count, SIDE, SIDE))).clip(0, 255).astype(np.uint8)


def spotted(images, seed):
    """Copies with a dark spot, and where its middle is (n, 2)."""
    places = np.random.default_rng(seed).integers(4, SIDE - 9, (len(images), 2))
    made = images.copy()
    for image, (top, left) in zip(made, places, strict=True):
        image[top : top + 5, left : left + 5] = 20
    return made, places + 2


@pytest.fixture(scope="module")
def fitted_fcdd():
    return FCDD(steps=150, update_steps=20).fit(stripes(120, 0))


@pytest.fixture
def fitted(fitted_fcdd):
    return copy.deepcopy(fitted_fcdd)


def test_scores_are_squared_distances_to_the_center(fitted):
    scores, z = fitted.score(stripes(20, 1))
    assert fitted.c_.shape == z.shape[1:]
    np.testing.assert_allclose(np.square(z - fitted.c_.numpy()).sum(axis=1), scores, rtol=1e-4)


def test_the_radius_leaves_a_share_outside(fitted):
    distances = np.sqrt(fitted.decision_function(stripes(120, 0)))
    assert np.mean(distances > fitted.R_) == pytest.approx(fitted.nu, abs=0.02)


def test_defects_are_seen_before_any_label_and_the_map_shows_where(fitted):
    clean = stripes(60, 2)
    odd, places = spotted(stripes(60, 3), 4)
    y = np.repeat([1, -1], 60)
    assert some(auroc(y, fitted.decision_function(np.concatenate([clean, odd])))) > 0.85
    maps = fitted.explain(odd)
    assert maps.shape == odd.shape
    peaks = np.stack(np.unravel_index(maps.reshape(60, -1).argmax(axis=1), (SIDE, SIDE)), axis=1)
    near = np.abs(peaks - places).max(axis=1) <= 6
    assert near.mean() > 0.7


def test_labeled_images_are_pushed_out_and_pulled_in(fitted):
    odd, _ = spotted(stripes(20, 5), 6)
    images = np.concatenate([stripes(100, 0), odd])
    y = np.repeat([0, 1, -1], [80, 20, 20])
    before = fitted.decision_function(images)
    after = fitted.update(images, y).decision_function(images)
    assert np.median(after[80:100]) < np.median(before[80:100])
    assert some(auroc(np.repeat([1, -1], [100, 20]), after)) > 0.9
