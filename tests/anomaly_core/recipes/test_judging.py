"""What is measured equals what scikit-learn measures, per type of anomaly too."""

import json

import numpy as np
import pytest
from sklearn import metrics

from anomaly_core.recipes.judging import ScoredImages, judge
from anomaly_core.threshold.rules import Fixed, PercentileOfNormals

TYPES = np.array(["clean", "letters", "noise 0.5"])


def scored(seed: int, n: int = 300) -> ScoredImages:
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, n, p=[0.6, 0.2, 0.2])
    scores = (rng.normal(size=n) + np.array([0, 1, 4])[kind]).astype(np.float32)
    return ScoredImages(scores, np.where(kind > 0, -1, 1), TYPES[kind])


VALIDATION, TEST = scored(1), scored(2)


@pytest.fixture(scope="module")
def judged():
    return judge(PercentileOfNormals(), VALIDATION, TEST)


def test_the_threshold_comes_from_validation_images(judged):
    normal = VALIDATION.scores[VALIDATION.y > 0]
    assert judged["threshold"] == pytest.approx(np.percentile(normal, 95))


def test_every_figure_is_that_of_scikit_learn(judged):
    odd, flagged = TEST.y < 0, TEST.scores > judged["threshold"]
    assert judged["auroc"] == pytest.approx(metrics.roc_auc_score(odd, TEST.scores))
    assert judged["auroc_low"] < judged["auroc"] < judged["auroc_high"]
    expected = metrics.average_precision_score(odd, TEST.scores)
    assert judged["average_precision"] == pytest.approx(expected)
    for name in ("precision", "recall", "f1"):
        assert judged[name] == pytest.approx(getattr(metrics, f"{name}_score")(odd, flagged))
    (tn, fp), (fn, tp) = metrics.confusion_matrix(odd, flagged)
    assert judged["confusion"] == {
        "true_positive": tp,
        "false_positive": fp,
        "false_negative": fn,
        "true_negative": tn,
    }
    assert judged["report"]["anomalous"]["f1-score"] == pytest.approx(judged["f1"])


def test_each_type_is_measured_against_the_clean_images(judged):
    assert list(judged["types"]) == ["letters", "noise 0.5"]
    for type_, measured in judged["types"].items():
        kept = (TEST.types == type_) | (TEST.y > 0)
        odd, scores = TEST.y[kept] < 0, TEST.scores[kept]
        assert measured["images"] == (TEST.types == type_).sum()
        assert measured["auroc"] == pytest.approx(metrics.roc_auc_score(odd, scores))
        assert measured["f1"] == pytest.approx(metrics.f1_score(odd, scores > judged["threshold"]))
        cut = measured["selected"]["threshold"]
        assert measured["selected"]["f1"] == pytest.approx(metrics.f1_score(odd, scores > cut))


def test_no_threshold_is_selected_for_a_type_that_is_not_in_validation():
    none = ScoredImages(VALIDATION.scores, np.ones(300, int), np.full(300, "clean"))
    judged = judge(Fixed(1.0, "one"), none, TEST)
    assert judged["types"]["letters"]["selected"] is None
    assert len(judged["rules"]) == len(judge(Fixed(1.0, "one"), VALIDATION, TEST)["rules"]) - 1


def test_quality_of_one_class_is_undefined_and_json_all_the_same():
    normal = ScoredImages(TEST.scores, np.ones(300, int), np.full(300, "clean"))
    judged = judge(PercentileOfNormals(), normal, normal)
    assert judged["auroc"] is judged["auroc_low"] is judged["recall"] is None
    assert judged["types"] == {}
    json.dumps(judged, allow_nan=False)
