"""Rules that draw the line between normal and anomalous."""

import math

import numpy as np
import pytest
from refused import refused
from sklearn.metrics import f1_score

from anomaly_core.errors import InvalidInput, TooLittleKnown
from anomaly_core.threshold.rules import (
    BestF1,
    Fixed,
    MeanPlusSigmas,
    PercentileOfNormals,
    contamination_quantile,
    from_radius,
    to_radius,
)

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
    assert to_radius(2.25) == 1.5
    assert to_radius(-1.0) == 0.0


def test_the_radius_of_a_detector_leaves_nu_of_its_pool_outside(detector, threes):
    outside = detector.decision_function(threes.pool) > from_radius(detector.R_)
    assert outside.sum() == pytest.approx(detector.nu * 350, abs=1)


Y = np.where(np.arange(1000) % 5 == 0, -1, 1)
APART = (SCORES + 20 * (Y < 0)).astype(np.float32)
RULES = [PercentileOfNormals(), PercentileOfNormals(80), MeanPlusSigmas(), BestF1()]


@pytest.mark.parametrize("percentile", [50.0, 80.0, 95.0])
def test_a_percentile_looks_at_normal_scores_only(percentile):
    threshold = PercentileOfNormals(percentile).choose(APART, Y)
    assert threshold == pytest.approx(np.percentile(APART[Y > 0], percentile))


def test_mean_and_sigmas_are_those_of_normal_scores():
    normal = APART[Y > 0].astype(np.float64)
    assert MeanPlusSigmas(2).choose(APART, Y) == pytest.approx(normal.mean() + 2 * normal.std())


@pytest.mark.parametrize("seed", range(5))
def test_no_threshold_has_a_higher_f1_than_the_selected_one(seed):
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(200) < 0.2, -1, 1)
    scores = (rng.normal(size=200) + (y < 0)).astype(np.float32)
    chosen = f1_score(y < 0, scores > BestF1().choose(scores, y))
    assert chosen == max(f1_score(y < 0, scores > cut) for cut in [-9.0, *scores[:-1]])


def test_the_selected_threshold_lies_in_the_middle_of_a_gap():
    scores = np.array([1, 2, 6, 7], np.float32)
    assert BestF1().choose(scores, np.array([1, 1, -1, -1])) == 4


@pytest.mark.parametrize("rule", RULES)
def test_without_anomalies_no_rule_flags_everything(rule):
    flagged = rule.choose(SCORES, np.ones(1000, np.int64)) < SCORES
    assert flagged.mean() <= 0.2


@pytest.mark.parametrize("rule", RULES[:3])
def test_without_normal_images_a_rule_of_theirs_is_refused(rule):
    with refused(TooLittleKnown, "No held-out image is normal"):
        rule.choose(SCORES, -np.ones(1000, np.int64))


def test_a_fixed_threshold_stays_what_it_is():
    rule = Fixed(2.0, "twice the mean")
    assert (rule.choose(SCORES, Y), rule.sentence) == (2.0, "twice the mean")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_it_does(rule):
    assert rule.sentence
    assert not rule.sentence.endswith(".")
