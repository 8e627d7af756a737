"""Suspected mistakes: planted ones are found, and few labels or one class break nothing."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.svm import SVC

from anomaly_core.errors import InvalidInput
from anomaly_core.suspicion import SUSPECT, OtherLabels, by_other_labels, by_sphere, suspicion

R = 2.0


def planted(n=60, mistakes=5, seed=0):
    """Two clouds of embeddings, their labels, and which of these were turned round."""
    rng = np.random.default_rng(seed)
    y = np.where(np.arange(n) % 3 == 0, -1, 1)
    z = rng.normal(size=(n, 4)) + 4.0 * (y < 0)[:, None]
    wrong = np.isin(np.arange(n), rng.choice(n, mistakes, replace=False))
    return np.where(wrong, -y, y), z.astype(np.float16), wrong


def test_the_sphere_alone_as_worked_out_by_hand():
    distances = np.array([0.0, 1.0, 2.0, 4.0])
    assert by_sphere((distances**2).astype(np.float32), R) == pytest.approx(
        [0, 1 / 17, 1 / 2, 16 / 17]
    )
    doubts = suspicion(np.array([1, -1, -1, 1]), distances**2, R)
    assert doubts == pytest.approx([0, 16 / 17, 1 / 2, 16 / 17])


def test_a_sphere_of_no_size_has_no_opinion_about_its_center():
    assert by_sphere(np.array([0.0, 1.0]), 0.0) == pytest.approx([0.5, 1])


@pytest.mark.parametrize("seed", range(5))
def test_planted_mistakes_are_on_top_although_the_model_has_learned_them(seed):
    y, z, wrong = planted(seed=seed)
    every_label_obeyed = np.where(y > 0, 0.5, 2.0) * R**2  # right or wrong
    learned = every_label_obeyed.astype(np.float32)
    doubts = suspicion(y, learned, R, z)
    assert set(np.argsort(-doubts)[: wrong.sum()]) == set(np.flatnonzero(wrong))
    assert (doubts[wrong] > SUSPECT).all()
    assert (doubts[~wrong] < SUSPECT).all()
    alone = suspicion(y, learned, R)
    assert (alone[wrong] < SUSPECT).all()  # the sphere has been talked into them


def test_no_label_has_a_say_in_the_judgement_of_itself():
    y, z, _ = planted(mistakes=0)
    turned = y.copy()
    turned[7] *= -1
    before, after = (by_other_labels(labels, z, 2) for labels in (y, turned))
    assert (before[7] < 0.5) == (after[7] < 0.5) == (y[7] > 0)


def test_two_labels_of_each_kind_are_judged_by_the_other_two():
    """With two folds, each item is judged by an SVC on one item of each kind."""
    y = np.array([1, 1, -1, -1])
    z = np.array([[0.0], [1.0], [10.0], [12.0]])
    found = by_other_labels(y, z, 2)
    model = SVC(class_weight="balanced")
    possible = [
        expit(2 * clone(model).fit(z[rows], y[rows] < 0).decision_function(z[[0]]))[0]
        for rows in ([1, 2], [1, 3])
    ]
    assert min(possible) <= found[0] <= max(possible)
    assert (found < 0.5).tolist() == [True, True, False, False]


@pytest.mark.parametrize("y", [[1, 1, 1, 1], [-1, -1], [1, -1], [1, 1, 1, -1], [1], []])
def test_few_labels_or_one_class_leave_the_sphere_to_judge(y):
    y = np.array(y, np.int64)
    rng = np.random.default_rng(0)
    scores, z = rng.random(len(y), np.float32), rng.normal(size=(len(y), 3)).astype(np.float32)
    assert np.array_equal(suspicion(y, scores, R, z), suspicion(y, scores, R))


def test_the_same_labels_are_suspected_the_same():
    y, z, _ = planted()
    scores = np.ones(len(y), np.float32)
    assert np.array_equal(suspicion(y, scores, R, z), suspicion(y, scores, R, z))


def test_items_keep_their_suspicion_when_they_are_shuffled():
    """Folds are drawn by place, so values move a little; who is suspected must not."""
    y, z, _ = planted()
    order = np.random.default_rng(1).permutation(len(y))
    scores = np.ones(len(y), np.float32)
    straight, shuffled = suspicion(y, scores, R, z), suspicion(y[order], scores, R, z[order])
    assert ((straight > SUSPECT)[order] == (shuffled > SUSPECT)).all()


def test_labels_judge_images_that_are_not_theirs():
    y, z, _ = planted(mistakes=0)
    more, where, wrong = planted(n=300, mistakes=20, seed=1)
    found = OtherLabels(y, z).of(where)
    assert ((found > 0.5) == (more < 0) ^ wrong).all()


def test_labels_of_one_kind_judge_nothing():
    z = np.eye(4, dtype=np.float32)
    assert OtherLabels(np.array([1, 1, -1, -1]), z).enough
    assert not OtherLabels(np.array([1, 1, 1, -1]), z).enough
    assert not OtherLabels(np.empty(0, np.int64), z[:0]).enough


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(InvalidInput, match="same items"):
        suspicion(np.array([1, -1]), np.array([1.0]), R)
    with pytest.raises(InvalidInput, match="same items"):
        suspicion(np.array([1]), np.array([1.0]), R, np.zeros((2, 3), np.float32))
    with pytest.raises(InvalidInput, match="1 or -1"):
        suspicion(np.array([1, 0]), np.array([1.0, 1.0]), R)
