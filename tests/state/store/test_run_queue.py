"""The queue of runs: what happens when runners work, stop, fall silent or meet."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from anomaly_core.errors import InvalidInput
from state.store.database import writing
from state.store.schema import JobState
from state.store.store import Store

STALE = 6.5  # seconds, just over the default
DONE, RUNNING, QUEUED = JobState.DONE, JobState.RUNNING, JobState.QUEUED


def plan(number: int = 0) -> dict[str, object]:
    return {"recipe": "three-autoencoders", "contestants": [], "seed": number}


@pytest.fixture
def running(store):
    """A run that worker w1 has begun."""
    store.runs.ask(plan())
    return store.runs.claim("w1", "host", 11)


def test_a_run_goes_from_asking_to_done(store, clock):
    asked = store.runs.ask(plan())
    assert (asked.state, asked.created_at, asked.plan) == (QUEUED, clock.now, plan())
    clock.advance(1)
    begun = store.runs.claim("w1", "host", 11)
    assert (begun.id, begun.state, begun.worker) == (asked.id, RUNNING, "w1")
    assert (begun.host, begun.pid) == ("host", 11)
    assert begun.started_at == begun.heartbeat == clock.now
    clock.advance(1)
    assert store.runs.report(begun.id, "w1", 0.5, "Half way.") is False
    (live,) = store.runs.live()
    assert (live.progress, live.message, live.heartbeat) == (0.5, "Half way.", clock.now)
    done = store.runs.finish(begun.id, "w1", DONE, "Done.")
    assert (done.state, done.progress, done.finished_at) == (DONE, 1.0, clock.now)
    assert store.runs.live() == []
    assert store.runs.all() == [done]
    assert store.runs.get(done.id) == done


def test_asking_again_gives_the_one_that_is_under_way(store):
    asked = store.runs.ask(plan())
    assert store.runs.ask(plan()) == asked
    assert store.runs.ask(plan(1)).id != asked.id
    begun = store.runs.claim("w1", "host", 1)
    assert store.runs.ask(plan()) == begun
    store.runs.finish(begun.id, "w1", DONE, "Done.")
    assert store.runs.ask(plan()).id not in (asked.id, asked.id + 1)


def test_asking_while_the_old_one_is_stopping_makes_a_new_one(store, running):
    store.runs.cancel(running.id)
    assert store.runs.ask(plan()).state is QUEUED


def test_two_servers_that_ask_at_once_get_one_run(settings):
    def ask(_):
        with Store.open(settings) as mine:
            return mine.runs.ask(plan()).id

    with ThreadPoolExecutor(6) as servers:
        assert set(servers.map(ask, range(6))) == {1}


def test_two_runners_that_claim_at_once_get_one_run_between_them(settings):
    def claim(number):
        with Store.open(settings) as mine:
            return mine.runs.claim(f"w{number}", "host", number)

    with Store.open(settings) as store:
        store.runs.ask(plan(1))
        store.runs.ask(plan(2))
        with ThreadPoolExecutor(6) as runners:
            claimed = [one for one in runners.map(claim, range(6)) if one is not None]
        assert [one.plan for one in claimed] == [plan(1)]
        assert [one.state for one in store.runs.live()] == [RUNNING, QUEUED]


def test_the_database_refuses_a_second_one_that_runs(store, running):
    store.runs.ask(plan(1))
    with pytest.raises(IntegrityError), writing(store.engine) as connection:
        connection.execute(text("UPDATE run SET state = 'running'"))


def test_one_runs_at_a_time_and_the_one_that_waits_longest_is_next(store):
    first, second = store.runs.ask(plan(1)), store.runs.ask(plan(2))
    assert store.runs.claim("w1", "host", 1).id == first.id
    assert store.runs.claim("w2", "host", 2) is None
    assert [one.id for one in store.runs.live()] == [first.id, second.id]
    store.runs.finish(first.id, "w1", DONE, "Done.")
    assert store.runs.claim("w2", "host", 2).id == second.id
    assert [one.id for one in store.runs.all()] == [second.id, first.id]
    assert len(store.runs.all(limit=1)) == 1


def test_a_waiting_run_is_cancelled_at_once(store, clock):
    cancelled = store.runs.cancel(store.runs.ask(plan()).id)
    assert (cancelled.state, cancelled.finished_at) == (JobState.CANCELLED, clock.now)
    assert store.runs.claim("w1", "host", 1) is None


def test_a_running_one_is_asked_to_stop(store, running):
    asked = store.runs.cancel(running.id)
    assert (asked.state, asked.cancel_requested) == (RUNNING, True)
    assert store.runs.report(running.id, "w1", 0.1, "Stopping.") is True
    assert store.runs.beat(running.id, "w1") is True  # it lives until it has stopped
    ended = store.runs.finish(running.id, "w1", JobState.CANCELLED, "Stopped.")
    assert ended.state is JobState.CANCELLED


def test_a_run_that_ended_stays_as_it_is(store, running):
    done = store.runs.finish(running.id, "w1", DONE, "Done.")
    assert store.runs.finish(running.id, "w1", JobState.FAILED, "No.") is None
    assert store.runs.cancel(running.id) == done
    assert store.runs.resume(running.id) == done
    assert store.runs.report(running.id, "w1", 0.1, "Still here.") is True
    assert store.runs.all() == [done]


def test_unknown_runs_and_states_are_refused(store, running):
    for refuse in (store.runs.cancel, store.runs.resume):
        with pytest.raises(InvalidInput):
            refuse(99)
    with pytest.raises(InvalidInput):
        store.runs.finish(running.id, "w1", RUNNING, "")
    assert store.runs.beat(99, "w1") is False
    assert store.runs.get(99) is None
    store.runs.forget(99)  # removed in another tab


def test_the_run_of_a_silent_runner_is_interrupted(store, running, clock):
    clock.advance(STALE)
    (interrupted,) = store.runs.interrupt_stale()
    assert (interrupted.id, interrupted.state) == (running.id, JobState.INTERRUPTED)
    assert interrupted.finished_at == clock.now
    assert "stopped before it was done" in interrupted.message
    assert store.runs.interrupt_stale() == []
    assert store.runs.beat(running.id, "w1") is False
    assert store.runs.finish(running.id, "w1", DONE, "Done after all.") is None
    assert store.runs.all() == [interrupted]


def test_the_run_of_a_lively_runner_goes_on(store, running, clock):
    for _ in range(5):
        clock.advance(3)
        assert store.runs.beat(running.id, "w1")
        assert store.runs.interrupt_stale() == []


def test_the_run_of_a_dead_runner_is_interrupted_at_once(store, running):
    assert store.runs.interrupt_of("w2") == []
    assert [one.id for one in store.runs.interrupt_of("w1")] == [running.id]


def test_a_waiting_run_is_never_interrupted(store, clock):
    store.runs.ask(plan())
    clock.advance(STALE)
    assert store.runs.interrupt_stale() == []


@pytest.mark.parametrize(
    "state", [JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED], ids=str
)
def test_what_ended_early_can_be_resumed(store, running, state):
    store.runs.report(running.id, "w1", 0.7, "Nearly.")
    ended = store.runs.finish(running.id, "w1", state, "It ended.")
    assert ended.resumable
    again = store.runs.resume(running.id)
    assert (again.id, again.state, again.progress) == (running.id, QUEUED, 0)
    assert (again.worker, again.started_at, again.finished_at) == (None, None, None)
    assert store.runs.resume(running.id) == again
    assert store.runs.report(running.id, "w1", 0.8, "The old runner.") is True
    assert store.runs.claim("w2", "host", 2).id == running.id
    assert store.runs.beat(running.id, "w1") is False


def test_a_run_is_removed_once_it_is_over_and_its_number_is_never_given_again(store, running):
    with pytest.raises(InvalidInput, match="cancel it before"):
        store.runs.forget(running.id)
    store.runs.finish(running.id, "w1", DONE, "Done.")
    store.runs.forget(running.id)
    assert store.runs.all() == []
    assert store.runs.ask(plan()).id > running.id
