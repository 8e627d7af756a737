"""Updating: labels push anomalies out and pull normals in, from where the detector stands."""

import copy

import numpy as np
import pytest
import torch
from scipy.stats import rankdata
from some import some

from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.evaluation import auroc
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.loop.oracle import PoolOracle
from anomaly_core.query import strategy_named

pytestmark = pytest.mark.trains


def ranks(detector, images):
    """The rank of each image's score as a share of the pool, 1 the most anomalous."""
    return rankdata(detector.decision_function(images)) / len(images)


def hardest(detector, data, side: int, count: int = 10):
    """Items of one side whose scores are most wrong."""
    of_side = np.flatnonzero(data.truth == side)
    wrongness = side * detector.decision_function(data.pool)[of_side]
    return of_side[np.argsort(-wrongness)[:count]]


def labels_of(data, *groups):
    y = np.zeros(len(data.pool), np.int64)
    for items in groups:
        y[items] = data.truth[items]
    return y


@pytest.fixture(scope="module")
def learned(fitted_once, threes):
    """A learner that has bought 30 labels in three rounds, and its test scores before."""
    detector = copy.deepcopy(fitted_once)
    before = detector.decision_function(threes.test.images)
    learner = ActiveLearner(detector, threes.pool, strategy_named("margin")).resume(0)
    oracle = PoolOracle(threes.truth)
    for _ in range(3):
        items = learner.query(10).items
        learner.update(items, oracle.answer(items))
    return learner, before


def test_labels_of_anomalies_alone_push_their_images_out(detector, threes):
    items = hardest(detector, threes, -1)
    before = ranks(detector, threes.pool)[items]
    detector.update(threes.pool, labels_of(threes, items))
    after = ranks(detector, threes.pool)[items]
    assert (after > before).all()
    assert after.min() > 0.8


def test_labels_of_normals_alone_leave_the_model_as_it_is(detector, threes):
    before, rounds = detector.decision_function(threes.pool), detector.rounds_
    detector.update(threes.pool, labels_of(threes, hardest(detector, threes, 1)))
    assert np.array_equal(detector.decision_function(threes.pool), before)
    assert detector.rounds_ == rounds + 1


def test_labels_of_both_sides_move_both(detector, threes):
    normal, anomalous = hardest(detector, threes, 1), hardest(detector, threes, -1)
    before = ranks(detector, threes.pool)
    detector.update(threes.pool, labels_of(threes, normal, anomalous))
    after = ranks(detector, threes.pool)
    assert after[normal].mean() < 0.92 < before[normal].mean()
    assert before[anomalous].mean() < 0.9 < after[anomalous].mean()


def scores_after(detector, data, y, eta):
    detector = copy.deepcopy(detector)
    detector.eta, detector.update_steps = eta, 10
    return detector.update(data.pool, y).decision_function(data.pool)


def test_eta_weighs_what_the_labels_say(fitted_once, threes):
    y = np.zeros(350, np.int64)
    y[:20] = -1
    other = y.copy()
    other[:10] = 1  # the same images labeled, half of them otherwise
    for eta, heard in ((0.0, False), (1.0, True)):
        said = [scores_after(fitted_once, threes, labels, eta) for labels in (y, other)]
        assert np.array_equal(*said) != heard
    weak, strong = (scores_after(fitted_once, threes, y, eta) for eta in (0.1, 1.0))
    assert strong[:20].mean() > weak[:20].mean()


def test_thirty_labels_raise_the_quality_on_images_never_seen(learned, threes):
    learner, before = learned
    after = learner.detector.decision_function(threes.test.images)
    assert learner.labels_bought == 30
    assert some(auroc(threes.test.y, after)) > some(auroc(threes.test.y, before)) + 0.03


def test_rounds_are_counted(learned):
    learner, _ = learned
    assert learner.detector.rounds_ == learner.rounds == 3


def test_update_leaves_autoencoder_center_and_statistics_as_they_are(detector, threes):
    def kept():
        tensors = detector.tensors()
        buffers = {f"encoder.{name}" for name, _ in detector.encoder_.named_buffers()}
        assert buffers
        return {k: v.clone() for k, v in tensors.items() if "auto" in k or k == "c" or k in buffers}

    before = kept()
    weight = detector.encoder_[1].weight.clone()
    detector.update(threes.pool, labels_of(threes, np.arange(40)))
    assert all(torch.equal(tensor, before[name]) for name, tensor in kept().items())
    assert not torch.equal(detector.encoder_[1].weight, weight)


def test_radius_is_drawn_anew(detector, threes):
    detector.update(threes.pool, labels_of(threes, np.arange(40)))
    distances = np.sqrt(detector.decision_function(threes.pool))
    assert pytest.approx(np.quantile(distances, 0.9), rel=1e-5) == detector.R_


def test_images_and_labels_are_left_as_they_are(detector, threes):
    images, y = threes.pool.copy(), labels_of(threes, np.arange(20))
    expected = y.copy()
    detector.update(images, y)
    assert np.array_equal(images, threes.pool)
    assert np.array_equal(y, expected)


def test_each_round_draws_other_batches(detector, threes, monkeypatch):
    seeds = []

    class NotedBatches:
        def __init__(self, *arguments, seed, **options):
            seeds.append(seed)
            raise InterruptedError

    monkeypatch.setattr("anomaly_core.detectors.deep_svdd.Batches", NotedBatches)
    for _ in range(3):
        with pytest.raises(InterruptedError):
            detector.update(threes.pool, labels_of(threes, hardest(detector, threes, -1)))
    assert len(set(seeds)) == 3


@pytest.mark.parametrize("side", [1, -1])
def test_a_pool_labeled_all_alike_still_gives_finite_scores(detector, threes, side):
    pool = threes.pool[:60]
    before = detector.decision_function(pool)
    after = detector.update(pool, np.full(60, side)).decision_function(pool)
    assert np.isfinite(after).all()
    assert (after.mean() > before.mean()) == (side < 0)


def test_two_learners_ask_the_same_questions(threes):
    asked: list[list[int]] = []
    for _ in range(2):
        detector = DeepSVDD(network="mlp", pretrain_steps=10, fit_steps=5, update_steps=5)
        learner = ActiveLearner(detector, threes.pool[:120], strategy_named("margin")).fit()
        asked.append([])
        for _ in range(3):
            items = learner.query(5).items
            asked[-1] += items.tolist()
            learner.update(items, threes.truth[items])
    assert asked[0] == asked[1]
