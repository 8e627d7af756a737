"""Every figure about a threshold equals an independent computation, and intervals cover."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, fbeta_score, precision_score, roc_curve
from some import some

from anomaly_core.errors import InvalidInput
from anomaly_core.threshold.judged import (
    Judged,
    Worth,
    bands,
    figures_at,
    flagged_shares,
    shares_by_place,
)


def judged(seed=0, normals=400, anomalies=60, shift=1.5):
    rng = np.random.default_rng(seed)
    y = np.array([1] * normals + [-1] * anomalies)
    scores = np.round(rng.normal(size=len(y)) + shift * (y < 0), 2).astype(np.float32)  # with ties
    order = rng.permutation(len(y))
    return Judged(y[order], scores[order], rng.normal(size=1_000).astype(np.float32))


def test_every_decision_is_a_cut_and_none_is_twice():
    known = judged()
    cuts = known.cuts
    false_positive_rate, recall, _ = roc_curve(known.y < 0, known.scores, drop_intermediate=False)
    assert np.allclose(cuts.recall[::-1], recall)
    assert np.allclose(cuts.false_positive_rate[::-1], false_positive_rate)
    assert (np.diff(cuts.threshold) > 0).all()


@pytest.mark.parametrize("threshold", [-3.0, 0.0, 0.5, 1.25, 9.0])
def test_figures_at_the_prevalence_of_the_sample_are_those_of_scikit_learn(threshold):
    known = judged()
    truth, flagged = known.y < 0, known.scores.astype(float) > threshold
    worth = Worth(prevalence=60 / 460, beta=2, miss=5, false_alarm=0.5)
    (tn, fp), (fn, tp) = confusion_matrix(truth, flagged)
    found = figures_at(known, threshold, worth)
    assert (found.confusion.true_positive, found.confusion.false_positive) == (tp, fp)
    assert some(found.recall).value == pytest.approx(tp / (tp + fn))
    assert some(found.false_positive_rate).value == pytest.approx(fp / (fp + tn))
    if flagged.any():
        assert some(found.precision).value == pytest.approx(precision_score(truth, flagged))
    else:
        assert found.precision is None
    f_beta = fbeta_score(truth, flagged, beta=2, zero_division=0)
    assert some(found.f_beta).value == pytest.approx(f_beta)
    assert some(found.cost).value == pytest.approx(1_000 * (5 * fn + 0.5 * fp) / 460)
    assert found.alerts == pytest.approx(1_000 * (known.pool > threshold).mean())


def test_precision_at_another_prevalence_is_that_of_a_sample_so_mixed():
    known = judged(normals=900, anomalies=100)
    worth = Worth(prevalence=0.5)
    weight = np.where(known.y < 0, 9.0, 1.0)  # as many anomalous as normal
    flagged = known.scores.astype(float) > 0.7
    expected = precision_score(known.y < 0, flagged, sample_weight=weight)
    assert some(figures_at(known, 0.7, worth).precision).value == pytest.approx(expected)


def test_intervals_hold_the_value_and_do_not_vanish_where_all_are_caught():
    known = judged(shift=50)
    found = figures_at(known, 25.0, Worth(0.1))
    assert some(found.recall).value == 1
    for figure in (found.recall, found.false_positive_rate, found.precision, found.f_beta):
        interval = some(figure)
        assert interval.low <= interval.value <= interval.high
        assert interval.high > interval.low
    assert figures_at(known, 25.0, Worth(0.1)) == found  # the seed decides


def test_intervals_of_derived_figures_cover_the_truth():
    recall, alarms, worth = 0.8, 0.1, Worth(0.1)
    truth = float(worth.precision(recall, alarms))
    rng, covered = np.random.default_rng(1), 0
    for seed in range(200):
        scores = np.concatenate([rng.random(60) < recall, rng.random(400) < alarms])
        y = np.array([-1] * 60 + [1] * 400)
        known = Judged(y, scores.astype(np.float32), scores)
        found = some(figures_at(known, 0.5, worth, seed).precision)
        covered += found.low <= truth <= found.high
    assert covered >= 182  # 95 % of 200, less three standard deviations


def test_what_is_unknown_is_undefined():
    nothing = Judged(np.array([], int), np.array([], np.float32), np.array([1.0, 2.0]))
    found = figures_at(nothing, 1.5, Worth(0.1))
    assert (found.recall, found.precision, found.f_beta, found.cost) == (None,) * 4
    assert found.alerts == 500
    only_normal = Judged(np.array([1, 1]), np.array([1.0, 2.0]), np.array([]))
    found = figures_at(only_normal, 1.5, Worth(0.1))
    assert found.recall is None
    assert found.precision is None
    assert some(found.false_positive_rate).value == 0.5


def test_precision_at_another_prevalence_follows_bayes():
    # of 1,000 images 10 are anomalous: 8 of them are flagged, and 99 of the 990 normal ones
    assert Worth(0.01).precision(0.8, 0.1) == pytest.approx(8 / (8 + 99))
    assert np.isnan(Worth(0.01).precision(0.0, 0.0))


@pytest.mark.parametrize("wrong", [{"prevalence": 0}, {"prevalence": 1}, {"beta": 0}, {"miss": -1}])
def test_what_cannot_be_expected_is_refused(wrong):
    with pytest.raises(InvalidInput):
        Worth(**({"prevalence": 0.1} | wrong))


def test_costs_may_not_both_be_nothing():
    with pytest.raises(InvalidInput, match="both 0"):
        Worth(0.1, miss=0, false_alarm=0)


def test_bands_hold_the_curves_and_are_exact_for_shares():
    known, worth = judged(), Worth(0.1)
    threshold = np.linspace(-2, 4, 25)
    found = bands(known, threshold, worth)
    for at, t in enumerate(threshold.tolist()):
        single = figures_at(known, t, worth)
        recall, alarms = some(single.recall), some(single.false_positive_rate)
        assert found.recall[0][at] == pytest.approx(recall.low)
        assert found.recall[1][at] == pytest.approx(recall.high)
        assert found.false_positive_rate[1][at] == pytest.approx(alarms.high)
        if single.confusion.true_positive > 10:
            low, high = (limit[at] for limit in found.precision)
            precision = some(single.precision)
            assert low <= precision.value <= high
            assert (low, high) == pytest.approx((precision.low, precision.high), abs=0.05)


def test_shares_by_place_are_those_of_a_sample_so_mixed():
    known, prevalence = judged(), 0.02
    edges = np.quantile(known.pool, [0, 0.25, 0.5, 0.75, 1])[1:-1]
    place = np.digitize(known.scores, edges, right=True)
    weight = np.where(known.y < 0, prevalence / 60, (1 - prevalence) / 400)
    for part, share in enumerate(shares_by_place(known, Worth(prevalence), 4)):
        found = some(share)
        inside = place == part
        odd = inside & (known.y < 0)
        assert found.value == pytest.approx(weight[odd].sum() / weight[inside].sum())
        exact = binomtest(int(odd.sum()), int(inside.sum())).proportion_ci(0.95, method="exact")
        times = prevalence / (1 - prevalence) / (60 / 400)  # of the odds
        odds = times * exact.high / (1 - exact.high)
        assert found.high == pytest.approx(odds / (1 + odds))


def test_a_place_where_nothing_is_known_has_no_share():
    pool = np.linspace(0, 1, 100, dtype=np.float32)
    known = Judged(np.array([1, -1]), np.array([0.1, 0.2]), pool)
    assert [part is None for part in shares_by_place(known, Worth(0.1), 4)] == [False, *3 * [True]]


def test_what_will_be_flagged_is_what_a_sample_so_mixed_shows():
    known = judged(normals=900, anomalies=100)
    thresholds = np.array([-9.0, 0.0, 1.0, 9.0])
    weight = np.where(known.y < 0, 0.3 / 100, 0.7 / 900)
    found = [some(one) for one in flagged_shares(known, thresholds, Worth(0.3))]
    for one, threshold in zip(found, thresholds, strict=True):
        assert one.value == pytest.approx(weight[known.scores > threshold].sum())
        assert one.low <= one.value <= one.high
    recall, alarms = (np.mean(known.scores[known.y == y] > 0) for y in (-1, 1))
    spread = np.sqrt(0.09 * recall * (1 - recall) / 100 + 0.49 * alarms * (1 - alarms) / 900)
    assert found[1].high - found[1].low == pytest.approx(2 * 1.96 * spread, rel=0.1)
    only_normal = Judged(np.ones(3, int), np.arange(3, dtype=np.float32), known.pool)
    assert flagged_shares(only_normal, thresholds, Worth(0.3)) == [None] * 4
