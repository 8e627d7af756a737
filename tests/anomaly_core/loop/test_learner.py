"""The loop of query, answer and update keeps labels, scores and images together."""

import numpy as np
import pytest
from refused import refused
from spy_detector import SpyDetector, shades

from anomaly_core.errors import Cancelled, InvalidInput
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.loop.oracle import PoolOracle
from anomaly_core.progress import StepReport
from anomaly_core.query import strategy_named


def learner_of(pool, strategy: str = "margin", seed: int = 0, detector=None):
    detector = detector or SpyDetector()
    return ActiveLearner(detector, pool, strategy_named(strategy), 0.2, seed).fit()


@pytest.fixture
def learner():
    return learner_of(shades())


def array(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_fit_teaches_the_images_alone_and_scores_them(learner):
    assert len(learner.detector.fitted_on) == 1
    assert np.array_equal(learner.detector.fitted_on[0], shades())
    assert learner.detector.taught == []
    assert np.array_equal(learner.scores, shades()[:, 0, 0])


def test_update_teaches_all_standing_labels_and_rescores(learner):
    learner.update(array(4, 7), array(1, -1)).update(array(9), array(1))
    expected = np.zeros(20)
    expected[[4, 7, 9]] = 1, -1, 1
    assert np.array_equal(learner.detector.taught[-1], expected)
    assert np.array_equal(learner.scores, shades()[:, 0, 0] + 1)
    assert learner.rounds == 2


def test_labels_and_anomalies_are_counted(learner):
    learner.update(array(4, 7, 8), array(1, -1, -1))
    assert (learner.labels_bought, learner.anomalies_found) == (3, 2)


def test_a_withdrawn_label_is_forgotten_and_may_be_asked_again(learner):
    learner.update(array(4, 7), array(1, -1)).update(array(7), array(0))
    assert (learner.labels_bought, learner.anomalies_found) == (1, 0)
    assert learner.detector.taught[-1][7] == 0
    items = learner.query(20).items
    assert 7 in items
    assert 4 not in items


def test_a_changed_answer_counts_once(learner):
    learner.update(array(4), array(1)).update(array(4), array(-1))
    assert (learner.labels_bought, learner.anomalies_found) == (1, 1)


def test_an_update_without_answers_retrains_all_the_same(learner):
    learner.update(array(), array())
    assert (learner.rounds, len(learner.detector.taught)) == (1, 1)


@pytest.mark.parametrize("items", [(20,), (-1,), (3, 99)])
def test_items_outside_the_pool_are_refused(learner, items):
    with refused(InvalidInput, "Items must lie between 0 and 19"):
        learner.update(array(*items), np.ones(len(items), np.int64))
    assert (learner.labels_bought, learner.rounds, learner.detector.taught) == (0, 0, [])


def test_items_without_an_answer_each_are_refused(learner):
    with refused(InvalidInput, "2 items need as many answers; got 1"):
        learner.update(array(3, 4), array(1))
    assert (learner.labels_bought, learner.rounds, learner.detector.taught) == (0, 0, [])


class RefusingDetector(SpyDetector):
    """Is stopped in the middle of every update."""

    def update(self, images, y, callbacks=()):
        raise Cancelled("Stopped.")


def test_an_update_that_fails_leaves_no_label_behind():
    learner = learner_of(shades(), detector=RefusingDetector())
    with pytest.raises(Cancelled):
        learner.update(array(3), array(1))
    assert (learner.labels_bought, learner.rounds) == (0, 0)


def test_callbacks_reach_the_detector():
    class CallingDetector(SpyDetector):
        def fit(self, images, callbacks=(), **unused):
            callbacks[0](StepReport("fit", 1, 1, 0.0))
            return super().fit(images)

        def update(self, images, y, callbacks=()):
            callbacks[0](StepReport("update", 1, 1, 0.0))
            return super().update(images, y)

    called: list[StepReport] = []
    learner = ActiveLearner(CallingDetector(), shades(), strategy_named("top"))
    learner.fit([called.append]).update(array(1), array(1), [called.append])
    assert [report.stage for report in called] == ["fit", "update"]


def test_a_query_repeats_until_the_next_round():
    pool = np.zeros((30, 4, 4), np.uint8)  # equal scores: only the draw decides
    learner, twin, other = (learner_of(pool, seed=seed) for seed in (3, 3, 4))
    first = learner.query(10).items.tolist()
    assert first == learner.query(10).items.tolist() == twin.query(10).items.tolist()
    assert first != other.query(10).items.tolist()
    learner.update(array(), array())
    twin.update(array(), array())
    assert first != learner.query(10).items.tolist() == twin.query(10).items.tolist()


def test_a_query_leaves_out_the_excluded(learner):
    exclude = learner.query(5).items
    assert not set(learner.query(15, exclude).items) & set(exclude)


def test_resume_goes_on_at_the_given_round_without_fitting():
    learner = learner_of(np.zeros((30, 4, 4), np.uint8))
    learner.update(array(2), array(1))
    detector = SpyDetector()
    later = ActiveLearner(detector, learner.pool, strategy_named("margin"), 0.2).resume(1)
    assert detector.fitted_on == []
    assert later.scores.tolist() == [0] * 30
    later.y = learner.y
    assert np.array_equal(later.query(10).items, learner.query(10).items)


def test_the_detector_learns_no_truth_beyond_the_answers():
    pool, truth = shades(40), np.where(np.arange(40) % 3, 1, -1)
    learner, oracle = learner_of(pool), PoolOracle(truth)
    answered: set[int] = set()
    for _ in range(5):
        items = learner.query(4).items
        assert not answered & set(items.tolist())
        answered |= set(items.tolist())
        learner.update(items, oracle.answer(items))
        taught = learner.detector.taught[-1]
        assert set(np.flatnonzero(taught).tolist()) == answered
        assert np.array_equal(taught[sorted(answered)], truth[sorted(answered)])


def test_shuffling_the_pool_shuffles_everything_with_it():
    pool, order = shades(40), np.random.default_rng(0).permutation(40)
    truth = np.where(pool[:, 0, 0] % 4, 1, -1)
    plain, shuffled = learner_of(pool), learner_of(pool[order])
    for _ in range(4):
        items, moved = plain.query(5).items, shuffled.query(5).items
        assert pool[items, 0, 0].tolist() == pool[order][moved, 0, 0].tolist()
        plain.update(items, truth[items])
        shuffled.update(moved, truth[order][moved])
    assert np.array_equal(shuffled.scores, plain.scores[order])
    assert np.array_equal(shuffled.y, plain.y[order])
