"""Qualities are those of scikit-learn; what cannot be known is `None`."""

import numpy as np
import pytest
from sklearn import metrics
from some import some
from spy_detector import SpyDetector, shades

from anomaly_core.datasets.provenance import Provenance
from anomaly_core.datasets.scenario import LabeledImages
from anomaly_core.evaluation import (
    Confusion,
    Evaluator,
    auroc,
    average_precision,
    confusion_at,
    precision_recall,
    roc,
    thin,
)

Y = np.array([1, 1, 1, 1, 1, 1, -1, -1, -1, -1])
SCORES = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.9, 0.3, 0.5, 0.7, 0.8], np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_ranking_qualities_take_anomalous_for_positive(seed):
    rng = np.random.default_rng(seed)
    y, scores = rng.choice([-1, 1], 80), rng.integers(0, 20, 80).astype(np.float32)
    assert auroc(y, scores) == pytest.approx(metrics.roc_auc_score(y == -1, scores))
    expected = metrics.average_precision_score(y == -1, scores)
    assert average_precision(y, scores) == pytest.approx(expected)


def test_higher_scores_of_anomalies_are_better():
    assert auroc(Y, -Y.astype(np.float32)) == average_precision(Y, -Y.astype(np.float32)) == 1
    assert auroc(Y, Y.astype(np.float32)) == 0


@pytest.mark.parametrize("y", [np.ones(5, int), -np.ones(5, int), np.ones(0, int)])
@pytest.mark.parametrize("quality", [auroc, average_precision])
def test_quality_of_one_class_is_undefined(quality, y):
    assert quality(y, np.arange(len(y), dtype=np.float32)) is None


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.45, 0.9, 2.0])
def test_confusion_counts_what_lies_above_the_threshold(threshold):
    flagged = threshold < SCORES
    counts = confusion_at(Y, SCORES, threshold)
    assert counts == Confusion(
        true_positive=(flagged & (Y == -1)).sum(),
        false_positive=(flagged & (Y == 1)).sum(),
        false_negative=(~flagged & (Y == -1)).sum(),
        true_negative=(~flagged & (Y == 1)).sum(),
    )


def test_rates_are_those_of_scikit_learn():
    counts, flagged = confusion_at(Y, SCORES, 0.45), SCORES > 0.45
    assert counts.precision == pytest.approx(metrics.precision_score(Y == -1, flagged))
    assert counts.recall == pytest.approx(metrics.recall_score(Y == -1, flagged))
    assert counts.false_positive_rate == pytest.approx(1 - metrics.recall_score(Y == 1, ~flagged))
    assert counts.f1 == pytest.approx(metrics.f1_score(Y == -1, flagged))


def test_rates_of_nothing_are_undefined():
    nothing_flagged = confusion_at(Y, SCORES, 2.0)
    assert nothing_flagged.precision is None
    assert nothing_flagged.recall == 0
    assert nothing_flagged.f1 == 0
    assert confusion_at(np.ones(10, int), SCORES, 2.0).f1 is None
    all_normal = confusion_at(np.ones(10, int), SCORES, 0.5)
    assert all_normal.recall is None
    assert all_normal.precision == 0
    all_anomalous = confusion_at(-np.ones(10, int), SCORES, 0.5)
    assert all_anomalous.false_positive_rate is None
    assert all_anomalous.precision == 1


def test_an_evaluator_scores_its_own_images():
    images, truth = shades(), np.where(shades()[:, 0, 0] >= 15, -1, 1)  # bright is anomalous
    provenance = Provenance.clean(np.arange(20))
    evaluator = Evaluator(LabeledImages(images, truth, np.zeros(20, int), provenance))
    assert evaluator.evaluate(SpyDetector()) == {"auroc": 1, "average_precision": 1}
    upside_down = evaluator.measure(-images.mean(axis=(1, 2)))
    assert upside_down["auroc"] == 0
    assert some(upside_down["average_precision"]) < 0.3


def test_equal_scores_are_flagged_together():
    y, scores = np.array([1, -1, 1, -1, -1]), np.array([0.2, 0.7, 0.7, 0.7, 0.9])
    counts = confusion_at(y, scores, 0.8)
    curve = some(roc(y, scores, counts))
    assert curve.x.tolist() == [0, 0, 1 / 2, 1]
    assert curve.y.tolist() == [0, 1 / 3, 1, 1]
    assert curve.at == (0, 1 / 3)
    traded = some(precision_recall(y, scores, counts))
    assert traded.x.tolist() == [1 / 3, 1, 1]
    assert traded.y.tolist() == [1, 3 / 4, 3 / 5]
    assert traded.at == (1 / 3, 1)


def test_where_nothing_is_flagged_no_mark_lies_on_the_curve_of_precision():
    nothing = confusion_at(Y, SCORES, 2.0)
    assert some(precision_recall(Y, SCORES, nothing)).at is None
    assert some(roc(Y, SCORES, nothing)).at == (0, 0)


@pytest.mark.parametrize("curve", [roc, precision_recall])
@pytest.mark.parametrize("y", [np.ones(5, int), -np.ones(5, int), np.ones(0, int)])
def test_curves_of_one_class_are_undefined(curve, y):
    assert curve(y, np.arange(len(y), dtype=np.float32), Confusion(0, 0, 0, 0)) is None


def test_a_long_curve_is_thinned_without_being_bent():
    rng = np.random.default_rng(0)
    y = np.where(rng.random(20_000) < 0.3, -1, 1)
    scores = rng.normal(np.where(y == -1, 1.0, 0.0)).astype(np.float32)
    counts = confusion_at(y, scores, 0.5)
    curve = some(roc(y, scores, counts))
    assert len(curve.x) <= 302
    assert (curve.x[[0, -1]].tolist(), curve.y[[0, -1]].tolist()) == ([0, 1], [0, 1])
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(auroc(y, scores), abs=2e-4)
    curve = some(precision_recall(y, scores, counts))
    area = np.sum(np.diff(curve.x) * (curve.y[1:] + curve.y[:-1]) / 2)
    assert area == pytest.approx(average_precision(y, scores), abs=5e-3)


def test_a_curve_with_few_points_stays_as_it_is():
    x = np.linspace(0, 1, 5)
    assert thin(x, x)[0] is x
