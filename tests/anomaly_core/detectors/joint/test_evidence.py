"""What two spheres are worth, by how they ranked answers before they learned from them."""

import numpy as np
import pytest

from anomaly_core.detectors.joint.evidence import SHARES, STRIDE, SphereEvidence, farther
from anomaly_core.evaluation import auroc

USUAL = 0.2
FAR, NEAR = 3.0, 0.5
OTHERS = np.random.default_rng(0).uniform(NEAR, FAR, (200, 1)).repeat(2, axis=1).astype(np.float32)
ROUNDS = 8  # after which it has come as far as the answers demand


def judged(y, right, wrong=1.0):
    """Evidence of answers `y`, in which one sphere ranks them right and one knows nothing."""
    far = np.where(y < 0, FAR, NEAR)
    columns = [far, np.full(len(y), wrong)]
    distances = np.stack(columns if right == "first" else columns[::-1], axis=1)
    evidence = SphereEvidence()
    evidence.add(np.arange(len(y)), distances.astype(np.float32))
    return evidence


def settled(evidence, y, usual):
    """The share after some rounds with the same answers."""
    share = usual
    for _ in range(ROUNDS):
        share = evidence.share(y, usual, share, OTHERS)
    return share


def test_items_are_unseen_once():
    evidence = SphereEvidence()
    y = np.array([0, 1, 0, -1, 0])
    assert evidence.unseen(y).tolist() == [1, 3]
    evidence.add(np.array([1, 3]), np.ones((2, 2), np.float32))
    assert evidence.unseen(y).tolist() == []
    y[[0, 3]] = 1  # another answer to what was judged, and a new one
    assert evidence.unseen(y).tolist() == [0]


def test_distances_stay_what_they_were():
    evidence = SphereEvidence()
    evidence.add(np.array([4]), np.array([[1, 2]], np.float32))
    evidence.add(np.array([2]), np.array([[3, 4]], np.float32))
    assert evidence.items.tolist() == [4, 2]
    assert evidence.distances.tolist() == [[1, 2], [3, 4]]
    assert evidence.distances.dtype == np.float32


@pytest.mark.parametrize("usual", [0.0, 0.05, 0.123, USUAL])
@pytest.mark.parametrize(
    "answers",
    [[], [1] * 9, [-1] * 9, [1] * 9 + [-1], [-1] * 9 + [1], [0] * 9],
    ids=["none", "normal", "anomalous", "one anomalous", "one normal", "withdrawn"],
)
def test_it_is_the_usual_share_until_both_answers_were_given_twice(answers, usual):
    y = np.array(answers, np.int64)
    assert settled(judged(y, "second"), y, usual) == usual


def test_two_answers_of_each_kind_can_move_it():
    y = np.array([1, 1, -1, -1])
    assert settled(judged(y, "second"), y, 0.0) > 0


def misled(y, better):
    """Evidence of answers that one sphere ranks right, and the other the wrong way round."""
    evidence = judged(y, better)
    worse = 1 if better == "first" else 0
    evidence.distances[:, worse] = np.where(y < 0, NEAR, FAR)
    return evidence


def test_it_moves_to_the_sphere_that_ranks_the_answers_better():
    y = np.repeat([1, -1], 20)
    assert settled(misled(y, "second"), y, USUAL) > 0.5
    assert settled(misled(y, "first"), y, 0.8) < 0.5


def test_a_round_moves_it_a_little():
    y = np.repeat([1, -1], 20)
    one = misled(y, "second").share(y, USUAL, USUAL, OTHERS)
    assert USUAL < one == SHARES[np.flatnonzero(SHARES == USUAL)[0] + STRIDE]


def test_it_stays_where_it_is_once_both_rank_everything_right():
    y = np.repeat([1, -1], 20)
    evidence = judged(y, "first")
    evidence.distances[:, 1] = evidence.distances[:, 0]
    assert evidence.share(y, USUAL, 0.95, OTHERS) == 0.95


def test_a_sphere_that_ranks_the_anomalous_below_the_pool_gains_nothing():
    y = np.repeat([1, -1], 20)
    evidence = judged(y, "first")
    evidence.distances[:, 0] = np.where(y < 0, 2.9, 2.8)  # all asked about at its margin
    evidence.distances[:, 1] = np.where(y < 0, 1.0, 0.9)
    assert evidence.share(y, USUAL, USUAL, OTHERS) <= USUAL


def test_where_both_rank_the_answers_alike_it_stays():
    y = np.repeat([1, -1], 20)
    evidence = judged(y, "first")
    evidence.distances[:, 1] = evidence.distances[:, 0]
    assert settled(evidence, y, USUAL) == USUAL


def test_more_answers_move_it_farther():
    rng = np.random.default_rng(0)
    moved = []
    for count in (2, 200):
        y = np.repeat([1, -1], count)
        noise = rng.normal(1, 0.2, (2 * count, 2))
        noise[:, 1] += np.where(y < 0, 0.3, 0)
        evidence = SphereEvidence()
        evidence.add(np.arange(2 * count), noise.astype(np.float32))
        moved.append(settled(evidence, y, USUAL))
    assert moved[1] > moved[0]


def test_answers_that_were_withdrawn_no_longer_count():
    y = np.repeat([1, -1], 20)
    evidence = misled(y, "second")
    assert settled(evidence, y, USUAL) > USUAL
    withdrawn = np.where(np.arange(40) % 20 < 19, 0, y)  # one of each is left
    assert settled(evidence, withdrawn, USUAL) == USUAL
    assert settled(evidence, y, USUAL) > USUAL  # and count again when they are back


def test_an_answer_that_was_changed_counts_as_it_stands():
    y = np.repeat([1, -1], 20)
    evidence = misled(y, "second")
    assert settled(evidence, y, USUAL) > USUAL
    assert settled(evidence, -y, USUAL) < USUAL


@pytest.mark.parametrize("seed", range(20))
def test_it_is_one_of_the_shares_that_are_tried(seed):
    rng = np.random.default_rng(seed)
    y = rng.choice([-1, 0, 1], 30)
    evidence = SphereEvidence()
    evidence.add(np.arange(30), rng.exponential(1, (30, 2)).astype(np.float32))
    share = settled(evidence, y, float(rng.random()))
    assert 0 <= share <= 1
    assert share in SHARES


def test_distances_of_any_size_break_nothing():
    y = np.repeat([1, -1], 5)
    for size in (0.0, 1e-30, 1e30):
        evidence = SphereEvidence()
        evidence.add(np.arange(10), np.full((10, 2), size, np.float32))
        assert settled(evidence, y, USUAL) == USUAL


@pytest.mark.parametrize("seed", range(5))
def test_the_share_of_pairs_is_the_auroc_with_ties_too(seed):
    rng = np.random.default_rng(seed)
    odd, normal = np.round(rng.uniform(3, 9, 7)), np.round(rng.uniform(0, 7, 30))
    y = np.repeat([-1, 1], [len(odd), len(normal)])
    assert farther(odd, normal) == pytest.approx(auroc(y, np.concatenate([odd, normal])))
