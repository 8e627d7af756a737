"""Jobs and leases: what happens when trainers work, stop, fall silent or meet."""

import pytest

from anomaly_core.errors import InvalidInput
from state.errors import UnknownProject
from state.store.schema import JobKind, JobState

PREPARE, UPDATE = JobKind.PREPARE, JobKind.UPDATE
STALE = 6.5  # seconds, just over the default


@pytest.fixture
def project(desk):
    return desk.project.id


@pytest.fixture
def running(store, project):
    """A job that worker w1, who holds the lease, has begun."""
    assert store.jobs.take_lease(project, "w1", "host", 1)
    store.jobs.enqueue(project, UPDATE)
    return store.jobs.claim(project, "w1")


def test_job_runs_from_asking_to_done(store, project, clock):
    asked = store.jobs.enqueue(project, UPDATE)
    assert (asked.state, asked.created_at) == (JobState.QUEUED, clock.now)
    clock.advance(1)
    claimed = store.jobs.claim(project, "w1")
    assert (claimed.id, claimed.state, claimed.worker) == (asked.id, JobState.RUNNING, "w1")
    assert claimed.started_at == claimed.heartbeat == clock.now
    clock.advance(1)
    assert store.jobs.report(claimed.id, 0.5, "Half way.") is False
    assert store.jobs.live(project).progress == 0.5
    assert store.jobs.live(project).heartbeat == clock.now
    done = store.jobs.finish(claimed.id, JobState.DONE, "Done.")
    assert (done.state, done.progress, done.finished_at) == (JobState.DONE, 1.0, clock.now)
    assert store.jobs.live(project) is None
    assert store.jobs.all(project) == [done]


def test_asking_again_gives_the_live_job(store, project):
    asked = store.jobs.enqueue(project, UPDATE)
    assert store.jobs.enqueue(project, UPDATE) == asked
    assert store.jobs.enqueue(project, PREPARE).id != asked.id
    running = store.jobs.claim(project, "w1")
    assert store.jobs.enqueue(project, UPDATE) == running
    store.jobs.finish(running.id, JobState.FAILED, "No.")
    assert store.jobs.enqueue(project, UPDATE).id != asked.id


def test_asking_while_the_old_one_is_stopping_makes_a_new_one(store, project, running):
    store.jobs.cancel(running.id)
    assert store.jobs.enqueue(project, UPDATE).state is JobState.QUEUED


def test_oldest_job_is_claimed_first_and_once(store, project):
    first = store.jobs.enqueue(project, PREPARE)
    second = store.jobs.enqueue(project, UPDATE)
    assert store.jobs.claim(project, "w1").id == first.id
    assert store.jobs.claim(project, "w2").id == second.id
    assert store.jobs.claim(project, "w3") is None
    assert store.jobs.live(project).id == first.id


def test_newest_jobs_are_listed_first(store, project):
    for _ in range(3):
        store.jobs.cancel(store.jobs.enqueue(project, UPDATE).id)
    ids = [job.id for job in store.jobs.all(project, limit=2)]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 2


def test_waiting_job_is_cancelled_at_once(store, project, clock):
    cancelled = store.jobs.cancel(store.jobs.enqueue(project, UPDATE).id)
    assert (cancelled.state, cancelled.finished_at) == (JobState.CANCELLED, clock.now)
    assert store.jobs.claim(project, "w1") is None


def test_running_job_is_asked_to_stop(store, running):
    asked = store.jobs.cancel(running.id)
    assert (asked.state, asked.cancel_requested) == (JobState.RUNNING, True)
    assert store.jobs.report(running.id, 0.1, "Stopping.") is True
    assert store.jobs.beat(running.id) is True
    assert store.jobs.finish(running.id, JobState.CANCELLED, "Stopped.").state is JobState.CANCELLED


def test_job_that_ended_stays_as_it_is(store, running):
    done = store.jobs.finish(running.id, JobState.DONE, "Done.")
    assert store.jobs.finish(running.id, JobState.FAILED, "No.") == done
    assert store.jobs.cancel(running.id) == done
    assert store.jobs.report(running.id, 0.1, "Still here.") is True
    assert store.jobs.all(running.project_id) == [done]


def test_unknown_jobs_and_states_are_refused(store, project, running):
    with pytest.raises(InvalidInput):
        store.jobs.cancel(99)
    with pytest.raises(InvalidInput):
        store.jobs.finish(99, JobState.DONE, "")
    with pytest.raises(InvalidInput):
        store.jobs.finish(running.id, JobState.RUNNING, "")
    with pytest.raises(UnknownProject):
        store.jobs.enqueue(99, UPDATE)
    assert store.jobs.beat(99) is True


def test_job_of_a_silent_trainer_is_interrupted(store, project, running, clock):
    clock.advance(STALE)
    (interrupted,) = store.jobs.interrupt_stale(project)
    assert (interrupted.id, interrupted.state) == (running.id, JobState.INTERRUPTED)
    assert interrupted.finished_at == clock.now
    assert "stopped before it was done" in interrupted.message
    assert store.jobs.interrupt_stale(project) == []
    assert store.jobs.beat(running.id) is True


def test_job_of_a_lively_trainer_goes_on(store, project, running, clock):
    for _ in range(5):
        clock.advance(3)
        store.jobs.beat(running.id)
        store.jobs.renew_lease(project, "w1")
        assert store.jobs.interrupt_stale(project) == []


@pytest.mark.parametrize("successor", [None, "w2"])
def test_job_of_a_trainer_without_lease_is_interrupted(store, project, running, successor):
    store.jobs.release_lease(project, "w1")
    if successor:
        assert store.jobs.take_lease(project, successor, "host", 2)
    assert [job.id for job in store.jobs.interrupt_stale(project)] == [running.id]


def test_jobs_of_other_projects_and_waiting_ones_are_left(store, project, clock):
    waiting = store.jobs.enqueue(project, UPDATE)
    clock.advance(STALE)
    assert store.jobs.interrupt_stale(project) == []
    assert store.jobs.live(project) == waiting


def test_lease_keeps_others_out_until_silent(store, project, clock):
    assert store.jobs.take_lease(project, "w1", "host", 1)
    assert store.jobs.take_lease(project, "w1", "host", 1)
    assert not store.jobs.take_lease(project, "w2", "host", 2)
    clock.advance(4)
    assert store.jobs.renew_lease(project, "w1")
    clock.advance(4)
    assert not store.jobs.take_lease(project, "w2", "host", 2)
    assert store.jobs.lease(project).alive
    clock.advance(STALE)
    assert not store.jobs.lease(project).alive
    assert store.jobs.take_lease(project, "w2", "other", 2)
    assert not store.jobs.renew_lease(project, "w1")
    held = store.jobs.lease(project)
    assert (held.worker, held.host, held.pid, held.alive) == ("w2", "other", 2, True)


def test_lease_is_released_by_its_holder_only(store, project):
    store.jobs.take_lease(project, "w1", "host", 1)
    store.jobs.release_lease(project, "w2")
    assert store.jobs.lease(project).worker == "w1"
    store.jobs.release_lease(project, "w1")
    assert store.jobs.lease(project) is None
    assert store.jobs.take_lease(project, "w2", "host", 2)


def test_lease_on_an_unknown_project_is_refused(store):
    with pytest.raises(UnknownProject):
        store.jobs.take_lease(99, "w1", "host", 1)
