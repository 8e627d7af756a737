"""Estimates from a random sample: their values, their bounds, and how often they are right."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm
from sklearn.metrics import average_precision_score
from some import some

from anomaly_core.threshold.intervals import (
    Interval,
    auroc_interval,
    average_precision_interval,
    estimate_quality,
    hanley_mcneil,
    limits,
    share,
    shares,
)

SEEDS = range(400)


def test_nothing_is_told_of_nothing():
    nothing = estimate_quality(np.empty(0, np.int64), np.empty(0, np.float32), 1.0)
    assert (nothing.answers, nothing.anomalies) == (0, 0)
    assert nothing.contamination is nothing.auroc is nothing.precision is nothing.recall is None


def test_one_class_leaves_what_needs_two_undefined():
    scores = np.array([1, 2, 3], np.float32)
    normal = estimate_quality(np.ones(3, np.int64), scores, 2.5)
    assert normal.auroc is None
    assert normal.recall is None
    contamination = some(normal.contamination)
    assert some(normal.precision).value == 0
    assert contamination.value == 0 < contamination.high
    anomalous = estimate_quality(-np.ones(3, np.int64), scores, 9)
    assert anomalous.auroc is None
    assert anomalous.precision is None
    assert some(anomalous.recall).value == 0


@pytest.mark.parametrize("part", [0, 3, 20])
def test_shares_are_clopper_and_pearsons(part):
    interval = some(share(part, 20, 0.95))
    exact = binomtest(part, 20).proportion_ci(0.95, method="exact")
    assert interval.value == part / 20
    assert (interval.low, interval.high) == pytest.approx((exact.low, exact.high))


def test_the_limits_of_a_curve_are_those_of_its_shares():
    parts = np.array([0, 3, 10])
    low, high = limits(parts, 10)
    for part, a, b, one in zip(parts.tolist(), low, high, shares(parts, 10), strict=True):
        exact = binomtest(part, 10).proportion_ci(0.95, method="exact")
        assert (a, b) == pytest.approx((exact.low, exact.high))
        assert one == Interval(part / 10, a, b)
    assert np.isnan(limits(parts, 0)).all()
    assert shares(parts, 0) == [None] * 3


def test_precision_and_recall_are_those_at_the_threshold():
    y = np.array([1, 1, 1, -1, -1, -1, -1])
    scores = np.array([0, 1, 5, 0, 6, 7, 8], np.float32)
    known = estimate_quality(y, scores, 4.0)
    assert some(known.precision).value == 3 / 4
    assert some(known.recall).value == 3 / 4
    assert some(known.contamination).value == 4 / 7


@pytest.mark.parametrize("separation", [0.0, 1.0, 50.0])
def test_auroc_intervals_hold_their_value_and_stay_within_0_and_1(separation):
    rng = np.random.default_rng(0)
    y = np.repeat([1, -1], [30, 3])
    scores = (rng.normal(size=33) + separation * (y < 0)).astype(np.float32)
    interval = some(auroc_interval(y, scores))
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    assert interval.high - interval.low > 0.1  # three anomalies cannot tell more


def test_more_answers_give_narrower_intervals():
    def width(count: int) -> float:
        y = np.repeat([1, -1], [9 * count, count])
        scores = np.random.default_rng(1).normal(size=len(y)) + 1.5 * (y < 0)
        interval = some(auroc_interval(y, scores.astype(np.float32)))
        return interval.high - interval.low

    assert width(2) > width(10) > width(100) > 0


def test_the_variance_is_hanley_and_mcneils_for_equal_sizes():
    # with m = n, Newcombe's common sample size is the true one
    theta, n = 0.8, 25
    q1, q2 = theta / (2 - theta), 2 * theta**2 / (1 + theta)
    expected = theta * (1 - theta) + (n - 1) * (q1 + q2 - 2 * theta**2)
    assert hanley_mcneil(theta, n, n) == pytest.approx(expected / n**2)


@pytest.mark.slow
@pytest.mark.parametrize("answers", [20, 60])
@pytest.mark.parametrize("separation", [1.0, 2.5])
def test_intervals_cover_the_truth_as_often_as_promised(answers, separation):
    """Audit slices of many projects: 10 % anomalies, whose scores lie higher."""
    threshold = 1.5
    truth = {
        "auroc": norm.cdf(separation / np.sqrt(2)),
        "contamination": 0.1,
        "recall": norm.sf(threshold - separation),
    }
    flagged = 0.1 * norm.sf(threshold - separation), 0.9 * norm.sf(threshold)
    truth["precision"] = flagged[0] / sum(flagged)
    covered: dict[str, list[bool]] = {name: [] for name in truth}
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        y = np.where(rng.random(answers) < 0.1, -1, 1)
        scores = (rng.normal(size=answers) + separation * (y < 0)).astype(np.float32)
        known = estimate_quality(y, scores, threshold)
        for name, value in truth.items():
            if (interval := getattr(known, name)) is not None:
                covered[name].append(interval.low <= value <= interval.high)
    for name, hits in covered.items():
        assert len(hits) > 150
        slack = 3 * np.sqrt(0.95 * 0.05 / len(hits))
        assert np.mean(hits) > 0.95 - slack, name


@pytest.mark.slow
def test_intervals_are_no_wider_than_they_need_be():
    """An interval that always covered would be of no use; the AUROC's misses now and then."""
    truth, misses = norm.cdf(1.0 / np.sqrt(2)), 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        y = np.repeat([1, -1], [40, 40])
        scores = (rng.normal(size=80) + (y < 0)).astype(np.float32)
        interval = some(auroc_interval(y, scores))
        misses += not interval.low <= truth <= interval.high
    assert misses > 5


@pytest.mark.slow
@pytest.mark.parametrize(("anomalies", "normals", "shift"), [(3, 30, 1), (20, 180, 2)])
def test_ranges_of_average_precision_cover_the_truth(anomalies, normals, shift):
    def drawn(rng, times=1):
        y = np.repeat([-1, 1], [times * anomalies, times * normals])
        return y, rng.normal(size=len(y)) + shift * (y < 0)

    y, scores = drawn(np.random.default_rng(0), 3_000)
    truth, covered = average_precision_score(y < 0, scores), 0
    for seed in range(200):
        y, scores = drawn(np.random.default_rng(seed))
        found = some(average_precision_interval(y, scores))
        assert found.value == pytest.approx(average_precision_score(y < 0, scores))
        assert 0 <= found.low <= found.value <= found.high <= 1
        covered += found.low <= truth <= found.high
    assert covered >= 185  # 95 % of 200, less some two standard deviations


def test_average_precision_that_is_perfect_has_a_range_and_of_one_class_none():
    y, scores = np.array([1, 1, -1, -1]), np.array([0.1, 0.2, 0.8, 0.9])
    found = some(average_precision_interval(y, scores))
    exact = binomtest(2, 2).proportion_ci(0.95, method="exact")
    assert (found.value, found.low, found.high) == pytest.approx((1, exact.low, 1))
    assert average_precision_interval(np.array([1, 1]), scores[:2]) is None
