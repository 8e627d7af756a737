"""Rounds: what is published, from what it was learned, and that all of it is aligned."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from answering import answer, undo
from published import OF_MODEL, documented, files, weights
from sklearn.metrics import average_precision_score, cohen_kappa_score, roc_auc_score
from workshop import WORKER, QuickRounds

from anomaly_core.checkpoint import load_detector
from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.provenance import Provenance
from anomaly_core.datasets.scenario import NORMAL, AnomalySource, Scenario, build_scenario
from anomaly_core.detectors.deep_svdd import PARAMETERS, DeepSVDD
from anomaly_core.progress import silent
from anomaly_core.projection import turn_onto
from state.files.hashes import torn
from state.store.schema import Answer

pytestmark = pytest.mark.trains


class Watched(DeepSVDD):
    """Notes all that it is given."""

    def __init__(self, **parameters):
        super().__init__(**parameters)
        self.given = []

    def fit(self, images, callbacks=(), **unused):
        self.given.append((images, None))
        return super().fit(images, callbacks)

    def update(self, images, y, callbacks=()):
        self.given.append((images, y))
        return super().update(images, y, callbacks)

    def score(self, images):
        self.given.append((images, None))
        return super().score(images)


class WatchedRounds(QuickRounds):
    def new_detector(self):
        quick = super().new_detector()
        self.detector = Watched(**{name: getattr(quick, name) for name in PARAMETERS})
        return self.detector


def test_prepare_publishes_exactly_the_documented_files(workshop):
    assert files(workshop.folder) == documented(1)
    workshop.rounds().update([])
    assert files(workshop.folder) == documented(1, 2)
    assert files(workshop.settings.projects_dir) == {
        f"{workshop.id}/{name}" for name in documented(1, 2)
    }


def test_pool_and_truth_are_those_of_the_scenario(workshop):
    data = build_scenario(Scenario(), load_dataset("mnist-5k"))
    expected = {
        "pool": data.pool,
        "test": data.test.images,
        "validation": data.validation.images,
        "truth/pool": data.truth,
        "truth/pool-classes": data.classes,
        "truth/pool-provenance": data.provenance.to_records(),
        "truth/test": data.test.y,
        "truth/test-classes": data.test.classes,
        "truth/test-provenance": data.test.provenance.to_records(),
        "truth/validation": data.validation.y,
        "truth/validation-classes": data.validation.classes,
        "truth/validation-provenance": data.validation.provenance.to_records(),
    }
    for name, array in expected.items():
        np.testing.assert_array_equal(workshop.array(name), array, err_msg=name)
    assert workshop.store.projects.get(workshop.id).pool_size == len(data.pool)


def test_what_was_done_to_each_image_is_published_with_the_truth(open_workshop, tiny):
    sources = (AnomalySource.ROTATION, AnomalySource.LETTERS)
    scenario = replace(tiny.scenario, normal=(), contamination=0.2, sources=sources)
    workshop = open_workshop(replace(tiny, scenario=scenario))
    workshop.prepare()
    for part in ("pool", "test", "validation"):
        done = Provenance.from_records(workshop.array(f"truth/{part}-provenance"))
        truth, classes = (workshop.array(f"truth/{part}{what}") for what in ("", "-classes"))
        assert set(done.types) == {"clean", "rotation", "letters"}
        np.testing.assert_array_equal(done.types == "clean", truth == NORMAL)
        np.testing.assert_array_equal(done.types == "letters", classes < 0)
        np.testing.assert_array_equal(done.types == "rotation", done.rotation != 0)


@pytest.mark.parametrize("part", ["", "test-", "validation-"])
def test_scores_are_aligned_by_item_number(workshop, part):
    images = workshop.array(part.rstrip("-") or "pool")
    scores = workshop.array(f"models/1/{part}scores")
    shuffled = np.random.default_rng(0).permutation(len(images))
    detector = load_detector(workshop.version_folder(1))
    again = detector.decision_function(images[shuffled])
    np.testing.assert_allclose(again, scores[shuffled], rtol=1e-4)
    assert len(np.unique(scores)) > 0.9 * len(scores)


def test_map_and_reconstructions_are_aligned_by_item_number(workshop):
    pool, place = workshop.array("pool"), workshop.array("models/1/map")
    distance, angle = place.T
    np.testing.assert_allclose(distance**2, workshop.array("models/1/scores"), rtol=1e-4)
    assert (np.abs(angle) <= np.pi).all()
    assert np.ptp(angle) > 1
    shuffled = np.random.default_rng(0).permutation(len(pool))
    again = load_detector(workshop.version_folder(1)).reconstruct(pool[shuffled])
    published = workshop.array("reconstructions")[shuffled]
    assert published.dtype == np.uint8
    assert published.shape == pool.shape
    np.testing.assert_allclose(published, again * 255, atol=0.6)
    assert (published.std(axis=0) > 1).any()  # not all the same


def expect_alike(workshop, version: int, before: int) -> None:
    """No turn or reflection brings the items nearer to where they were drawn before."""
    angle, target = (workshop.array(f"models/{one}/map")[:, 1] for one in (version, before))
    turn = turn_onto(angle, target)
    assert turn.flip == 1
    assert turn.by == pytest.approx(0, abs=0.01)


def test_maps_of_successive_versions_show_the_same_side(workshop):
    rounds = workshop.rounds()
    rounds.candidates = 100  # of 350
    for version in (2, 3):
        workshop.answer(10)
        rounds.update([])
        expect_alike(workshop, version, version - 1)
    before = workshop.array("models/3/map").copy()
    while rounds.catch_up():
        pass
    assert not np.array_equal(workshop.array("models/3/map")[:, 1], before[:, 1])
    angle = workshop.array("models/3/map")[:, 1]
    assert turn_onto(angle, before[:, 1]).flip == 1


def test_a_map_that_cannot_be_read_hinders_no_new_version(workshop):
    rounds = workshop.rounds()
    rounds.warm_learner(workshop.model)
    (workshop.version_folder(1) / "map.npy").write_bytes(b"torn")
    workshop.answer(10)
    assert rounds.update([]).version == 2
    assert np.isfinite(workshop.array("models/2/map")).all()


def test_proposals_come_with_their_own_utilities_best_first(workshop):
    scores = workshop.array("models/1/scores").astype(np.float64)
    items, utilities = (workshop.array(f"models/1/{name}") for name in ("proposals", "utilities"))
    assert sorted(items) == list(range(len(scores)))
    margin = -np.abs(scores - np.quantile(scores, 0.9))
    np.testing.assert_array_equal(utilities, margin[items])
    assert (np.diff(utilities) <= 0).all()


def test_labeled_items_are_not_proposed_again(workshop):
    items = workshop.answer(10)
    workshop.rounds().update([])
    assert not set(items) & set(workshop.array("models/2/proposals"))
    assert len(workshop.array("models/2/proposals")) == len(workshop.array("pool")) - 10


def test_first_model_is_recorded(workshop):
    model = workshop.model
    assert (model.version, model.parent, model.round) == (1, None, 0)
    assert (model.last_seq, model.label_count, model.active) == (0, 0, True)
    assert re.fullmatch(rf"projects/{workshop.id}/models/1-[0-9a-f]{{8}}", model.directory)
    assert set(model.files) == OF_MODEL
    assert torn(workshop.version_folder(1), model.files) == []
    assert model.sha256 == weights(workshop, 1)
    assert model.metrics["anomalies_found"] == 0


def test_next_models_are_recorded(workshop):
    rounds = workshop.rounds()
    for version in (2, 3):
        items = workshop.answer(10)
        truth = workshop.array("truth/pool")
        model = rounds.update([])
        assert model == workshop.model
        assert (model.version, model.parent, model.round) == (version, version - 1, version - 1)
        assert model.last_seq == workshop.store.events.since(workshop.id)[-1].seq
        assert model.label_count == 10 * (version - 1)
        assert model.sha256 == weights(workshop, version) != weights(workshop, version - 1)
    labels = workshop.store.events.labels(workshop.id)
    assert set(items) <= set(labels.items)
    assert model.metrics["anomalies_found"] == (truth[labels.items] < 0).sum()


def test_metrics_are_those_of_scikit_learn(workshop):
    workshop.answer(10)
    workshop.rounds().update([])
    anomalous = workshop.array("truth/test") == -1
    for model in workshop.store.models.all(workshop.id):
        scores = workshop.array(f"models/{model.version}/test-scores")
        assert model.metrics["auroc"] == pytest.approx(roc_auc_score(anomalous, scores))
        expected = average_precision_score(anomalous, scores)
        assert model.metrics["average_precision"] == pytest.approx(expected)
        scores = workshop.array(f"models/{model.version}/scores")
        assert model.metrics["R"] == pytest.approx(np.sqrt(np.quantile(scores, 0.9)), rel=0.02)
        assert model.metrics["seconds"] > 0
        assert model.metrics["warning"] is None


def test_update_after_a_restart_is_bit_for_bit_that_of_a_warm_trainer(workshop, open_workshop):
    warm = workshop.rounds()
    workshop.answer(10)
    warm.update([])
    workshop.answer(10)
    other = open_workshop(copy_of=workshop.settings.data_dir)
    warm.update([])
    other.rounds().update([])
    assert weights(other, 3) == weights(workshop, 3)
    for name in ("scores", "map", "proposals", "utilities", "test-scores", "validation-scores"):
        one, two = (place.array(f"models/3/{name}") for place in (workshop, other))
        np.testing.assert_array_equal(one, two, err_msg=name)
    assert not np.array_equal(workshop.array("models/3/scores"), workshop.array("models/2/scores"))


def test_answer_taken_back_is_withdrawn_from_training(workshop):
    rounds = workshop.rounds()
    items = workshop.answer(5)
    rounds.update([])
    assert np.flatnonzero(rounds.learner.y).tolist() == sorted(items)
    undo(workshop.desk())
    model = rounds.update([])
    assert np.flatnonzero(rounds.learner.y).tolist() == sorted(items[:-1])
    assert model.label_count == 4
    assert model.last_seq == workshop.store.events.since(workshop.id)[-1].seq
    assert items[-1] in workshop.array("models/3/proposals")


def test_changed_answer_replaces_the_old_one(workshop):
    rounds = workshop.rounds()
    (item,) = workshop.answer(1)
    rounds.update([])
    before = rounds.learner.y[item]
    desk = workshop.desk()
    undo(desk)
    answer(desk, item, Answer.ANOMALOUS if before > 0 else Answer.NORMAL)
    rounds.update([])
    assert rounds.learner.y[item] == -before


def test_unsure_and_skipped_are_never_trained_on(workshop, open_workshop):
    other = open_workshop(copy_of=workshop.settings.data_dir)
    for place in (workshop, other):
        place.answer(4)
    desk = workshop.desk()
    answer(desk, int(desk.queue[5]), Answer.UNSURE)
    answer(desk, int(desk.queue[6]), None)
    assert workshop.rounds().update([]).label_count == 4
    other.rounds().update([])
    np.testing.assert_array_equal(workshop.array("models/2/scores"), other.array("models/2/scores"))


def test_detector_gets_images_and_answers_and_never_the_truth(tiny_workshop):
    store, settings = tiny_workshop.store, tiny_workshop.settings
    assert tiny_workshop.queue.take_lease(WORKER, "here", 1)
    rounds = WatchedRounds(store, settings.data_dir, store.projects.get(tiny_workshop.id), WORKER)
    rounds.prepare([], silent)
    items = tiny_workshop.answer(10, wrong=True)
    rounds.update([])
    truth = tiny_workshop.array("truth/pool")
    images = [tiny_workshop.array(name) for name in ("pool", "test", "validation")]
    labels = [y for _, y in rounds.detector.given if y is not None]
    assert len(rounds.detector.given) > 6
    for given, _ in rounds.detector.given:
        assert any(np.array_equal(given, known) for known in images)
    assert len(labels) == 1
    trained = np.setdiff1d(items, tiny_workshop.array("audit"))
    assert 0 < len(trained) < len(items)
    assert np.flatnonzero(labels[0]).tolist() == trained.tolist()
    assert (labels[0][trained] == -truth[trained]).all()


def test_learner_is_made_of_images_and_no_truth(tiny_workshop):
    rounds = tiny_workshop.rounds()
    tiny_workshop.prepare(rounds)
    settings = {"detector", "pool", "strategy", "contamination", "seed", "candidates"}
    learned = {"rounds", "batches", "y", "scores", "embeddings", "stale"}
    learned |= {"probe", "sample", "watched"}
    assert set(vars(rounds.learner)) == settings | learned
    assert not rounds.learner.y.any()
    np.testing.assert_array_equal(rounds.learner.pool, tiny_workshop.array("pool"))


def test_model_does_not_depend_on_the_truth_files(workshop, open_workshop):
    workshop.answer(10)
    other = open_workshop(copy_of=workshop.settings.data_dir)
    test = other.array("truth/test")
    shutil.rmtree(other.folder / "truth")
    (other.folder / "truth").mkdir()
    np.save(other.folder / "truth" / "test.npy", -test)  # evaluation alone reads this one
    model, misled = workshop.rounds().update([]), other.rounds().update([])
    assert misled.sha256 == model.sha256
    for name in OF_MODEL - {"model.safetensors", "model.json"}:
        name = name.removesuffix(".npy")
        one, two = (place.array(f"models/2/{name}") for place in (workshop, other))
        np.testing.assert_array_equal(one, two, err_msg=name)
    assert misled.metrics["auroc"] == pytest.approx(1 - model.metrics["auroc"])


def test_proposals_of_a_large_pool_wait_for_its_candidates_only(workshop):
    rounds = workshop.rounds()
    rounds.candidates = 100  # of 350
    workshop.answer(10)
    rounds.update([])
    detector, pool = load_detector(workshop.version_folder(2)), workshop.array("pool")
    truly = detector.decision_function(pool)
    published = workshop.array("models/2/scores")
    fresh = ~rounds.learner.stale
    assert 80 < fresh.sum() <= 130
    np.testing.assert_allclose(published[fresh], truly[fresh], rtol=1e-4)
    assert not np.allclose(published[~fresh], truly[~fresh], rtol=1e-3)
    assert fresh[workshop.array("models/2/proposals")].all()
    while rounds.catch_up():
        pass
    np.testing.assert_allclose(workshop.array("models/2/scores"), truly, rtol=1e-4)
    distance = workshop.array("models/2/map")[:, 0]
    np.testing.assert_allclose(distance**2, truly, rtol=1e-3)
    assert torn(workshop.version_folder(2), workshop.model.files) == []
    there = {name for name in files(workshop.folder) if ".spare." not in name}
    assert there == documented(1, 2)
    assert not rounds.catch_up()


def test_pages_see_scores_that_were_caught_up(workshop):
    desk = workshop.desk()
    before = desk.gallery.of_model("scores").copy()
    workshop.rounds().publisher.renew(1, {"scores": before + 1})
    np.testing.assert_array_equal(workshop.desk().gallery.of_model("scores"), before + 1)


def test_models_say_how_far_they_agree_with_the_one_before(workshop):
    assert workshop.model.metrics["agreement"] is None
    workshop.answer(10)
    model = workshop.rounds().update([])
    flags = [
        scores > np.quantile(scores, 0.9)
        for scores in (workshop.array(f"models/{version}/scores") for version in (1, 2))
    ]
    assert model.metrics["agreement"] == pytest.approx(cohen_kappa_score(*flags))


def test_a_model_serves_the_desk_before_it_is_measured(workshop, monkeypatch):
    class Killed(BaseException):
        """The trainer dies here."""

    def die(*_):
        raise Killed

    workshop.answer(10)
    with monkeypatch.context() as patch:
        patch.setattr(QuickRounds, "_measure", die)
        with pytest.raises(Killed):
            workshop.rounds().update([])
    desk = workshop.desk()
    assert (desk.model.version, desk.measured.model.version) == (2, 1)
    assert len(desk.queue)
    workshop.answer(10)
    assert workshop.rounds().update([]).version == 3
    assert workshop.desk().measured.model.version == 3
