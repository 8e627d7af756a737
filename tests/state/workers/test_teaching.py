"""A joint project serves at once, and takes in later what its pool has taught behind the desk."""

import logging
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from answering import answer
from pool_teaching import UnableToTeach, hold, taught
from published import OF_TEACHING, documented, files
from refused import refused
from some import some
from waiting import wait_until
from workshop import WORKER, Workshop

from anomaly_core.checkpoint import load_detector, load_hypersphere
from anomaly_core.detectors.base import Family
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.features.cache import keys_of
from anomaly_core.features.files import FileRows
from state.errors import StoreOutdated
from state.store.people import MACHINE
from state.store.schema import Answer, Purpose
from state.workers.baseline.curve import baseline
from state.workers.baseline.rounds import RandomRounds
from state.workers.teaching import Teaching, write_reconstructions

pytestmark = pytest.mark.trains


@pytest.fixture(scope="module")
def at_once(tmp_path_factory, tiny):
    """The data directory of a joint project with its first model."""
    data_dir = tmp_path_factory.mktemp("joint") / "data"
    with Workshop(data_dir, replace(tiny, family=Family.JOINT)) as shop:
        rounds = shop.rounds()
        rounds.teaching.give_up()
        shop.trainer(rounds=rounds).serve()
    return data_dir


@pytest.fixture
def shop(open_workshop, at_once):
    return open_workshop(copy_of=at_once)


def learn(shop, rounds, count=5):
    """Answer some items, at least one of them anomalous, and learn from them."""
    shop.answer(count - 1)
    desk = shop.desk()
    answer(desk, int(desk.queue[0]), Answer.ANOMALOUS)
    return rounds.update([])


def go_back(shop, version):
    shop.store.promotions.promote(
        project_id=shop.id,
        version=version,
        purpose=Purpose.DESK,
        annotator_id=shop.me.id,
        reason="",
    )


def random_rounds(shop, teaching=None):
    project = shop.store.projects.get(shop.id)
    return RandomRounds(shop.store, shop.settings.data_dir, project, WORKER, teaching)


def random_curve(shop):
    project = shop.store.projects.get(shop.id)
    return some(baseline(shop.settings.data_dir, project, shop.store.models.line(shop.id)))


# -- rounds ----------------------------------------------------------------------------------


def test_the_first_model_is_there_before_the_pool_has_taught(shop):
    assert files(shop.folder) == documented(1) - {"reconstructions.npy"}
    metrics = shop.model.metrics
    assert metrics["taught"] is False
    assert metrics["reason"].startswith("What was learned from drawn pictures serves")
    assert metrics["auroc"] is not None
    assert shop.desk().gallery.reconstructions is None


def test_the_next_one_knows_what_the_pool_has_taught(shop):
    rounds = shop.rounds()
    held = hold(rounds)
    assert rounds.teach() is None  # the thread works
    assert rounds.teach() is None
    assert (held.begun, held.there) == (1, False)
    held.gate.set()
    taught(rounds)
    model = shop.model
    assert (model.version, model.parent, model.label_count) == (2, 1, 0)
    assert model.metrics["taught"] is True
    assert "from this pool" in model.metrics["reason"]
    assert files(shop.folder) == documented(1, 2) | OF_TEACHING
    pool, made = shop.array("pool"), shop.array("reconstructions")
    assert (made.shape, made.dtype) == (pool.shape, np.uint8)
    assert made.any()
    detector = load_detector(shop.version_folder(2), JointSVDD)
    scores = shop.array("models/2/scores")
    np.testing.assert_allclose(detector.decision_function(pool), scores, rtol=1e-3)
    assert rounds.teach() is None
    assert held.begun == 1


def test_answers_given_while_it_teaches_are_kept(shop):
    rounds = shop.rounds()
    held = hold(rounds)
    assert rounds.teach() is None
    second = learn(shop, rounds)
    assert (second.version, second.metrics["taught"], second.label_count) == (2, False, 5)
    shop.answer(3)
    assert rounds.teach() is None
    held.gate.set()
    taught(rounds)
    model = shop.model
    assert (model.version, model.parent, model.label_count) == (3, 2, 8)
    assert model.last_seq == shop.store.events.labels(shop.id).last_seq
    assert held.begun == 1
    detector = load_detector(shop.version_folder(3), JointSVDD)
    assert len(detector.evidence_.items) == 8  # both spheres are judged by every answer
    assert learn(shop, shop.rounds()).metrics["taught"] is True


def test_what_it_has_taught_is_found_again_after_a_restart(shop):
    first = shop.rounds()
    wait_until(lambda: first.teaching.go_on(load_detector(shop.version_folder(1), JointSVDD)), 60)
    assert shop.model.version == 1  # it was killed before it had published
    rounds = shop.rounds()
    held = hold(rounds)
    assert some(rounds.teach()).version == 2
    assert held.begun == 0
    rounds = shop.rounds()
    assert not rounds.teaching.awaited
    assert rounds.teach() is None


def test_who_goes_back_to_the_first_model_is_left_with_it(shop):
    rounds = shop.rounds()
    taught(rounds)
    go_back(shop, 1)
    shop.work()
    assert len(shop.store.models.all(shop.id)) == 2
    assert shop.model.version == 1
    third = learn(shop, shop.rounds())
    assert (third.parent, third.metrics["taught"]) == (1, False)


def test_who_has_gone_back_before_it_has_taught_gets_that_on_top(shop):
    rounds = shop.rounds()
    held = hold(rounds)
    assert rounds.teach() is None
    learn(shop, rounds)
    go_back(shop, 1)
    held.gate.set()
    taught(rounds)
    assert (shop.model.version, shop.model.parent) == (3, 1)


def test_who_goes_back_while_its_model_is_made_gets_that_on_top(shop):
    rounds = shop.rounds()
    wait_until(lambda: rounds.teaching.go_on(load_detector(shop.version_folder(1), JointSVDD)), 60)
    learn(shop, rounds)

    class Impatient:
        """Goes back at the first step."""

        def __call__(self, report):
            if shop.model.version != 1:
                go_back(shop, 1)

    assert rounds.teach([Impatient()]) is None
    assert shop.model.version == 1
    assert (some(rounds.teach()).version, shop.model.parent) == (3, 1)


def test_it_waits_for_the_first_model(open_workshop, tiny):
    rounds = open_workshop(replace(tiny, family=Family.JOINT)).rounds()
    assert not rounds.teaching.awaited
    assert rounds.teach() is None


def test_no_other_family_is_taught(open_workshop, tiny):
    shop = open_workshop(replace(tiny, family=Family.FEATURES))
    shop.work()
    assert type(load_hypersphere(shop.version_folder(1))) is FeatureSVDD
    assert "reason" not in shop.model.metrics
    assert not shop.rounds().teaching.awaited
    assert not (shop.folder / "taught").exists()


def test_reconstructions_have_the_size_of_images_that_are_larger_than_the_sphere_sees(tmp_path):
    pool = np.random.default_rng(0).integers(0, 255, (20, 40, 48), np.uint8)
    quick = {"network": "mlp", "pretrain_steps": 2, "update_steps": 1}
    detector = JointSVDD(at_once=False, pool=quick).fit(pool)
    detector.adopt(detector.taught_by(pool))
    write_reconstructions(tmp_path, pool, detector)
    assert np.load(tmp_path / "reconstructions.npy").shape == pool.shape


# -- features --------------------------------------------------------------------------------


def test_features_are_computed_once_for_all_projects(shop, tiny):
    folder = shop.settings.data_dir / "features"
    (rows,) = folder.glob("*.rows")
    with closing(FileRows(folder, rows.stem)) as known:
        for part in ("pool", "test", "validation"):
            assert known.missing(keys_of(shop.array(part))) == []
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    other = shop.projects.create(replace(tiny, name="again", family=Family.JOINT), MACHINE)
    shop.id = other.id
    shop.prepare()
    taught(shop.rounds())
    assert {path.name: path.stat().st_size for path in folder.iterdir()} == sizes


# -- the trainer -----------------------------------------------------------------------------


def test_a_trainer_teaches_when_it_has_nothing_else_to_do(shop):
    learn(shop, shop.rounds())
    shop.work()
    assert (shop.model.version, shop.model.metrics["taught"]) == (3, True)
    assert random_curve(shop).complete
    saved = load_detector(shop.folder / "random" / "2", JointSVDD)
    assert saved.second_ is not None


def test_a_pool_that_cannot_teach_is_given_up_and_random_rounds_go_on(shop, caplog):
    rounds = shop.rounds()
    learn(shop, rounds)
    rounds.teaching = unable = UnableToTeach(rounds)
    trainer = shop.trainer(rounds=rounds)
    with caplog.at_level(logging.ERROR, "ringfence.trainer"):
        trainer.serve()
    assert "the pool could not teach" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert unable.begun == 1
    assert shop.model.version == 2
    assert random_curve(shop).complete
    assert load_detector(shop.folder / "random" / "1", JointSVDD).second_ is None
    shop.hand_over(WORKER)
    assert learn(shop, rounds).metrics["taught"] is False


def test_a_trainer_of_another_version_stops_at_teaching(shop, monkeypatch):
    def outdated():
        raise StoreOutdated("Another version of Ringfence has changed the database.")

    trainer = shop.trainer()
    monkeypatch.setattr(trainer.rounds, "teach", outdated)
    with refused(StoreOutdated, "Another version"):
        trainer.idle(lambda: True)


def test_a_trainer_that_ends_leaves_no_thread_behind(shop):
    rounds = shop.rounds()
    held = hold(rounds)
    trainer = shop.trainer(rounds=rounds)
    assert trainer.idle(lambda: True)
    behind = some(held._behind)
    assert not behind.done
    shop.hand_over("w2")
    trainer.serve()  # ends at once, as the lease is another's
    assert behind.done
    assert not held.there


# -- the random baseline ---------------------------------------------------------------------


def test_the_baseline_waits_until_the_pool_has_taught(shop):
    rounds = shop.rounds()
    learn(shop, rounds)
    assert not random_rounds(shop).advance()
    assert not (shop.folder / "random").exists()
    taught(rounds)
    baseline_rounds = random_rounds(shop)
    while baseline_rounds.advance():
        pass
    assert random_curve(shop).complete
    started = baseline_rounds._start(shop.store.models.line(shop.id)[0], taught=True)
    assert started.taught
    expected = load_detector(shop.folder / "taught", DeepSVDD)
    np.testing.assert_array_equal(
        some(started.detector.second_).decision_function(shop.array("pool")),
        expected.decision_function(shop.array("pool")),
    )


def test_a_baseline_without_what_the_pool_teaches_begins_anew_with_it(shop):
    rounds = shop.rounds()
    learn(shop, rounds)
    given_up = Teaching(shop.store, shop.settings.data_dir, rounds.project)
    given_up.give_up()
    assert random_rounds(shop, given_up).advance()
    assert load_detector(shop.folder / "random" / "1", JointSVDD).second_ is None
    taught(shop.rounds())  # the next trainer could
    baseline_rounds = random_rounds(shop)
    while baseline_rounds.advance():
        assert some(baseline_rounds.standing).taught
    assert random_curve(shop).complete


def test_the_baseline_of_a_line_that_was_never_taught_is_not_either(shop):
    taught(shop.rounds())
    go_back(shop, 1)
    learn(shop, shop.rounds())
    baseline_rounds = random_rounds(shop)
    assert baseline_rounds.advance()
    assert not some(baseline_rounds.standing).taught
    assert random_curve(shop).complete


def test_a_baseline_is_given_up_where_what_was_taught_is_lost(shop):
    rounds = shop.rounds()
    taught(rounds)
    learn(shop, rounds)
    (shop.folder / "taught" / "model.safetensors").unlink()
    shop.work()
    assert random_curve(shop).failed
