"""Two hyperspheres in one: how they are weighed, when the second comes in, and what is told."""

import copy

import numpy as np
import pytest
from refused import refused
from scipy.stats import rankdata
from waves import crossed, waves

from anomaly_core.checkpoint import load_detector, save_detector
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.joint import detector as detector_module
from anomaly_core.detectors.joint.detector import LARGEST_SIDE, USUAL_SHARE, JointSVDD
from anomaly_core.detectors.network import history_as_rows
from anomaly_core.errors import InvalidInput, NotFitted
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.query import strategy_named

pytestmark = pytest.mark.trains

IMAGES = np.concatenate([waves(60, 0), crossed(20, 1)])
Y = np.repeat([0, 1, 0, -1], [50, 10, 10, 10])
POOL = {"network": "mlp", "pretrain_steps": 20, "update_steps": 5}


def joint(**parameters):
    return JointSVDD(**{"pool": POOL, **parameters})


@pytest.fixture(scope="module")
def once_alone():
    return joint(at_once=False).fit(IMAGES)


@pytest.fixture(scope="module")
def once_taught(once_alone):
    return once_alone.taught_by(IMAGES)


@pytest.fixture(scope="module")
def once_both():
    return joint().fit(IMAGES)


@pytest.fixture
def alone(once_alone):
    """With its first sphere only."""
    return copy.deepcopy(once_alone)


@pytest.fixture
def second(once_taught):
    return copy.deepcopy(once_taught)


@pytest.fixture
def both(once_both):
    return copy.deepcopy(once_both)


def in_usual_units(d):
    """Squared distances, that of a usual image being 1."""
    return d / np.median(d)


def test_the_score_is_the_weighted_sum_of_both_squared_distances(both):
    first = in_usual_units(both.first_.decision_function(IMAGES))
    second = in_usual_units(both.second_.decision_function(IMAGES))
    for share in (both.share_, 0.0, 0.7, 1.0):
        both.share_ = share
        expected = (1 - share) * first + share * second
        np.testing.assert_allclose(both.decision_function(IMAGES), expected, rtol=1e-3)


def test_scores_are_squared_distances_to_the_center(both):
    scores, z = both.score(IMAGES)
    assert both.c_.shape == z.shape[1:]
    assert not both.c_.any()
    np.testing.assert_allclose(np.square(z).sum(axis=1), scores, rtol=1e-5)


def test_without_a_second_sphere_it_ranks_as_the_first(alone):
    assert alone.second_ is None
    for _ in range(2):
        joined, first = (rankdata(d.decision_function(IMAGES)) for d in (alone, alone.first_))
        np.testing.assert_array_equal(joined, first)
        alone.update(IMAGES, Y)


def test_what_the_pool_teaches_at_once_is_what_it_teaches_behind_the_desk(both, second):
    np.testing.assert_array_equal(
        both.second_.decision_function(IMAGES), second.decision_function(IMAGES)
    )


def test_being_taught_changes_nothing(alone):
    before = alone.decision_function(IMAGES)
    description = alone.description()
    alone.taught_by(IMAGES)
    assert alone.second_ is None
    assert alone.description() == description
    np.testing.assert_array_equal(alone.decision_function(IMAGES), before)


def test_adopting_forgets_what_the_first_learned(alone, second):
    before = alone.first_.decision_function(IMAGES)
    alone.update(IMAGES, Y)
    assert not np.allclose(alone.first_.decision_function(IMAGES), before)
    alone.adopt(second)
    np.testing.assert_array_equal(alone.first_.decision_function(IMAGES), before)


def test_the_next_update_weighs_it_in_and_holds_all_answers_against_both(alone, second):
    alone.update(IMAGES, Y)
    alone.adopt(second)
    untaught = (copy.deepcopy(alone.first_), copy.deepcopy(second))
    as_adopted = [in_usual_units(d.decision_function(IMAGES))[Y != 0] for d in untaught]
    alone.update(IMAGES, Y)
    assert alone.evidence_.items.tolist() == np.flatnonzero(Y).tolist()
    np.testing.assert_allclose(alone.evidence_.distances, np.stack(as_adopted, axis=1), rtol=1e-3)
    rest = [in_usual_units(d.decision_function(IMAGES))[Y == 0] for d in untaught]
    others = np.stack(rest, axis=1)
    assert alone.share_ == alone.evidence_.share(Y, USUAL_SHARE, USUAL_SHARE, others)
    assert len(alone.c_) == alone.embed(IMAGES).shape[1]
    expected = (1 - alone.share_) * in_usual_units(alone.first_.decision_function(IMAGES))
    expected += alone.share_ * in_usual_units(alone.second_.decision_function(IMAGES))
    np.testing.assert_allclose(alone.decision_function(IMAGES), expected, rtol=1e-3)


def test_the_next_update_weighs_it_in_without_any_anomaly_too(alone, second):
    alone.adopt(second)
    alone.update(IMAGES, np.abs(Y))
    expected = (1 - USUAL_SHARE) * in_usual_units(alone.first_.decision_function(IMAGES))
    expected += USUAL_SHARE * in_usual_units(second.decision_function(IMAGES))
    np.testing.assert_allclose(alone.decision_function(IMAGES), expected, rtol=1e-3)


def test_saved_in_between_it_is_weighed_in_all_the_same(alone, second, tmp_path):
    alone.adopt(second)
    save_detector(alone, tmp_path)
    loaded = load_detector(tmp_path, JointSVDD)
    for detector in (alone, loaded):
        detector.update(IMAGES, Y)
    np.testing.assert_array_equal(loaded.evidence_.distances, alone.evidence_.distances)
    np.testing.assert_array_equal(loaded.decision_function(IMAGES), alone.decision_function(IMAGES))


def test_another_second_sphere_is_judged_by_all_answers_anew(both):
    both.update(IMAGES, Y)
    other = joint(pool=POOL | {"seed": 5}, at_once=False).fit(IMAGES).taught_by(IMAGES)
    expected = in_usual_units(other.decision_function(IMAGES))[Y != 0]
    both.adopt(other)
    both.update(IMAGES, Y)
    np.testing.assert_allclose(both.evidence_.distances[:, 1], expected, rtol=1e-3)


def test_an_answer_is_held_against_both_once(both):
    both.update(IMAGES, Y)
    judged = both.evidence_.distances.copy()
    more = Y.copy()
    more[0] = 1
    both.update(IMAGES, more)
    assert both.evidence_.items.tolist() == [*np.flatnonzero(Y), 0]
    np.testing.assert_array_equal(both.evidence_.distances[:-1], judged)


def test_where_anomalies_are_withdrawn_it_goes_back_to_the_usual_share(both):
    first = both.first_.decision_function(IMAGES)
    both.update(IMAGES, Y).update(IMAGES, np.maximum(Y, 0))
    assert both.share_ == USUAL_SHARE
    np.testing.assert_array_equal(both.first_.decision_function(IMAGES), first)
    np.testing.assert_allclose(both.usual_[0], np.median(first), rtol=1e-4)


@pytest.mark.parametrize("updates", [0, 1])
def test_it_comes_back_as_it_was(both, tmp_path, updates):
    for _ in range(updates):
        both.update(IMAGES, Y)
    save_detector(both, tmp_path)
    loaded = load_detector(tmp_path, JointSVDD)
    np.testing.assert_array_equal(loaded.decision_function(IMAGES), both.decision_function(IMAGES))
    np.testing.assert_array_equal(loaded.evidence_.items, both.evidence_.items)
    np.testing.assert_array_equal(loaded.evidence_.distances, both.evidence_.distances)
    assert (loaded.share_, loaded.R_, loaded.rounds_) == (both.share_, both.R_, updates)
    assert loaded.history_ == both.history_
    assert loaded.reason() == both.reason()


def test_one_without_a_second_sphere_comes_back_without(alone, tmp_path):
    save_detector(alone, tmp_path)
    loaded = load_detector(tmp_path, JointSVDD)
    assert loaded.second_ is None
    assert loaded.parameter_count == alone.parameter_count
    np.testing.assert_array_equal(loaded.decision_function(IMAGES), alone.decision_function(IMAGES))


def test_it_says_which_sphere_serves_and_why(alone, both):
    assert alone.reason() == (
        "What was learned from drawn pictures serves; what this pool teaches follows."
    )
    assert both.reason() == (
        "80 % of the score comes from what was learned from drawn pictures, 20 % from what was "
        "learned from this pool, until answers tell more."
    )
    both.update(IMAGES, Y)
    both.share_ = 0.35
    assert both.reason() == (
        "65 % of the score comes from what was learned from drawn pictures, 35 % from what was "
        "learned from this pool, as 20 answers so far suggest."
    )


def test_losses_of_both_are_told_those_of_validation_too(alone):
    assert alone.history_ == []
    watched = joint().fit(IMAGES, validation=waves(10, 7))
    assert {row.stage for row in watched.history_} == {"pretraining"}
    assert all(row.validation is not None for row in watched.history_)


def test_the_radius_leaves_a_share_outside(both):
    for _ in range(2):
        outside = np.sqrt(both.decision_function(IMAGES)) > both.R_
        assert np.mean(outside) == pytest.approx(both.nu, abs=0.02)
        both.update(IMAGES, Y)
    wide = joint(nu=0.4, at_once=False).fit(IMAGES)
    outside = np.sqrt(wide.decision_function(IMAGES)) > wide.R_
    assert np.mean(outside) == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("shape", [(64, 40), (40, 64, 3)])
def test_the_second_sees_larger_images_smaller(shape):
    images = waves(12, 0, shape)
    detector = joint().fit(images)
    height, width = shape[:2]
    assert detector.second_ is not None
    assert detector.second_.image_shape_ == (height // 2, width // 2, *shape[2:])
    assert detector.share_ == USUAL_SHARE * (LARGEST_SIDE / 64) ** 2
    made = detector.reconstruct(images)
    assert (made.shape, made.dtype) == (images.shape, np.float32)
    assert 0 <= made.min() <= made.max() <= 1
    assert detector.explain(images).shape == images.shape[:3]


def test_reconstructions_are_refused_until_the_pool_has_taught(alone, second):
    assert not alone.reconstructs
    with refused(InvalidInput, "learns no reconstruction before the pool has taught it"):
        alone.reconstruct(IMAGES)
    alone.adopt(second)
    assert alone.reconstructs
    np.testing.assert_array_equal(alone.reconstruct(IMAGES), second.reconstruct(IMAGES))


def test_features_can_be_kept_in_a_folder_from_the_first_fit_on(tmp_path):
    detector = joint(at_once=False)
    detector.keep_features(tmp_path / "kept")
    detector.fit(IMAGES)
    assert detector.first_.cache is detector.cache
    assert list((tmp_path / "kept").glob("*.rows"))


def test_nothing_is_taught_or_adopted_before_fit(second):
    for use in (
        lambda: joint().taught_by(IMAGES),
        lambda: joint().adopt(second),
        lambda: joint().reconstruct(IMAGES),
        lambda: joint().description(),
    ):
        with refused(NotFitted, "call fit first"):
            use()
    assert not joint().reconstructs


def test_its_description_tells_the_losses_of_the_second_sphere(alone, second):
    assert alone.description()["history"] == []
    alone.adopt(second)
    alone.update(IMAGES, Y)
    told = alone.description()["history"]
    assert told == history_as_rows(second.history_)
    assert told[-1]["stage"] == "updating"


def test_of_a_large_pool_the_second_sphere_learns_from_labels_and_a_sample(both, monkeypatch):
    monkeypatch.setattr(detector_module, "TEACHERS", 10)
    taught = []
    monkeypatch.setattr(both.second_, "update", lambda images, y, _: taught.append((images, y)))
    both.update(IMAGES, Y)
    ((images, y),) = taught
    labeled = np.flatnonzero(Y)
    assert len(images) == len(y) == len(labeled) + 10
    assert sorted(y[y != 0]) == sorted(Y[labeled])
    np.testing.assert_array_equal(images[y != 0], IMAGES[labeled])


def test_scoring_and_shrinking_in_blocks_changes_nothing(monkeypatch):
    images = waves(50, 0, (40, 36))
    detector = joint().fit(images)
    whole, z = detector.score(images)
    monkeypatch.setattr(detector_module, "SAMPLE", 7)
    monkeypatch.setattr(detector_module, "BLOCK", 3)
    scores, embeddings = detector.score(images)
    np.testing.assert_allclose(scores, whole, rtol=1e-4)
    np.testing.assert_allclose(embeddings, z, atol=1e-4)


def test_of_a_very_large_pool_a_sample_teaches(alone, monkeypatch):
    monkeypatch.setattr(detector_module, "MOST_TAUGHT", 30)
    taught = []
    monkeypatch.setattr(DeepSVDD, "fit", lambda _, images, *__, **___: taught.append(images))
    alone.taught_by(IMAGES)
    assert len(taught[0]) == 30


def test_a_second_sphere_is_taken_up_where_only_candidates_are_scored(alone, second):
    strategy = strategy_named("margin")
    learner = ActiveLearner(alone, IMAGES, strategy, candidates=40)
    learner.scores, learner.embeddings = alone.score(IMAGES)
    alone.adopt(second)
    items = np.flatnonzero(Y)
    learner.update(items, Y[items])
    assert learner.stale.any()
    assert np.isfinite(learner.embeddings).all()
    assert list(learner.catch_up())[-1] == 0
    np.testing.assert_array_equal(learner.embeddings, alone.embed(IMAGES))
