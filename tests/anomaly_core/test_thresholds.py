"""Rules that draw the line between normal and anomalous."""

import math

import numpy as np
import pytest
from refused import refused

from anomaly_core.errors import InvalidInput
from anomaly_core.thresholds import contamination_quantile, from_radius

SCORES = np.random.default_rng(0).gamma(2.0, size=1000).astype(np.float32)


@pytest.mark.parametrize("contamination", [0.001, 0.05, 0.1, 0.5, 0.9])
def test_the_expected_share_is_flagged(contamination):
    flagged = contamination_quantile(SCORES, contamination) < SCORES
    assert flagged.sum() == round(1000 * contamination)


def test_equal_scores_are_not_all_flagged():
    scores = np.ones(100, np.float32)
    assert not (scores > contamination_quantile(scores, 0.1)).any()


@pytest.mark.parametrize("contamination", [-0.1, 0, 1, 1.5, math.nan])
def test_a_contamination_that_is_no_share_is_refused(contamination):
    with refused(InvalidInput, "is not a share; give 0 to 1"):
        contamination_quantile(SCORES, contamination)


def test_scores_are_squared_distances_so_a_radius_is_squared():
    assert from_radius(1.5) == 2.25


def test_the_radius_of_a_detector_leaves_nu_of_its_pool_outside(detector, threes):
    outside = detector.decision_function(threes.pool) > from_radius(detector.R_)
    assert outside.sum() == pytest.approx(detector.nu * 350, abs=1)
