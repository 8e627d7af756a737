"""The loop of every worker: what becomes of its jobs, of its lease, and of itself."""

import logging
import os
import threading
import time
from argparse import ArgumentParser

import pytest
from sqlalchemy import text
from waiting import wait_until

from anomaly_core.errors import Cancelled, DatasetMissing
from state.errors import StoreOutdated
from state.store.database import writing
from state.store.schema import JobKind, JobState
from state.store.store import Store
from state.store.work import RUNS
from state.workers.processes.presence import ProcessKind
from state.workers.worker import Heartbeat, Reporter, Worker, run_from_command_line

RUN = JobKind.RUN


def done(job, report):
    return "Done."


class Scripted(Worker):
    """Does as it is told: `work` gets the job and the progress, `rest` what `idle` does."""

    stopped, failed = "Stopped.", "It failed unexpectedly."

    def __init__(self, store, work=done, name="w1", idle_seconds=0.05, rest=lambda holds: False):
        super().__init__(store, store.settings, RUNS, name, idle_seconds)
        self.work, self.rest = work, rest

    def do(self, job, report):
        return self.work(job, report)

    def idle(self, holds):
        return self.rest(holds)


@pytest.fixture
def settings(new_settings):
    return new_settings().model_copy(update={"heartbeat_seconds": 0.05, "stale_seconds": 2.0})


@pytest.fixture
def live_store(settings):
    """A store on the clock on the wall."""
    with Store.open(settings) as store:
        yield store
        assert store.integrity_problems() == []


@pytest.fixture
def queue(live_store):
    return live_store.work.runs


def in_thread(worker):
    thread = threading.Thread(target=worker.serve, daemon=True)
    thread.start()
    return thread


def test_jobs_are_done_one_after_the_other_with_progress(live_store, queue):
    first, second = (queue.ask(RUN, {"seed": seed}) for seed in (1, 2))
    seen = []

    def work(job, report):
        report(0.25, "Training the first.")
        seen.append((job.plan, queue.live()))
        return "Model 2 is in use."

    Scripted(live_store, work).serve()
    (plan, live), (later, rest) = seen
    assert (plan, later) == (first.plan, second.plan)
    assert [(one.id, one.state) for one in live] == [
        (first.id, JobState.RUNNING),
        (second.id, JobState.QUEUED),
    ]
    assert (live[0].progress, live[0].message) == (0.25, "Training the first.")
    assert [one.id for one in rest] == [second.id]
    assert [(one.state, one.message, one.progress) for one in queue.all()] == [
        (JobState.DONE, "Model 2 is in use.", 1.0)
    ] * 2


def test_a_cancelled_job_ends_and_the_next_one_is_done(live_store, queue):
    first = queue.ask(RUN, {"seed": 1})
    queue.ask(RUN, {"seed": 2})

    def work(job, report):
        if job.id == first.id:
            queue.cancel(first.id)
            while True:
                report(0.5, "Never ends.")
        return "Done."

    Scripted(live_store, work).serve()
    done, cancelled = queue.all()
    assert (cancelled.state, cancelled.message) == (JobState.CANCELLED, "Stopped.")
    assert done.state is JobState.DONE


def test_an_error_ends_the_job_in_a_sentence_but_not_the_worker(live_store, queue, caplog):
    errors = [DatasetMissing("The folder is gone; give another."), ZeroDivisionError("/secret")]
    for seed in range(3):
        queue.ask(RUN, {"seed": seed})

    def work(job, report):
        if errors:
            raise errors.pop(0)
        return "Done."

    with caplog.at_level(logging.ERROR, "ringfence.worker"):
        Scripted(live_store, work).serve()
    assert [(one.state, one.message) for one in reversed(queue.all())] == [
        (JobState.FAILED, "The folder is gone; give another."),
        (JobState.FAILED, "It failed unexpectedly."),
        (JobState.DONE, "Done."),
    ]
    assert "ZeroDivisionError" in caplog.text
    assert "The folder is gone" not in caplog.text


def test_silent_work_still_shows_that_the_worker_lives(live_store, queue):
    asked = queue.ask(RUN)

    def work(job, report):
        begun = queue.lease().heartbeat
        wait_until(lambda: queue.lease().heartbeat > begun)
        assert queue.lease().pid == os.getpid()
        return "Done."

    Scripted(live_store, work).serve()
    assert queue.get(asked.id).state is JobState.DONE


def test_a_worker_told_to_end_leaves_an_interrupted_job_and_no_lease(live_store, queue):
    asked = queue.ask(RUN)

    def work(job, report):
        raise SystemExit(0)

    with pytest.raises(SystemExit):
        Scripted(live_store, work).serve()
    assert queue.get(asked.id).state is JobState.INTERRUPTED
    assert queue.lease() is None


def test_two_workers_never_work_at_once(live_store, settings, queue):
    for seed in range(4):
        queue.ask(RUN, {"seed": seed})
    busy, most = [], []

    def work(job, report):
        busy.append(job)
        most.append(len(busy))
        time.sleep(0.05)
        busy.remove(job)
        return "Done."

    threads = [in_thread(Scripted(live_store, work, name, 0.5)) for name in ("w1", "w2")]
    for thread in threads:
        thread.join(10)
    assert most == [1, 1, 1, 1]
    assert {one.state for one in queue.all()} == {JobState.DONE}


def test_a_second_worker_leaves_at_once(live_store, queue):
    queue.take_lease("w1", "host", 1)
    job = queue.ask(RUN)
    Scripted(live_store, name="w2", idle_seconds=60).serve()
    assert queue.lease().worker == "w1"
    assert queue.next() == job


def test_an_idle_worker_ends_and_releases_its_lease(live_store, queue):
    thread = in_thread(Scripted(live_store, idle_seconds=0.5))
    wait_until(queue.lease)
    thread.join(10)
    assert not thread.is_alive()
    assert queue.lease() is None


def test_a_worker_is_not_idle_while_it_works(live_store, queue):
    for seed in (1, 2):
        queue.ask(RUN, {"seed": seed})

    def work(job, report):
        time.sleep(0.2)
        return "Done."

    Scripted(live_store, work, idle_seconds=0.1).serve()
    assert {one.state for one in queue.all()} == {JobState.DONE}


def test_idle_work_is_done_a_little_at_a_time_and_a_job_comes_first(live_store, queue):
    worked, left = [], [3]

    def work(job, report):
        worked.append(left[0])
        return "Done."

    def rest(holds):
        assert holds()
        left[0] -= 1
        if left[0] == 1:
            queue.ask(RUN)
        return left[0] > 0

    Scripted(live_store, work, rest=rest).serve()
    assert worked == [1]  # the job waited for one piece, not for all of them
    assert left[0] <= 0


def test_a_worker_that_has_lost_its_lease_leaves_and_takes_no_job(live_store, queue):
    thread = in_thread(Scripted(live_store, idle_seconds=60))
    wait_until(queue.lease)
    queue.release_lease("w1")
    queue.take_lease("w2", "host", 2)
    thread.join(10)
    assert not thread.is_alive()
    assert queue.lease().worker == "w2"


def test_a_worker_that_is_overtaken_in_the_middle_is_stopped_at_its_next_report(live_store, queue):
    asked, told = queue.ask(RUN), []

    def work(job, report):
        queue.release_lease("w1")
        queue.take_lease("w2", "host", 2)
        try:
            report(0.5, "Half way.")
        except Cancelled:
            told.append(job.id)
            raise

    Scripted(live_store, work).serve()
    assert told == [asked.id]
    assert queue.get(asked.id).state is JobState.INTERRUPTED


def test_heartbeat_survives_an_error_and_ends_at_a_no(caplog):
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
    assert [record.getMessage() for record in caplog.records] == ["missed a heartbeat: locked"]


def test_a_reporter_writes_a_few_times_a_second_and_brings_back_the_wish_to_stop(queue):
    asked = queue.ask(RUN)
    queue.take_lease("w1", "host", 1)
    queue.claim("w1")
    report = Reporter(queue, asked.id, "w1")
    report(0.25, "First.")
    report(0.5, "Too soon.")
    assert (queue.next().progress, queue.next().message) == (0.25, "First.")
    queue.cancel(asked.id)
    report.due = 0
    with pytest.raises(Cancelled):
        report(0.75, "Second.")


@pytest.mark.parametrize("busy", [True, False])
def test_a_worker_whose_tables_are_gone_ends_with_one_line(
    sqlite_settings, monkeypatch, caplog, busy
):
    """As one of the version before, when the database was brought to the next one under it."""
    with Store.open(sqlite_settings) as store:
        store.work.runs.ask(RUN)

    def replace_tables(store):
        with writing(store.engine) as connection:
            connection.execute(text("DROP TABLE work"))
            connection.execute(text("DROP TABLE queue"))

    def work(job, report):
        if busy:
            replace_tables(built[0].store)
            report(0.5, "Half way.")
        return "Done."

    def rest(holds):
        if not busy:
            replace_tables(built[0].store)

    built = []

    def build(store, settings, given):
        built.append(Scripted(store, work, given.worker, idle_seconds=60, rest=rest))
        return built[0]

    monkeypatch.setattr("sys.argv", ["worker", "--worker", "w1"])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("state.workers.worker.load_settings", lambda: sqlite_settings)
    assert run_from_command_line(ProcessKind.TRAINER, ArgumentParser(), build) == 2
    (line,) = [record.getMessage() for record in caplog.records]
    assert "another version of Ringfence" in line


def test_a_heart_stops_where_the_tables_are_gone(caplog):
    def beat():
        raise StoreOutdated("gone")

    with Heartbeat(beat, 0.01) as heart:
        wait_until(lambda: not heart.holds)
    assert caplog.records == []
