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
    assert store.take_lease(project, "w1", "host", 1)
    store.enqueue(project, UPDATE)
    return store.claim_job(project, "w1")


def test_job_runs_from_asking_to_done(store, project, clock):
    asked = store.enqueue(project, UPDATE)
    assert (asked.state, asked.created_at) == (JobState.QUEUED, clock.now)
    clock.advance(1)
    claimed = store.claim_job(project, "w1")
    assert (claimed.id, claimed.state, claimed.worker) == (asked.id, JobState.RUNNING, "w1")
    assert claimed.started_at == claimed.heartbeat == clock.now
    clock.advance(1)
    assert store.report(claimed.id, 0.5, "Half way.") is False
    assert store.live_job(project).progress == 0.5
    assert store.live_job(project).heartbeat == clock.now
    done = store.finish_job(claimed.id, JobState.DONE, "Done.")
    assert (done.state, done.progress, done.finished_at) == (JobState.DONE, 1.0, clock.now)
    assert store.live_job(project) is None
    assert store.jobs(project) == [done]


def test_asking_again_gives_the_live_job(store, project):
    asked = store.enqueue(project, UPDATE)
    assert store.enqueue(project, UPDATE) == asked
    assert store.enqueue(project, PREPARE).id != asked.id
    running = store.claim_job(project, "w1")
    assert store.enqueue(project, UPDATE) == running
    store.finish_job(running.id, JobState.FAILED, "No.")
    assert store.enqueue(project, UPDATE).id != asked.id


def test_asking_while_the_old_one_is_stopping_makes_a_new_one(store, project, running):
    store.cancel(running.id)
    assert store.enqueue(project, UPDATE).state is JobState.QUEUED


def test_oldest_job_is_claimed_first_and_once(store, project):
    first = store.enqueue(project, PREPARE)
    second = store.enqueue(project, UPDATE)
    assert store.claim_job(project, "w1").id == first.id
    assert store.claim_job(project, "w2").id == second.id
    assert store.claim_job(project, "w3") is None
    assert store.live_job(project).id == first.id


def test_newest_jobs_are_listed_first(store, project):
    for _ in range(3):
        store.cancel(store.enqueue(project, UPDATE).id)
    ids = [job.id for job in store.jobs(project, limit=2)]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 2


def test_waiting_job_is_cancelled_at_once(store, project, clock):
    cancelled = store.cancel(store.enqueue(project, UPDATE).id)
    assert (cancelled.state, cancelled.finished_at) == (JobState.CANCELLED, clock.now)
    assert store.claim_job(project, "w1") is None


def test_running_job_is_asked_to_stop(store, running):
    asked = store.cancel(running.id)
    assert (asked.state, asked.cancel_requested) == (JobState.RUNNING, True)
    assert store.report(running.id, 0.1, "Stopping.") is True
    assert store.beat(running.id) is True
    assert store.finish_job(running.id, JobState.CANCELLED, "Stopped.").state is JobState.CANCELLED


def test_job_that_ended_stays_as_it_is(store, running):
    done = store.finish_job(running.id, JobState.DONE, "Done.")
    assert store.finish_job(running.id, JobState.FAILED, "No.") == done
    assert store.cancel(running.id) == done
    assert store.report(running.id, 0.1, "Still here.") is True
    assert store.jobs(running.project_id) == [done]


def test_unknown_jobs_and_states_are_refused(store, project, running):
    with pytest.raises(InvalidInput):
        store.cancel(99)
    with pytest.raises(InvalidInput):
        store.finish_job(99, JobState.DONE, "")
    with pytest.raises(InvalidInput):
        store.finish_job(running.id, JobState.RUNNING, "")
    with pytest.raises(UnknownProject):
        store.enqueue(99, UPDATE)
    assert store.beat(99) is True


def test_job_of_a_silent_trainer_is_interrupted(store, project, running, clock):
    clock.advance(STALE)
    (interrupted,) = store.interrupt_stale_jobs(project)
    assert (interrupted.id, interrupted.state) == (running.id, JobState.INTERRUPTED)
    assert interrupted.finished_at == clock.now
    assert "stopped before it was done" in interrupted.message
    assert store.interrupt_stale_jobs(project) == []
    assert store.beat(running.id) is True


def test_job_of_a_lively_trainer_goes_on(store, project, running, clock):
    for _ in range(5):
        clock.advance(3)
        store.beat(running.id)
        store.renew_lease(project, "w1")
        assert store.interrupt_stale_jobs(project) == []


@pytest.mark.parametrize("successor", [None, "w2"])
def test_job_of_a_trainer_without_lease_is_interrupted(store, project, running, successor):
    store.release_lease(project, "w1")
    if successor:
        assert store.take_lease(project, successor, "host", 2)
    assert [job.id for job in store.interrupt_stale_jobs(project)] == [running.id]


def test_jobs_of_other_projects_and_waiting_ones_are_left(store, project, clock):
    waiting = store.enqueue(project, UPDATE)
    clock.advance(STALE)
    assert store.interrupt_stale_jobs(project) == []
    assert store.live_job(project) == waiting


def test_lease_keeps_others_out_until_silent(store, project, clock):
    assert store.take_lease(project, "w1", "host", 1)
    assert store.take_lease(project, "w1", "host", 1)
    assert not store.take_lease(project, "w2", "host", 2)
    clock.advance(4)
    assert store.renew_lease(project, "w1")
    clock.advance(4)
    assert not store.take_lease(project, "w2", "host", 2)
    assert store.lease(project).alive
    clock.advance(STALE)
    assert not store.lease(project).alive
    assert store.take_lease(project, "w2", "other", 2)
    assert not store.renew_lease(project, "w1")
    held = store.lease(project)
    assert (held.worker, held.host, held.pid, held.alive) == ("w2", "other", 2, True)


def test_lease_is_released_by_its_holder_only(store, project):
    store.take_lease(project, "w1", "host", 1)
    store.release_lease(project, "w2")
    assert store.lease(project).worker == "w1"
    store.release_lease(project, "w1")
    assert store.lease(project) is None
    assert store.take_lease(project, "w2", "host", 2)


def test_lease_on_an_unknown_project_is_refused(store):
    with pytest.raises(UnknownProject):
        store.take_lease(99, "w1", "host", 1)
