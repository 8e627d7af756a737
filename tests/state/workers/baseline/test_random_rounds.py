"""The random baseline: the same project with random queries, computed when nobody waits."""

import shutil
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from faults import hidden
from sklearn.metrics import average_precision_score, roc_auc_score
from some import some
from workshop import WORKER, Workshop

from anomaly_core.checkpoint import load_detector
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.loop.oracle import PoolOracle
from anomaly_core.query import strategy_named
from state.store.schema import JobKind, JobState, Purpose
from state.workers.baseline.curve import Baseline, baseline, schedule
from state.workers.baseline.rounds import RandomRounds


@pytest.fixture(scope="module")
def labeled(tmp_path_factory, prepared):
    """A project with two rounds of answers; three of the pool's items are set aside."""
    data_dir = tmp_path_factory.mktemp("labeled") / "data"
    shutil.copytree(prepared, data_dir)
    with Workshop(data_dir) as shop:
        np.save(shop.folder / "audit.npy", np.arange(3))
        rounds = shop.rounds()
        for _ in range(2):
            shop.answer(10)
            rounds.update([])
    return data_dir


@pytest.fixture
def shop(open_workshop, labeled):
    return open_workshop(copy_of=labeled)


def random_rounds(shop) -> RandomRounds:
    shop.hand_over(WORKER)
    return RandomRounds(
        shop.store, shop.settings.data_dir, shop.store.projects.get(shop.id), WORKER
    )


def read(shop) -> Baseline | None:
    project = shop.store.projects.get(shop.id)
    return baseline(shop.settings.data_dir, project, shop.store.models.line(shop.id))


def finish(shop) -> Baseline:
    rounds = random_rounds(shop)
    while rounds.advance():
        pass
    return some(read(shop))


def by_hand(shop, sizes):
    """AUROC and average precision of a plain random loop from the first model on."""
    truth, test = shop.array("truth/pool"), shop.array("truth/test")
    detector, oracle = load_detector(shop.version_folder(1)), PoolOracle(truth)
    learner = ActiveLearner(detector, shop.array("pool"), strategy_named("random"), 0.1, 0)
    learner.resume(0)
    found = []
    for size in (0, *sizes):
        if size:
            items = learner.query(size, shop.array("audit")).items
            learner.update(items, oracle.answer(items))
        scores = detector.decision_function(shop.array("test"))
        found.append(
            (roc_auc_score(test == -1, scores), average_precision_score(test == -1, scores))
        )
    return np.array(found)


def test_the_curve_is_that_of_a_plain_random_loop_label_for_label(shop):
    sizes = [model.label_count for model in shop.store.models.line(shop.id)]
    known = finish(shop)
    assert known.complete
    assert known.labels.tolist() == sizes
    expected = by_hand(shop, np.diff(sizes))
    np.testing.assert_allclose(known.auroc, expected[:, 0], rtol=1e-6)
    np.testing.assert_allclose(shop.array("random/curve")[:, 2], expected[:, 1], rtol=1e-6)
    assert known.last == known.auroc[-1]
    assert len(set(known.auroc)) == 3  # every round has moved it


def test_both_curves_begin_at_the_first_model(shop):
    assert finish(shop).auroc[0] == shop.store.models.line(shop.id)[0].metrics["auroc"]


def test_nothing_set_aside_and_nothing_twice_is_asked(shop):
    finish(shop)
    items = shop.array("random/2/items")
    assert len(set(items.tolist())) == len(items) == shop.model.label_count
    assert not set(items.tolist()) & {0, 1, 2}


def test_truth_that_was_not_asked_for_changes_nothing(shop, open_workshop, labeled):
    finish(shop)
    other = open_workshop(copy_of=labeled)
    truth = other.array("truth/pool")
    kept = np.isin(np.arange(len(truth)), shop.array("random/2/items"))
    np.save(other.folder / "truth" / "pool.npy", np.where(kept, truth, -truth))
    finish(other)
    np.testing.assert_array_equal(other.array("random/curve"), shop.array("random/curve"))


def test_it_is_shown_as_far_as_it_has_come(shop):
    assert some(read(shop)).labels.tolist() == []
    rounds = random_rounds(shop)
    assert rounds.advance()
    known = some(read(shop))
    assert (len(known.labels), known.complete, known.last) == (2, False, None)


@pytest.mark.parametrize("lost", ["random/curve.npy", "random/1/model.safetensors", "random/1"])
def test_a_kill_at_any_moment_costs_a_round_at_most(shop, open_workshop, labeled, lost):
    random_rounds(shop).advance()
    path = shop.folder / lost
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.write_bytes(b"") if path.suffix == ".safetensors" else path.unlink()
    finish(shop)
    undisturbed = open_workshop(copy_of=labeled)
    finish(undisturbed)
    np.testing.assert_array_equal(shop.array("random/curve"), undisturbed.array("random/curve"))
    assert {path.name for path in (shop.folder / "random").iterdir()} == {"2", "curve.npy"}


def test_it_goes_on_where_labels_are_bought(shop):
    before = finish(shop)
    shop.answer(10)
    shop.rounds().update([])
    assert not some(read(shop)).complete
    after = finish(shop)
    assert after.auroc[:3].tolist() == before.auroc.tolist()
    assert after.labels[-1] == shop.model.label_count


def test_a_job_that_waits_comes_first(shop):
    rounds = random_rounds(shop)
    job = shop.queue.ask(JobKind.UPDATE)
    assert rounds.advance()
    assert some(read(shop)).labels.tolist() == []
    shop.queue.cancel(job.id)
    rounds.due = 0.0
    while rounds.advance():
        pass
    assert some(read(shop)).complete


def test_after_a_roll_back_it_follows_the_line_that_serves(shop):
    finish(shop)
    promoted = {"purpose": Purpose.DESK, "annotator_id": shop.me.id, "reason": ""}
    shop.store.promotions.promote(project_id=shop.id, version=1, **promoted)
    assert read(shop) is None
    shop.rounds().update([])  # one round with the labels of two
    assert some(read(shop)).labels.tolist() == []
    known = finish(shop)
    assert known.labels.tolist() == [0, shop.model.label_count]
    np.testing.assert_allclose(known.auroc, by_hand(shop, known.labels[1:])[:, 0], rtol=1e-6)


def test_a_trainer_computes_it_when_there_is_nothing_else_to_do(shop):
    shop.work()
    assert some(read(shop)).complete


def test_a_trainer_that_has_lost_its_lease_writes_nothing_more(shop):
    answers = iter([True, True])  # it is lost in the middle of the round
    rounds = random_rounds(shop)
    assert rounds.advance(lambda: next(answers, False))
    assert not (shop.folder / "random").exists()
    rounds.give_up()
    assert not (shop.folder / "random").exists()


def test_a_lease_lost_after_the_last_step_still_keeps_the_round_back(shop, monkeypatch):
    rounds, holds = random_rounds(shop), [True]
    measure = rounds._measure

    def measure_and_lose(detector):
        measured = measure(detector)
        holds.clear()
        return measured

    monkeypatch.setattr(rounds, "_measure", measure_and_lose)
    assert rounds.advance(lambda: bool(holds))
    assert not (shop.folder / "random").exists()


def test_nobody_waits_while_old_rounds_are_removed(shop):
    rounds, folder = random_rounds(shop), shop.folder / "random"
    held, kept = rounds.held, []

    def models():
        return len([*folder.rglob("model.safetensors")])

    @contextmanager
    def watched():
        with held():
            before = models()
            yield
            kept.append(models() == before)

    rounds.held = watched
    while rounds.advance():
        pass
    assert len(kept) > 4
    assert all(kept)
    assert models() == 1
    assert hidden(folder) == []


def test_what_another_trainer_is_writing_is_left_alone(shop):
    theirs = shop.folder / "random" / ".1-theirs"
    theirs.mkdir(parents=True)
    finish(shop)
    assert theirs.exists()


def broken(*_):
    raise ZeroDivisionError


def test_rounds_that_cannot_be_computed_are_given_up_until_the_next_model(shop, monkeypatch):
    trainer = shop.trainer()
    tries: list[object] = []

    def try_in_vain(*given):
        tries.append(given)
        raise ZeroDivisionError

    monkeypatch.setattr(trainer.random_rounds, "_round", try_in_vain)
    trainer.serve()
    assert (some(read(shop)).failed, some(read(shop)).pending) == (True, False)
    trainer.look_at = 0.0
    trainer.serve()
    assert len(tries) == 1
    monkeypatch.undo()
    shop.answer(10)
    shop.rounds().update([])
    assert some(read(shop)).pending
    trainer.look_at = 0.0
    trainer.serve()
    assert some(read(shop)).complete
    assert not (shop.folder / "random" / "failed.npy").exists()


def test_a_new_trainer_tries_again_what_the_last_one_could_not_do(shop, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(RandomRounds, "_round", broken)
        shop.work()
    assert some(read(shop)).failed
    assert random_rounds(shop).advance()
    assert some(read(shop)).pending


def test_a_trainer_that_cannot_even_say_so_stays_at_its_jobs(shop, monkeypatch):
    monkeypatch.setattr(RandomRounds, "_round", broken)
    monkeypatch.setattr(RandomRounds, "give_up", broken)
    shop.work()
    shop.answer(10)
    shop.queue.ask(JobKind.UPDATE)
    shop.work()
    assert shop.model.version == 4


def test_a_page_asks_no_more_where_it_has_failed(shop, monkeypatch):
    project, line = shop.store.projects.get(shop.id), shop.store.models.line(shop.id)
    shop.trainers.dead_at_idle_work = 3
    assert shop.projects.baseline(project, line).failed
    shop.trainers.dead_at_idle_work = 0
    monkeypatch.setattr(RandomRounds, "_round", broken)
    shop.work()
    assert shop.projects.baseline(project, line).failed
    assert shop.trainers.wanted == []


def test_trainers_that_died_of_it_do_not_end_the_next_update(shop):
    shop.trainers.dead_at_idle_work = 3
    shop.answer(10)
    assert shop.projects.tend(shop.id).state is JobState.QUEUED
    assert shop.projects.tend(shop.id).state is JobState.QUEUED


def test_a_failure_leaves_the_trainer_at_its_jobs(shop, monkeypatch):
    monkeypatch.setattr(RandomRounds, "advance", lambda *_: 1 / 0)
    shop.answer(10)
    shop.queue.ask(JobKind.UPDATE)
    shop.work()
    assert shop.model.version == 4


def test_a_page_has_a_trainer_at_it_until_it_is_complete(shop):
    project, line = shop.store.projects.get(shop.id), shop.store.models.line(shop.id)
    shop.projects.baseline(project, line)
    assert shop.trainers.wanted == [shop.id]
    finish(shop)
    shop.projects.baseline(project, line)
    assert shop.trainers.wanted == [shop.id]


def test_there_is_nothing_to_compare_without_truth_or_rounds_or_another_strategy(shop):
    project, line = shop.store.projects.get(shop.id), shop.store.models.line(shop.id)
    assert schedule(project, line) != []
    assert schedule(project, line[:1]) == []
    assert schedule(replace(project, strategy="random"), line) == []
    unknown = [replace(model, metrics={}) for model in line]
    assert schedule(project, unknown) == []
    assert not random_rounds(shop)._saved()
