"""Queues and leases: what happens when workers work, stop, fall silent or meet."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from at_work import begin, end
from some import some
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from anomaly_core.errors import InvalidInput
from state.errors import StoreOutdated, UnknownProject
from state.store.database import writing
from state.store.schema import JobKind, JobState
from state.store.store import Store
from state.store.work import RUNS, training

PREPARE, UPDATE, RUN = JobKind.PREPARE, JobKind.UPDATE, JobKind.RUN
DONE, RUNNING, QUEUED = JobState.DONE, JobState.RUNNING, JobState.QUEUED
STALE = 6.5  # seconds, just over the default


def plan(number: int = 0) -> dict[str, object]:
    return {"recipe": "three-autoencoders", "contestants": [], "seed": number}


@pytest.fixture(params=["trainer", "runner"])
def queue(request, store, desk):
    """That of a project's trainer, and that of the runner."""
    scope = training(desk.project.id) if request.param == "trainer" else RUNS
    return store.work.of(scope)


@pytest.fixture
def runs(store):
    return store.work.runs


@pytest.fixture
def running(queue):
    """A job that worker w1, who holds the lease, has begun."""
    queue.ask(UPDATE)
    return begin(queue)


def test_a_job_goes_from_asking_to_done(queue, clock):
    asked = queue.ask(RUN, plan())
    assert (asked.state, asked.created_at, asked.plan) == (QUEUED, clock.now, plan())
    assert asked.message == queue.scope.waiting
    clock.advance(1)
    begun = some(begin(queue))
    assert (begun.id, begun.state, begun.worker) == (asked.id, RUNNING, "w1")
    assert begun.started_at == clock.now
    assert queue.report(begun.id, "w1", 0.5, "Half way.") is False
    (live,) = queue.live()
    assert (live.progress, live.message) == (0.5, "Half way.")
    clock.advance(1)
    done = queue.finish(begun.id, "w1", DONE, "Done.")
    assert (done.state, done.progress, done.finished_at) == (DONE, 1.0, clock.now)
    assert (queue.live(), queue.next()) == ([], None)
    assert queue.all() == [done]
    assert queue.get(done.id) == done


def test_asking_again_gives_what_is_under_way(queue):
    asked = queue.ask(UPDATE)
    assert queue.ask(UPDATE) == asked
    assert queue.ask(PREPARE).id != asked.id
    assert queue.ask(RUN, plan(1)).id != queue.ask(RUN, plan(2)).id
    begun = some(begin(queue))
    assert queue.ask(UPDATE) == begun
    queue.finish(begun.id, "w1", JobState.FAILED, "No.")
    assert queue.ask(UPDATE).id != asked.id


def test_asking_while_the_old_one_is_stopping_makes_a_new_one(queue, running):
    queue.cancel(running.id)
    assert queue.ask(UPDATE).state is QUEUED


def test_one_runs_at_a_time_and_what_waits_longest_is_next(queue):
    first, second = queue.ask(PREPARE), queue.ask(UPDATE)
    assert some(begin(queue)).id == first.id
    assert begin(queue, "w2") is None  # another has the lease
    assert [one.id for one in queue.live()] == [first.id, second.id]
    assert queue.next().id == first.id
    queue.finish(first.id, "w1", DONE, "Done.")
    assert queue.claim("w1").id == second.id
    assert [one.id for one in queue.all()] == [second.id, first.id]
    assert len(queue.all(limit=1)) == 1


def test_the_database_refuses_a_second_one_that_runs(store, queue, running):
    queue.ask(PREPARE)
    with pytest.raises(IntegrityError), writing(store.engine) as connection:
        connection.execute(text("UPDATE work SET state = 'running'"))


def test_queues_do_not_meet(store, desk, runs):
    jobs = store.work.training(desk.project.id)
    asked, run = jobs.ask(UPDATE), runs.ask(RUN, plan())
    assert (jobs.live(), runs.live()) == ([asked], [run])
    assert some(begin(jobs)).id == asked.id
    assert some(begin(runs, "w2")).id == run.id
    jobs.cancel(asked.id)
    assert not runs.get(run.id).cancel_requested


def test_servers_that_ask_at_once_get_one_job(settings):
    def ask(_):
        with Store.open(settings) as mine:
            return mine.work.runs.ask(RUN, plan()).id

    with ThreadPoolExecutor(6) as servers:
        assert set(servers.map(ask, range(6))) == {1}


def test_workers_that_come_at_once_get_one_job_between_them(settings):
    def claim(number):
        with Store.open(settings) as mine:
            return begin(mine.work.runs, f"w{number}")

    with Store.open(settings) as store:
        store.work.runs.ask(RUN, plan(1))
        store.work.runs.ask(RUN, plan(2))
        with ThreadPoolExecutor(6) as workers:
            claimed = [one for one in workers.map(claim, range(6)) if one is not None]
        assert [one.plan for one in claimed] == [plan(1)]
        assert [one.state for one in store.work.runs.live()] == [RUNNING, QUEUED]


def test_what_waits_is_cancelled_at_once(queue, clock):
    cancelled = queue.cancel(queue.ask(UPDATE).id)
    assert (cancelled.state, cancelled.finished_at) == (JobState.CANCELLED, clock.now)
    assert begin(queue) is None


def test_what_runs_is_asked_to_stop(queue, running):
    asked = queue.cancel(running.id)
    assert (asked.state, asked.cancel_requested) == (RUNNING, True)
    assert queue.report(running.id, "w1", 0.1, "Stopping.") is True
    assert queue.renew_lease("w1") is True  # it lives until it has stopped
    ended = queue.finish(running.id, "w1", JobState.CANCELLED, "Stopped.")
    assert ended.state is JobState.CANCELLED


def test_what_ended_stays_as_it_is(queue, running):
    done = queue.finish(running.id, "w1", DONE, "Done.")
    assert queue.finish(running.id, "w1", JobState.FAILED, "No.") is None
    assert queue.cancel(running.id) == done
    assert queue.resume(running.id) == done
    assert queue.report(running.id, "w1", 0.1, "Still here.") is True
    queue.release_lease("w1")
    assert queue.all() == [done]


def test_what_waits_can_be_given_up(queue, running):
    waiting = queue.ask(PREPARE)
    queue.give_up()
    failed = queue.get(waiting.id)
    assert (failed.state, failed.message) == (JobState.FAILED, queue.scope.unstarted)
    assert queue.live() == [running]


def test_unknown_jobs_and_states_are_refused(store, queue, running):
    for refuse in (queue.cancel, queue.resume):
        with pytest.raises(InvalidInput, match=f"no such {queue.scope.noun}"):
            refuse(99)
    with pytest.raises(InvalidInput):
        queue.finish(running.id, "w1", RUNNING, "")
    assert queue.finish(99, "w1", DONE, "") is None
    assert queue.get(99) is None
    queue.forget(99)  # removed in another tab


def test_a_project_that_is_not_there_has_no_queue(store):
    queue = store.work.training(99)
    for refused in (lambda: queue.ask(UPDATE), lambda: begin(queue)):
        with pytest.raises(UnknownProject):
            refused()


def test_the_job_of_a_silent_worker_is_interrupted(queue, running, clock):
    clock.advance(STALE)
    (interrupted,) = queue.interrupt_stale()
    assert (interrupted.id, interrupted.state) == (running.id, JobState.INTERRUPTED)
    assert interrupted.finished_at == clock.now
    assert interrupted.message == queue.scope.interrupted
    assert queue.interrupt_stale() == []
    assert queue.report(running.id, "w1", 0.5, "Still here.") is True
    assert queue.finish(running.id, "w1", DONE, "Done after all.") is None
    assert queue.all() == [interrupted]


def test_the_job_of_a_lively_worker_goes_on(queue, running, clock):
    for _ in range(5):
        clock.advance(3)
        assert queue.renew_lease("w1")
        assert queue.interrupt_stale() == []
    assert queue.next() == running


def test_the_job_of_a_worker_that_ends_is_interrupted_at_once(queue, running):
    queue.release_lease("w2")
    assert queue.next() == running
    queue.release_lease("w1")
    assert queue.get(running.id).state is JobState.INTERRUPTED


def test_a_worker_that_was_overtaken_finds_out(queue, running, clock):
    clock.advance(STALE)
    assert queue.take_lease("w2", "host", 2)
    assert queue.report(running.id, "w1", 0.5, "Still here.") is True
    assert queue.claim("w1") is None
    assert queue.claim("w2") is None  # nothing waits, but what nobody does is told of
    assert queue.get(running.id).state is JobState.INTERRUPTED
    assert not queue.renew_lease("w1")
    queue.release_lease("w1")
    assert queue.lease().worker == "w2"


def test_what_waits_is_never_interrupted(queue, clock):
    waiting = queue.ask(UPDATE)
    clock.advance(STALE)
    assert queue.interrupt_stale() == []
    assert queue.live() == [waiting]


@pytest.mark.parametrize(
    "state", [JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED], ids=str
)
def test_what_ended_early_can_be_resumed(queue, running, state):
    queue.report(running.id, "w1", 0.7, "Nearly.")
    ended = queue.finish(running.id, "w1", state, "It ended.")
    assert ended.resumable
    again = queue.resume(running.id)
    assert (again.id, again.state, again.progress) == (running.id, QUEUED, 0)
    assert (again.worker, again.started_at, again.finished_at) == (None, None, None)
    assert queue.resume(running.id) == again
    assert queue.report(running.id, "w1", 0.8, "As before.") is True
    assert queue.claim("w1").id == running.id


def test_a_job_is_removed_once_it_is_over_and_its_number_is_never_given_again(queue, running):
    with pytest.raises(InvalidInput, match="cancel it before"):
        queue.forget(running.id)
    queue.finish(running.id, "w1", DONE, "Done.")
    queue.forget(running.id)
    assert queue.all() == []
    assert queue.ask(UPDATE).id > running.id


def test_a_lease_keeps_others_out_until_silent(queue, clock):
    assert queue.take_lease("w1", "host", 1)
    assert queue.take_lease("w1", "host", 1)
    assert not queue.take_lease("w2", "host", 2)
    clock.advance(4)
    assert queue.renew_lease("w1")
    clock.advance(4)
    assert not queue.take_lease("w2", "host", 2)
    assert queue.lease().alive
    clock.advance(STALE)
    assert not queue.lease().alive
    assert queue.take_lease("w2", "other", 2)
    assert not queue.renew_lease("w1")
    held = queue.lease()
    assert (held.worker, held.host, held.pid, held.alive) == ("w2", "other", 2, True)


def test_a_lease_is_released_by_its_holder_only(queue):
    queue.take_lease("w1", "host", 1)
    queue.release_lease("w2")
    assert queue.lease().worker == "w1"
    queue.release_lease("w1")
    assert queue.lease() is None
    assert queue.take_lease("w2", "host", 2)


def test_ended_work_leaves_nothing_held(queue):
    queue.ask(UPDATE)
    end(queue, JobState.FAILED)
    assert (queue.lease(), queue.next()) == (None, None)


def test_tables_that_are_gone_are_one_plain_sentence(settings):
    with Store.open(settings) as store:
        with writing(store.engine) as connection:
            connection.execute(text("DROP TABLE work"))
        with pytest.raises(StoreOutdated, match="another version of Ringfence"):
            store.work.runs.live()
        with pytest.raises(StoreOutdated), writing(store.engine) as connection:
            connection.execute(text("UPDATE queue SET color = 'green'"))
