"""The trainer: what becomes of its jobs, and of a project whose trainer is killed.

What it has in common with every worker is in test_worker.py.
"""

import json
import logging
import os
import shutil
import signal
from dataclasses import replace

import pytest
from refused import refused
from waiting import wait_until
from workshop import Scripted

from state.errors import StoreOutdated
from state.files.versions import damage
from state.store.schema import JobKind, JobState
from state.workers.spawn import Spawner

PREPARE, UPDATE = JobKind.PREPARE, JobKind.UPDATE
PATIENCE = 90  # seconds for a real trainer, which has to import torch on a busy machine


def test_job_runs_from_queued_to_done_with_progress(workshop):
    workshop.answer(10)
    job = workshop.queue.ask(UPDATE)
    assert (job.state, job.progress) == (JobState.QUEUED, 0)
    trainer = workshop.trainer()
    seen, update = [], trainer.rounds.update

    def watched(callbacks):
        seen.append(workshop.queue.next())
        model = update(callbacks)
        seen.append(workshop.queue.next())
        return model

    trainer.rounds = Scripted(watched)
    trainer.serve()
    before, after = seen
    assert (before.id, before.state, before.worker) == (job.id, JobState.RUNNING, "w1")
    assert (after.state, after.message) == (JobState.RUNNING, "Updating")
    assert 0 < after.progress <= 1
    done = workshop.queue.all()[0]
    assert (done.state, done.progress) == (JobState.DONE, 1)
    assert done.message == "Model 2 is in use."
    assert workshop.model.version == 2


@pytest.mark.trains
def test_preparing_reports_progress_too(open_workshop, tiny):
    workshop = open_workshop(tiny)
    workshop.work()
    (job,) = workshop.queue.all()
    assert (job.kind, job.state, job.message) == (PREPARE, JobState.DONE, "Model 1 is in use.")


def test_cancelled_job_leaves_the_old_model_serving_and_the_next_one_works(workshop):
    items = workshop.answer(10)
    job = workshop.queue.ask(UPDATE)
    trainer = workshop.trainer()
    rounds = trainer.rounds

    def cancelled_early(callbacks):
        workshop.queue.cancel(job.id)
        return rounds.update(callbacks)

    trainer.rounds = Scripted(cancelled_early)
    trainer.serve()
    ended = workshop.queue.all()[0]
    assert (ended.id, ended.state) == (job.id, JobState.CANCELLED)
    assert ended.message == "Stopped on request."
    assert workshop.model.version == 1
    assert workshop.desk().queue[0] not in items
    workshop.queue.ask(UPDATE)
    trainer.rounds = rounds
    trainer.serve()
    assert workshop.queue.all()[0].state is JobState.DONE
    assert (workshop.model.version, workshop.model.label_count) == (2, 10)


def test_job_whose_dataset_is_gone_fails_with_its_sentence(open_workshop, tiny, tmp_path):
    root = tmp_path / "rows"
    shutil.copytree(tiny.root, root)
    workshop = open_workshop(replace(tiny, root=root))
    shutil.rmtree(root)
    workshop.work()
    (job,) = workshop.queue.all()
    assert job.state is JobState.FAILED
    assert job.message == f"The folder {root} does not exist; give the folder of the IDX files."
    assert workshop.store.models.active(workshop.id) is None


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("models/1-*/model.safetensors", damage(1)),
        ("pool.npy", "The file pool.npy of this project is missing or damaged; restore"),
    ],
)
def test_job_over_a_damaged_file_fails_with_its_sentence(workshop, file, sentence):
    (path,) = workshop.folder.glob(file)
    path.write_bytes(b"")
    workshop.queue.ask(UPDATE)
    workshop.work()
    job = workshop.queue.all()[0]
    assert job.state is JobState.FAILED
    assert job.message.startswith(sentence)
    assert workshop.model.version == 1


def test_an_unexpected_error_is_told_without_a_word_of_it(workshop, caplog):
    trainer = workshop.trainer()
    trainer.rounds = Scripted(lambda callbacks: 1 / 0)
    workshop.queue.ask(UPDATE)
    with caplog.at_level(logging.ERROR, "ringfence.worker"):
        trainer.serve()
    failed = workshop.queue.all()[0]
    assert failed.state is JobState.FAILED
    assert failed.message == "Training failed unexpectedly; the log has the details."
    assert "ZeroDivisionError" in caplog.text


def test_a_pool_that_cannot_be_scored_further_leaves_the_trainer_at_its_jobs(workshop, caplog):
    trainer = workshop.trainer()
    trainer.rounds.learner = "broken"
    trainer.rounds.catch_up = lambda: 1 / 0
    with caplog.at_level(logging.ERROR, "ringfence.trainer"):
        assert not trainer.idle(lambda: True)
    assert trainer.rounds.learner is None  # the next job loads it anew
    assert "ZeroDivisionError" in caplog.text


def test_random_rounds_that_are_not_due_are_looked_for_once_in_a_while(workshop):
    trainer, looks = workshop.trainer(), list[object]()
    trainer.random_rounds.advance = looks.append  # and has nothing to do
    for _ in range(2):
        assert not trainer.idle(lambda: True)
    assert len(looks) == 1
    trainer.look_at = 0.0  # as after a job
    assert not trainer.idle(lambda: True)
    assert len(looks) == 2


def test_a_trainer_of_another_version_stops_at_its_idle_work(workshop):
    def outdated(holds):
        raise StoreOutdated("Another version of Ringfence has changed the database.")

    trainer = workshop.trainer()
    trainer.random_rounds.advance = outdated
    with refused(StoreOutdated, "Another version"):
        trainer.idle(lambda: True)


def set_update_steps(workshop, version, steps):
    """Make the next update of a model version last so many steps."""
    path = workshop.version_folder(version) / "model.json"
    description = json.loads(path.read_text())
    description["parameters"]["update_steps"] = steps
    path.write_text(json.dumps(description))
    workshop.rehash(version)


class CountedSpawner(Spawner):
    """Starts real trainers, and knows which."""

    def __init__(self, store, settings):
        super().__init__(store, settings)
        self.started = []

    def _start(self, scope):
        self.started.append(super()._start(scope))
        return self.started[-1]


@pytest.fixture
def spawner(workshop):
    """Real trainers for the workshop, none of which outlives the test."""
    changes = {"trainer_idle_seconds": 60.0, "heartbeat_seconds": 0.5}
    settings = workshop.settings.model_copy(update=changes)
    workshop.projects.spawner = spawner = CountedSpawner(workshop.store, settings)
    yield spawner
    for child in spawner.started:
        child.process.kill()
        child.process.wait()


@pytest.mark.process
def test_trainer_killed_in_the_middle_of_an_update(workshop, spawner):
    store, queue = workshop.store, workshop.queue
    tend = lambda: workshop.projects.tend(workshop.id)  # noqa: E731
    items = workshop.answer(10)
    set_update_steps(workshop, 1, 10**9)
    job = tend()
    assert job.state is JobState.QUEUED
    tend()
    wait_until(lambda: queue.next().progress > 0, PATIENCE)
    (child,) = spawner.started
    lease = queue.lease()
    assert (lease.pid, lease.worker) == (child.process.pid, child.worker)
    assert (tend().id, tend().state) == (job.id, JobState.RUNNING)
    items += workshop.answer(2)  # labeling goes on
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()

    set_update_steps(workshop, 1, 10)
    replacement = tend()
    interrupted = queue.get(job.id)
    assert interrupted.state is JobState.INTERRUPTED
    assert interrupted.message == "The trainer stopped before it was done."
    assert workshop.model.version == 1
    assert workshop.desk().queue[0] not in items
    assert not list(workshop.folder.glob("models/2-*"))

    child = spawner.started[1]
    wait_until(lambda: queue.next() is None or not child.running, PATIENCE)
    log = workshop.settings.data_dir / "logs" / f"trainer-{workshop.id}.log"
    assert log.read_text() == ""
    done = queue.all()[0]
    assert (done.id, done.state) == (replacement.id, JobState.DONE)
    assert (workshop.model.version, workshop.model.label_count) == (2, 12)
    assert sorted(items) == store.events.labels(workshop.id).items.tolist()
    assert store.integrity_problems() == []
    assert tend() is None
    assert len(spawner.started) == 2

    child.process.terminate()
    assert child.process.wait(PATIENCE) == 0
    assert queue.lease() is None
