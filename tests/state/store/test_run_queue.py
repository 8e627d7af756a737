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
    store.ask_for_run(plan())
    return store.claim_run("w1", "host", 11)


def test_a_run_goes_from_asking_to_done(store, clock):
    asked = store.ask_for_run(plan())
    assert (asked.state, asked.created_at, asked.plan) == (QUEUED, clock.now, plan())
    clock.advance(1)
    begun = store.claim_run("w1", "host", 11)
    assert (begun.id, begun.state, begun.worker) == (asked.id, RUNNING, "w1")
    assert (begun.host, begun.pid) == ("host", 11)
    assert begun.started_at == begun.heartbeat == clock.now
    clock.advance(1)
    assert store.report_run(begun.id, "w1", 0.5, "Half way.") is False
    (live,) = store.live_runs()
    assert (live.progress, live.message, live.heartbeat) == (0.5, "Half way.", clock.now)
    done = store.finish_run(begun.id, "w1", DONE, "Done.")
    assert (done.state, done.progress, done.finished_at) == (DONE, 1.0, clock.now)
    assert store.live_runs() == []
    assert store.runs() == [done]
    assert store.run(done.id) == done


def test_asking_again_gives_the_one_that_is_under_way(store):
    asked = store.ask_for_run(plan())
    assert store.ask_for_run(plan()) == asked
    assert store.ask_for_run(plan(1)).id != asked.id
    begun = store.claim_run("w1", "host", 1)
    assert store.ask_for_run(plan()) == begun
    store.finish_run(begun.id, "w1", DONE, "Done.")
    assert store.ask_for_run(plan()).id not in (asked.id, asked.id + 1)


def test_asking_while_the_old_one_is_stopping_makes_a_new_one(store, running):
    store.cancel_run(running.id)
    assert store.ask_for_run(plan()).state is QUEUED


def test_two_servers_that_ask_at_once_get_one_run(settings):
    def ask(_):
        with Store.open(settings) as mine:
            return mine.ask_for_run(plan()).id

    with ThreadPoolExecutor(6) as servers:
        assert set(servers.map(ask, range(6))) == {1}


def test_two_runners_that_claim_at_once_get_one_run_between_them(settings):
    def claim(number):
        with Store.open(settings) as mine:
            return mine.claim_run(f"w{number}", "host", number)

    with Store.open(settings) as store:
        store.ask_for_run(plan(1))
        store.ask_for_run(plan(2))
        with ThreadPoolExecutor(6) as runners:
            claimed = [one for one in runners.map(claim, range(6)) if one is not None]
        assert [one.plan for one in claimed] == [plan(1)]
        assert [one.state for one in store.live_runs()] == [RUNNING, QUEUED]


def test_the_database_refuses_a_second_one_that_runs(store, running):
    store.ask_for_run(plan(1))
    with pytest.raises(IntegrityError), writing(store.engine) as connection:
        connection.execute(text("UPDATE run SET state = 'running'"))


def test_one_runs_at_a_time_and_the_one_that_waits_longest_is_next(store):
    first, second = store.ask_for_run(plan(1)), store.ask_for_run(plan(2))
    assert store.claim_run("w1", "host", 1).id == first.id
    assert store.claim_run("w2", "host", 2) is None
    assert [one.id for one in store.live_runs()] == [first.id, second.id]
    store.finish_run(first.id, "w1", DONE, "Done.")
    assert store.claim_run("w2", "host", 2).id == second.id
    assert [one.id for one in store.runs()] == [second.id, first.id]
    assert len(store.runs(limit=1)) == 1


def test_a_waiting_run_is_cancelled_at_once(store, clock):
    cancelled = store.cancel_run(store.ask_for_run(plan()).id)
    assert (cancelled.state, cancelled.finished_at) == (JobState.CANCELLED, clock.now)
    assert store.claim_run("w1", "host", 1) is None


def test_a_running_one_is_asked_to_stop(store, running):
    asked = store.cancel_run(running.id)
    assert (asked.state, asked.cancel_requested) == (RUNNING, True)
    assert store.report_run(running.id, "w1", 0.1, "Stopping.") is True
    assert store.beat_run(running.id, "w1") is True  # it lives until it has stopped
    ended = store.finish_run(running.id, "w1", JobState.CANCELLED, "Stopped.")
    assert ended.state is JobState.CANCELLED


def test_a_run_that_ended_stays_as_it_is(store, running):
    done = store.finish_run(running.id, "w1", DONE, "Done.")
    assert store.finish_run(running.id, "w1", JobState.FAILED, "No.") is None
    assert store.cancel_run(running.id) == done
    assert store.resume_run(running.id) == done
    assert store.report_run(running.id, "w1", 0.1, "Still here.") is True
    assert store.runs() == [done]


def test_unknown_runs_and_states_are_refused(store, running):
    for refuse in (store.cancel_run, store.resume_run):
        with pytest.raises(InvalidInput):
            refuse(99)
    with pytest.raises(InvalidInput):
        store.finish_run(running.id, "w1", RUNNING, "")
    assert store.beat_run(99, "w1") is False
    assert store.run(99) is None
    store.forget_run(99)  # removed in another tab


def test_the_run_of_a_silent_runner_is_interrupted(store, running, clock):
    clock.advance(STALE)
    (interrupted,) = store.interrupt_stale_runs()
    assert (interrupted.id, interrupted.state) == (running.id, JobState.INTERRUPTED)
    assert interrupted.finished_at == clock.now
    assert "stopped before it was done" in interrupted.message
    assert store.interrupt_stale_runs() == []
    assert store.beat_run(running.id, "w1") is False
    assert store.finish_run(running.id, "w1", DONE, "Done after all.") is None
    assert store.runs() == [interrupted]


def test_the_run_of_a_lively_runner_goes_on(store, running, clock):
    for _ in range(5):
        clock.advance(3)
        assert store.beat_run(running.id, "w1")
        assert store.interrupt_stale_runs() == []


def test_the_run_of_a_dead_runner_is_interrupted_at_once(store, running):
    assert store.interrupt_runs_of("w2") == []
    assert [one.id for one in store.interrupt_runs_of("w1")] == [running.id]


def test_a_waiting_run_is_never_interrupted(store, clock):
    store.ask_for_run(plan())
    clock.advance(STALE)
    assert store.interrupt_stale_runs() == []


@pytest.mark.parametrize(
    "state", [JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED], ids=str
)
def test_what_ended_early_can_be_resumed(store, running, state):
    store.report_run(running.id, "w1", 0.7, "Nearly.")
    ended = store.finish_run(running.id, "w1", state, "It ended.")
    assert ended.resumable
    again = store.resume_run(running.id)
    assert (again.id, again.state, again.progress) == (running.id, QUEUED, 0)
    assert (again.worker, again.started_at, again.finished_at) == (None, None, None)
    assert store.resume_run(running.id) == again
    assert store.report_run(running.id, "w1", 0.8, "The old runner.") is True
    assert store.claim_run("w2", "host", 2).id == running.id
    assert store.beat_run(running.id, "w1") is False


def test_a_run_is_removed_once_it_is_over_and_its_number_is_never_given_again(store, running):
    with pytest.raises(InvalidInput, match="cancel it before"):
        store.forget_run(running.id)
    store.finish_run(running.id, "w1", DONE, "Done.")
    store.forget_run(running.id)
    assert store.runs() == []
    assert store.ask_for_run(plan()).id > running.id
