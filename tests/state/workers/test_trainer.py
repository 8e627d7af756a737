"""The trainer: what becomes of its jobs, of its lease, and of a project whose trainer is killed."""

import json
import logging
import os
import shutil
import signal
import threading
import time
from dataclasses import replace

import pytest
from workshop import Scripted

from anomaly_core.errors import Cancelled
from state.store.schema import JobKind, JobState
from state.workers.spawn import Spawner
from state.workers.trainer import Heartbeat, Reporter

PREPARE, UPDATE = JobKind.PREPARE, JobKind.UPDATE
PATIENCE = 90  # seconds for a real trainer, which has to import torch on a busy machine


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def serve_in_thread(trainer):
    thread = threading.Thread(target=trainer.serve, daemon=True)
    thread.start()
    return thread


def patient(workshop, seconds):
    """Let trainers of this workshop stay for so long without work."""
    changes = {"trainer_idle_seconds": seconds}
    workshop.settings = workshop.settings.model_copy(update=changes)


def test_job_runs_from_queued_to_done_with_progress(workshop):
    workshop.answer(10)
    job = workshop.store.jobs.enqueue(workshop.id, UPDATE)
    assert (job.state, job.progress) == (JobState.QUEUED, 0)
    trainer = workshop.trainer()
    seen, update = [], trainer.rounds.update

    def watched(callbacks):
        seen.append(workshop.store.jobs.live(workshop.id))
        model = update(callbacks)
        seen.append(workshop.store.jobs.live(workshop.id))
        return model

    trainer.rounds = Scripted(watched)
    trainer.serve()
    before, after = seen
    assert (before.id, before.state, before.worker) == (job.id, JobState.RUNNING, "w1")
    assert (after.state, after.message) == (JobState.RUNNING, "Updating")
    assert 0 < after.progress <= 1
    done = workshop.store.jobs.all(workshop.id)[0]
    assert (done.state, done.progress) == (JobState.DONE, 1)
    assert done.message == "Model 2 is in use."
    assert workshop.model.version == 2


def test_preparing_reports_progress_too(open_workshop, tiny):
    workshop = open_workshop(tiny)
    workshop.work()
    (job,) = workshop.store.jobs.all(workshop.id)
    assert (job.kind, job.state, job.message) == (PREPARE, JobState.DONE, "Model 1 is in use.")


def test_cancelled_job_leaves_the_old_model_serving_and_the_next_one_works(workshop):
    items = workshop.answer(10)
    job = workshop.store.jobs.enqueue(workshop.id, UPDATE)
    trainer = workshop.trainer()
    rounds = trainer.rounds

    def cancelled_early(callbacks):
        workshop.store.jobs.cancel(job.id)
        return rounds.update(callbacks)

    trainer.rounds = Scripted(cancelled_early)
    trainer.serve()
    ended = workshop.store.jobs.all(workshop.id)[0]
    assert (ended.id, ended.state) == (job.id, JobState.CANCELLED)
    assert ended.message == "Stopped on request."
    assert workshop.model.version == 1
    assert workshop.desk().queue[0] not in items
    workshop.store.jobs.enqueue(workshop.id, UPDATE)
    trainer.rounds = rounds
    trainer.serve()
    assert workshop.store.jobs.all(workshop.id)[0].state is JobState.DONE
    assert (workshop.model.version, workshop.model.label_count) == (2, 10)


def test_job_whose_dataset_is_gone_fails_with_its_sentence(open_workshop, tiny, tmp_path):
    root = tmp_path / "rows"
    shutil.copytree(tiny.root, root)
    workshop = open_workshop(replace(tiny, root=root))
    shutil.rmtree(root)
    workshop.work()
    (job,) = workshop.store.jobs.all(workshop.id)
    assert job.state is JobState.FAILED
    assert job.message == f"The folder {root} does not exist; give the folder of the IDX files."
    assert workshop.store.models.active(workshop.id) is None


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("models/1/model.safetensors", "The saved model 1 is damaged; go back to another version."),
        ("pool.npy", "The file pool.npy of this project is missing or damaged; restore"),
    ],
)
def test_job_over_a_damaged_file_fails_with_its_sentence(workshop, file, sentence):
    (workshop.folder / file).write_bytes(b"")
    workshop.store.jobs.enqueue(workshop.id, UPDATE)
    workshop.work()
    job = workshop.store.jobs.all(workshop.id)[0]
    assert job.state is JobState.FAILED
    assert job.message.startswith(sentence)
    assert workshop.model.version == 1


def test_unexpected_error_ends_the_job_but_not_the_trainer(workshop, caplog):
    workshop.answer(1)
    first = workshop.store.jobs.enqueue(workshop.id, PREPARE)
    workshop.store.jobs.enqueue(workshop.id, UPDATE)
    trainer = workshop.trainer()
    rounds = trainer.rounds

    def broken(callbacks):
        trainer.rounds = rounds
        raise ZeroDivisionError("/secret/path")

    trainer.rounds = Scripted(broken)
    with caplog.at_level(logging.ERROR, "ringfence.trainer"):
        trainer.serve()
    done, failed, _ = workshop.store.jobs.all(workshop.id)
    assert (failed.id, failed.state) == (first.id, JobState.FAILED)
    assert failed.message == "Training failed unexpectedly; the log has the details."
    assert "ZeroDivisionError" in caplog.text
    assert done.state is JobState.DONE


def test_second_trainer_leaves_at_once(workshop):
    patient(workshop, 60)
    workshop.store.jobs.take_lease(workshop.id, "w1", "host", 1)
    job = workshop.store.jobs.enqueue(workshop.id, UPDATE)
    started = time.monotonic()
    workshop.trainer("w2").serve()
    assert time.monotonic() - started < 5
    assert workshop.store.jobs.lease(workshop.id).worker == "w1"
    assert workshop.store.jobs.live(workshop.id) == job


def test_idle_trainer_ends_and_releases_its_lease(workshop):
    patient(workshop, 0.5)
    thread = serve_in_thread(workshop.trainer())
    wait_until(lambda: workshop.store.jobs.lease(workshop.id))
    assert workshop.store.jobs.lease(workshop.id).pid == os.getpid()
    thread.join(10)
    assert not thread.is_alive()
    assert workshop.store.jobs.lease(workshop.id) is None


def test_trainer_is_not_idle_while_it_works(workshop):
    trainer = workshop.trainer()
    rounds = trainer.rounds

    def slow(callbacks):
        workshop.answer(1)
        time.sleep(3 * workshop.settings.trainer_idle_seconds)
        return rounds.update(callbacks)

    trainer.rounds = Scripted(slow)
    workshop.store.jobs.enqueue(workshop.id, PREPARE)
    workshop.store.jobs.enqueue(workshop.id, UPDATE)
    trainer.serve()
    assert workshop.model.version == 3


def test_trainer_that_has_lost_its_lease_leaves_and_takes_no_job(workshop):
    patient(workshop, 60)
    thread = serve_in_thread(workshop.trainer())
    wait_until(lambda: workshop.store.jobs.lease(workshop.id))
    workshop.store.jobs.release_lease(workshop.id, "w1")
    workshop.store.jobs.take_lease(workshop.id, "w2", "host", 2)
    thread.join(10)
    assert not thread.is_alive()
    assert workshop.store.jobs.lease(workshop.id).worker == "w2"


def test_silent_work_still_shows_that_the_trainer_lives(workshop):
    trainer = workshop.trainer()
    rounds, job = trainer.rounds, workshop.store.jobs.enqueue(workshop.id, UPDATE)

    def silent(callbacks):
        started = workshop.store.jobs.live(workshop.id).heartbeat
        lease = workshop.store.jobs.lease(workshop.id).heartbeat
        wait_until(lambda: workshop.store.jobs.live(workshop.id).heartbeat > started)
        wait_until(lambda: workshop.store.jobs.lease(workshop.id).heartbeat > lease)
        return rounds.update(callbacks)

    trainer.rounds = Scripted(silent)
    trainer.serve()
    assert workshop.store.jobs.all(workshop.id)[0].state is JobState.DONE
    assert workshop.store.jobs.all(workshop.id)[0].id == job.id


def test_heartbeat_survives_an_error_and_ends_at_a_no():
    answers = iter([True, OSError("locked"), True, False])
    beats = []

    def beat():
        beats.append(next(answers))
        if isinstance(beats[-1], OSError):
            raise beats[-1]
        return beats[-1]

    with Heartbeat(beat, 0.01) as heart:
        wait_until(lambda: not heart.holds)
    assert len(beats) == 4


def test_reporter_writes_a_few_times_a_second_and_brings_back_the_wish_to_stop(workshop):
    workshop.store.jobs.enqueue(workshop.id, UPDATE)
    job = workshop.store.jobs.claim(workshop.id, "w1")
    report = Reporter(workshop.store, job)
    report.progress(0.25, "First.")
    report.progress(0.5, "Too soon.")
    assert workshop.store.jobs.live(workshop.id).progress == 0.25
    assert workshop.store.jobs.live(workshop.id).message == "First."
    workshop.store.jobs.cancel(job.id)
    report.due = 0
    with pytest.raises(Cancelled):
        report.progress(0.75, "Second.")


def set_update_steps(workshop, version, steps):
    """Make the next update of a model version last so many steps."""
    path = workshop.version_folder(version) / "model.json"
    description = json.loads(path.read_text())
    description["parameters"]["update_steps"] = steps
    path.write_text(json.dumps(description))


@pytest.fixture
def spawner(workshop):
    """Real trainers for the workshop, none of which outlives the test."""
    changes = {"trainer_idle_seconds": 60.0, "heartbeat_seconds": 0.5}
    settings = workshop.settings.model_copy(update=changes)
    workshop.projects.spawner = spawner = Spawner(workshop.store, settings)
    started = []
    start = spawner._start
    spawner._start = lambda project_id: started.append(start(project_id)) or started[-1]
    spawner.started = started
    yield spawner
    for child in started:
        child.process.kill()
        child.process.wait()


def test_trainer_killed_in_the_middle_of_an_update(workshop, spawner):
    store, tend = workshop.store, lambda: workshop.projects.tend(workshop.id)
    items = workshop.answer(10)
    set_update_steps(workshop, 1, 10**9)
    job = tend()
    assert job.state is JobState.QUEUED
    tend()
    wait_until(lambda: store.jobs.live(workshop.id).progress > 0, PATIENCE)
    (child,) = spawner.started
    lease = store.jobs.lease(workshop.id)
    assert (lease.pid, lease.worker) == (child.process.pid, child.worker)
    assert (tend().id, tend().state) == (job.id, JobState.RUNNING)
    items += workshop.answer(2)  # labeling goes on
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()

    set_update_steps(workshop, 1, 10)
    replacement = tend()
    interrupted = next(one for one in store.jobs.all(workshop.id) if one.id == job.id)
    assert interrupted.state is JobState.INTERRUPTED
    assert interrupted.message == "The trainer stopped before it was done."
    assert workshop.model.version == 1
    assert workshop.desk().queue[0] not in items
    assert not workshop.version_folder(2).exists()

    child = spawner.started[1]
    wait_until(lambda: store.jobs.live(workshop.id) is None or not child.running, PATIENCE)
    log = workshop.settings.data_dir / "logs" / f"trainer-{workshop.id}.log"
    assert log.read_text() == ""
    done = store.jobs.all(workshop.id)[0]
    assert (done.id, done.state) == (replacement.id, JobState.DONE)
    assert (workshop.model.version, workshop.model.label_count) == (2, 12)
    assert sorted(items) == store.events.labels(workshop.id).items.tolist()
    assert store.integrity_problems() == []
    assert tend() is None
    assert len(spawner.started) == 2

    child.process.terminate()
    assert child.process.wait(PATIENCE) == 0
    assert store.jobs.lease(workshop.id) is None


def test_an_idle_trainer_catches_up_until_there_is_work(workshop):
    trainer, left = workshop.trainer(), [3]

    def catch_up() -> bool:
        left[0] -= 1
        if left[0] == 1:
            workshop.store.jobs.enqueue(workshop.id, JobKind.UPDATE)
        return left[0] > 0

    done = []
    trainer.rounds = Scripted(lambda callbacks: done.append(left[0]) or workshop.model)
    trainer.rounds.catch_up = catch_up
    trainer.serve()
    assert done == [1]  # the job waited for one block, not for all of them
    assert left[0] <= 0
