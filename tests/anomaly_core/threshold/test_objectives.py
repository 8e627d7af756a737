"""Each objective picks what a search over every score finds, and refuses to guess."""

import numpy as np
import pytest
from refused import refused
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, fbeta_score

from anomaly_core.errors import InvalidInput
from anomaly_core.threshold.intervals import limits
from anomaly_core.threshold.judged import Judged, Worth
from anomaly_core.threshold.objectives import (
    AlertsPerDay,
    BestFBeta,
    ByRule,
    ExpectedShare,
    FewestAlarms,
    LeastCost,
    MostRecall,
)
from anomaly_core.threshold.rules import (
    Fixed,
    MeanPlusSigmas,
    PercentileOfNormals,
    TimesTheMean,
    from_radius,
)

WORTH = Worth(prevalence=50 / 350, beta=2, miss=7, false_alarm=1)
SCORES, POOL = np.arange(5, dtype=np.float32), np.arange(10, dtype=np.float32)
NEED_ANOMALIES = (MostRecall(0.1), FewestAlarms(0.9), BestFBeta(WORTH), LeastCost(WORTH))


@pytest.fixture
def judged():
    rng = np.random.default_rng(3)
    y = rng.permutation([1] * 300 + [-1] * 50)
    scores = np.round(rng.gamma(2.0, 1 + 1.5 * (y < 0)), 1).astype(np.float32)
    return Judged(y, scores, rng.gamma(2.0, 1, 900).astype(np.float32))


def every_decision(judged):
    for threshold in [-1.0, *np.unique(judged.scores).tolist()]:
        flagged = judged.scores > threshold
        yield flagged, confusion_matrix(judged.y < 0, flagged).ravel()


def decided(judged, objective):
    return judged.scores.astype(float) > objective.choose(judged)


@pytest.mark.parametrize("most", [0.0, 0.03, 0.05, 0.4])
def test_most_recall_is_the_most_that_the_limit_allows(judged, most):
    allowed = [
        tp / (tp + fn) for _, (tn, fp, fn, tp) in every_decision(judged) if fp / (fp + tn) <= most
    ]
    tn, fp, fn, tp = confusion_matrix(judged.y < 0, decided(judged, MostRecall(most))).ravel()
    assert tp / (tp + fn) == max(allowed)
    assert fp / (fp + tn) <= most


@pytest.mark.parametrize("least", [0.3, 0.9, 0.94, 1.0])
def test_fewest_alarms_is_what_the_share_to_catch_leaves(judged, least):
    left = [
        fp / (fp + tn) for _, (tn, fp, fn, tp) in every_decision(judged) if tp / (tp + fn) >= least
    ]
    objective = FewestAlarms(least)
    tn, fp, fn, tp = confusion_matrix(judged.y < 0, decided(judged, objective)).ravel()
    assert tp / (tp + fn) >= least
    assert fp / (fp + tn) == min(left)


@pytest.mark.parametrize("most", [0.05, 0.4])
def test_to_be_sure_the_upper_limit_stays_below(judged, most):
    def highest(alarms, passed):
        total = int(alarms + passed)
        return binomtest(int(alarms), total).proportion_ci(0.95, method="exact").high

    allowed = [
        tp / (tp + fn) for _, (tn, fp, fn, tp) in every_decision(judged) if highest(fp, tn) <= most
    ]
    objective = MostRecall(most, sure=True)
    tn, fp, fn, tp = confusion_matrix(judged.y < 0, decided(judged, objective)).ravel()
    assert tp / (tp + fn) == max(allowed)
    assert highest(fp, tn) <= most


def test_too_few_normal_images_to_be_sure_are_said_to_be_too_few(judged):
    few = Judged(judged.y[:20], judged.scores[:20], judged.pool)
    with pytest.raises(InvalidInput, match=r"too few to be sure.* takes 72 at least"):
        MostRecall(0.05, sure=True).choose(few)
    assert limits(0, 72)[1] <= 0.05 < limits(0, 71)[1]


def test_best_f_beta_is_the_best_of_all(judged):
    best = max(fbeta_score(judged.y < 0, flagged, beta=2) for flagged, _ in every_decision(judged))
    found = fbeta_score(judged.y < 0, decided(judged, BestFBeta(WORTH)), beta=2)
    assert found == pytest.approx(best)


def test_least_cost_is_the_least_of_all(judged):
    least = min(7 * fn + fp for _, (_, fp, fn, _) in every_decision(judged))
    _, fp, fn, _ = confusion_matrix(judged.y < 0, decided(judged, LeastCost(WORTH))).ravel()
    assert 7 * fn + fp == least


def test_alerts_and_shares_are_those_of_the_pool(judged):
    flagged = judged.pool > AlertsPerDay(30, 1_000).choose(judged)
    assert flagged.mean() == pytest.approx(0.03, abs=1 / 900)
    flagged = judged.pool > ExpectedShare(0.2).choose(judged)
    assert flagged.mean() == pytest.approx(0.2, abs=1 / 900)


def test_rules_that_look_at_the_normal_only(judged):
    normal = judged.scores[judged.y > 0].astype(float)
    assert ByRule(PercentileOfNormals()).choose(judged) == pytest.approx(np.percentile(normal, 95))
    assert ByRule(MeanPlusSigmas()).choose(judged) == pytest.approx(
        normal.mean() + 3 * normal.std()
    )
    assert ByRule(TimesTheMean(2)).choose(judged) == pytest.approx(2 * normal.mean())
    assert ByRule(Fixed(from_radius(1.5), "the surface")).choose(judged) == 2.25


@pytest.mark.parametrize("objective", NEED_ANOMALIES, ids=lambda one: type(one).__name__)
def test_without_a_known_anomaly_nothing_is_flagged_by_guess(objective):
    known = Judged(np.ones(5, int), SCORES, POOL)
    with pytest.raises(InvalidInput, match="No anomalous image is known"):
        objective.choose(known)
    assert ExpectedShare(0.1).choose(known) == pytest.approx(8.1)


@pytest.mark.parametrize("objective", NEED_ANOMALIES, ids=lambda one: type(one).__name__)
def test_without_a_known_normal_image_nothing_is_chosen(objective):
    with pytest.raises(InvalidInput, match="No normal image is known"):
        objective.choose(Judged(-np.ones(5, int), SCORES, POOL))


@pytest.mark.parametrize("objective", [ExpectedShare(0.1), AlertsPerDay(1, 10)], ids=str)
def test_without_a_pool_there_is_no_share_of_it(objective):
    with refused(InvalidInput, "no pool to take a share of"):
        objective.choose(Judged(np.ones(5, int), SCORES, POOL[:0]))


@pytest.mark.parametrize(
    "objective",
    [
        AlertsPerDay(0, 10),
        AlertsPerDay(10, 10),
        MostRecall(1.0),
        MostRecall(-0.1),
        FewestAlarms(0.0),
        FewestAlarms(1.1),
        ExpectedShare(0),
        ByRule(PercentileOfNormals(100)),
        ByRule(TimesTheMean(0)),
    ],
    ids=lambda one: one.sentence.replace(" ", "-"),
)
def test_impossible_wishes_are_refused(judged, objective):
    with pytest.raises(InvalidInput):
        objective.choose(judged)


def test_each_says_what_it_is_for(judged):
    for objective in (*NEED_ANOMALIES, AlertsPerDay(5, 100), ExpectedShare(0.1)):
        assert objective.sentence[0].isdigit() or objective.sentence.startswith("the ")
