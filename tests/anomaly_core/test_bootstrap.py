"""Intervals of a ranking are those that scikit-learn's figures of the same resamples give."""

import time

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from anomaly_core.bootstrap import ranking, resamples


def sample(normals, anomalies, shift=1.0, seed=0):
    rng = np.random.default_rng(seed)
    y = np.array([1] * normals + [-1] * anomalies)
    scores = np.round(rng.normal(size=len(y)) + shift * (y < 0), 1).astype(np.float32)  # with ties
    order = rng.permutation(len(y))
    return y[order], scores[order]


@pytest.mark.parametrize(("normals", "anomalies"), [(120, 30), (30, 120), (3, 2)])
def test_the_limits_are_quantiles_of_scikit_learns_figures(normals, anomalies):
    y, scores = sample(normals, anomalies)
    rows = np.flatnonzero(y > 0), np.flatnonzero(y < 0)
    drawn = []
    for chosen in resamples(normals, anomalies, 7, 100):
        both = np.concatenate([of[one] for of, one in zip(rows, chosen, strict=True)])
        truth = y[both] < 0
        drawn.append(
            (roc_auc_score(truth, scores[both]), average_precision_score(truth, scores[both]))
        )
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    found = ranking(y, scores, seed=7, draws=100)
    known = (found.auroc, found.average_precision)
    values = (roc_auc_score(y < 0, scores), average_precision_score(y < 0, scores))
    assert [one.value for one in known] == pytest.approx(values)
    assert [one.low for one in known] == pytest.approx(np.minimum(low, values))
    assert [one.high for one in known] == pytest.approx(np.maximum(high, values))


def test_a_resample_has_as_many_of_both_and_draws_with_replacement():
    for normal, anomalous in resamples(50, 9, 0, 20):
        assert (len(normal), len(anomalous)) == (50, 9)
        assert normal.max() < 50
        assert anomalous.max() < 9
        assert len(set(normal.tolist())) < 50


def test_the_intervals_cover_the_truth():
    truth, covered = 0.7602499, 0  # the share of pairs in which N(1, 1) exceeds N(0, 1)
    for seed in range(150):
        y = np.array([1] * 150 + [-1] * 60)
        scores = np.random.default_rng(seed).normal(size=210) + (y < 0)
        found = ranking(y, scores, draws=200).auroc
        covered += found.low <= truth <= found.high
    assert covered >= 132  # 95 % of 150, less three to four standard deviations


def test_what_has_one_class_only_is_undefined():
    assert ranking(np.array([1, 1]), np.array([0.1, 0.2])) is None
    assert ranking(np.array([], int), np.array([])) is None


def test_a_perfect_ranking_says_that_no_resample_can_tell():
    y, scores = sample(20, 20, shift=100)
    found = ranking(y, scores)
    assert found.perfect
    assert found.auroc.low == found.auroc.high == 1
    assert not ranking(*sample(20, 20)).perfect


def test_the_seed_decides():
    y, scores = sample(60, 20)
    assert ranking(y, scores, seed=1) == ranking(y, scores, seed=1)
    assert ranking(y, scores, seed=1) != ranking(y, scores, seed=2)


def test_ten_thousand_scores_are_quick():
    y = np.array([1] * 9_000 + [-1] * 1_000)
    scores = np.random.default_rng(0).normal(size=10_000) + (y < 0)
    took = []
    for _ in range(3):
        started = time.perf_counter()
        ranking(y, scores)
        took.append(time.perf_counter() - started)
    assert min(took) < 1  # about 0.1 s on a free core
