"""The runner: what becomes of its runs, and of a run whose runner is killed."""

import logging
import os
import signal
import threading
import time

import pytest
from finished_run import PLAN as WRITTEN
from finished_run import write_run
from slow_runner import NUMBERS, count_slowly

from anomaly_core.errors import DatasetMissing
from anomaly_core.recipes.plan import Plan
from state.files.artifacts import run_folder
from state.projects.runs import Runs
from state.settings import APP
from state.store.schema import JobState
from state.store.store import Store
from state.workers.runner import CANCELLED, UNEXPECTED, Runner, RunReporter
from state.workers.spawn import RunnerSpawner, start

PATIENCE = 90  # seconds for a real process, which has to import torch on a busy machine
PLAN = Plan(recipe="three-autoencoders")
OTHER = Plan(recipe="three-autoencoders", seed=1)


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def settings(new_settings):
    changes = {"heartbeat_seconds": 0.1, "stale_seconds": 2.0}
    return new_settings().model_copy(update=changes)


@pytest.fixture
def live_store(settings):
    """A store on the clock on the wall."""
    with Store.open(settings) as store:
        yield store
        assert store.integrity_problems() == []


def serve(store, execute, worker="w1", idle_seconds=0.05):
    Runner(store, store.settings, worker, execute, idle_seconds).serve()


def nothing(plan, folder, progress):
    pass


def test_runs_are_done_one_after_the_other_with_progress(live_store, settings):
    first, second = (live_store.runs.ask(plan.to_json()) for plan in (PLAN, OTHER))
    seen = []

    def execute(plan, folder, progress):
        progress(0.25, "Training the first.")
        seen.append((plan, folder, live_store.runs.live()))

    serve(live_store, execute)
    (plan, folder, live), (later, _, rest) = seen
    assert (plan, folder) == (PLAN, run_folder(settings.data_dir, first.id))
    assert [(one.id, one.state) for one in live] == [
        (first.id, JobState.RUNNING),
        (second.id, JobState.QUEUED),
    ]
    assert (live[0].progress, live[0].message) == (0.25, "Training the first.")
    assert live[0].pid == os.getpid()
    assert later == OTHER
    assert [one.id for one in rest] == [second.id]
    assert [(one.state, one.message, one.progress) for one in live_store.runs.all()] == [
        (JobState.DONE, "Done.", 1.0)
    ] * 2


def test_a_running_run_is_cancelled_and_the_next_one_is_done(live_store):
    first, second = (live_store.runs.ask(plan.to_json()) for plan in (PLAN, OTHER))

    def execute(plan, folder, progress):
        if plan == PLAN:
            live_store.runs.cancel(first.id)
            while True:
                progress(0.5, "Never ends.")

    serve(live_store, execute)
    done, cancelled = live_store.runs.all()
    assert (cancelled.state, cancelled.message) == (JobState.CANCELLED, CANCELLED)
    assert (done.id, done.state) == (second.id, JobState.DONE)


def test_an_error_that_can_be_explained_is_told_in_its_sentence(live_store):
    live_store.runs.ask(PLAN.to_json())

    def execute(plan, folder, progress):
        raise DatasetMissing("The folder is gone; give another.")

    serve(live_store, execute)
    (failed,) = live_store.runs.all()
    assert (failed.state, failed.message) == (
        JobState.FAILED,
        "The folder is gone; give another.",
    )


def test_an_unexpected_error_ends_the_run_but_not_the_runner(live_store, caplog):
    live_store.runs.ask(PLAN.to_json())
    live_store.runs.ask(OTHER.to_json())

    def execute(plan, folder, progress):
        if plan == PLAN:
            raise ZeroDivisionError("/secret/path")

    with caplog.at_level(logging.ERROR, "ringfence.runner"):
        serve(live_store, execute)
    done, failed = live_store.runs.all()
    assert (failed.state, failed.message) == (JobState.FAILED, UNEXPECTED)
    assert "ZeroDivisionError" in caplog.text
    assert done.state is JobState.DONE


def test_a_plan_of_another_version_fails_in_a_sentence(live_store):
    live_store.runs.ask({"recipe": None, "color": "green"})
    serve(live_store, nothing)
    (failed,) = live_store.runs.all()
    assert failed.state is JobState.FAILED
    assert "another version" in failed.message


def test_silent_work_still_shows_that_the_runner_lives(live_store):
    asked = live_store.runs.ask(PLAN.to_json())

    def execute(plan, folder, progress):
        begun = live_store.runs.get(asked.id).heartbeat
        wait_until(lambda: live_store.runs.get(asked.id).heartbeat > begun)

    serve(live_store, execute)
    assert live_store.runs.get(asked.id).state is JobState.DONE


def test_a_runner_told_to_end_leaves_an_interrupted_run(live_store):
    asked = live_store.runs.ask(PLAN.to_json())

    def execute(plan, folder, progress):
        raise SystemExit(0)

    with pytest.raises(SystemExit):
        serve(live_store, execute)
    assert live_store.runs.get(asked.id).state is JobState.INTERRUPTED


def test_two_runners_never_run_at_once(live_store, settings):
    for seed in range(4):
        live_store.runs.ask(Plan(recipe="three-autoencoders", seed=seed).to_json())
    busy, most = [], []

    def execute(plan, folder, progress):
        busy.append(plan)
        most.append(len(busy))
        time.sleep(0.1)
        busy.remove(plan)

    def runner(name):
        with Store.open(settings) as store:
            serve(store, execute, name, idle_seconds=1)

    threads = [threading.Thread(target=runner, args=(name,)) for name in ("w1", "w2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]
    assert {one.state for one in live_store.runs.all()} == {JobState.DONE}


def test_an_idle_runner_ends_by_itself(live_store):
    started = time.monotonic()
    serve(live_store, nothing)
    assert time.monotonic() - started < 5


def test_progress_is_written_a_few_times_a_second(live_store):
    asked = live_store.runs.ask(PLAN.to_json())
    live_store.runs.claim("w1", "host", 1)
    report = RunReporter(live_store, asked.id, "w1")
    report(0.25, "First.")
    report(0.5, "Too soon.")
    assert live_store.runs.get(asked.id).message == "First."


class SlowSpawner(RunnerSpawner):
    """Starts real processes that count."""

    def __init__(self, store, settings):
        super().__init__(store, settings)
        self.started = []

    def _start(self):
        self.started.append(start(self.settings, "runner", "slow_runner"))
        return self.started[-1]


@pytest.fixture
def runs(live_store, settings, monkeypatch):
    """Real processes, none of which outlives the test."""
    # where `python -m` finds the slow runner
    monkeypatch.chdir(APP / "tests" / "fakes" / "state")
    runs = Runs(live_store, settings)
    runs.spawner = SlowSpawner(live_store, settings)
    yield runs
    for child in runs.spawner.started:
        child.process.kill()
        child.process.wait()


def test_a_runner_killed_in_the_middle_and_the_run_resumed(runs, live_store, settings):
    asked = runs.ask(PLAN)
    wait_until(lambda: live_store.runs.get(asked.id).progress >= 0.2, PATIENCE)
    runs.tend()
    (child,) = runs.spawner.started
    running = live_store.runs.get(asked.id)
    assert (running.pid, running.worker) == (child.process.pid, child.worker)
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()

    assert runs.tend() == []
    assert live_store.runs.get(asked.id).state is JobState.INTERRUPTED
    folder = run_folder(settings.data_dir, asked.id)
    done = {path.name: path.read_text() for path in folder.iterdir() if path.name.isdecimal()}
    assert 0 < len(done) < NUMBERS

    assert runs.resume(asked.id).state is JobState.QUEUED
    wait_until(lambda: not runs.tend(), PATIENCE)
    assert live_store.runs.get(asked.id).state is JobState.DONE
    assert (folder / "begun").read_text().count("again") == 2
    assert (
        done.items()
        <= {
            path.name: path.read_text() for path in folder.iterdir() if path.name.isdecimal()
        }.items()
    )
    log = settings.data_dir / "logs" / "runner.log"
    assert log.read_text() == ""
    wait_until(lambda: not runs.spawner.started[-1].running, PATIENCE)
    runs.spawner.bury()
    assert runs.spawner.stillborn == 0


def test_the_slow_runs_of_this_test_go_on_where_they_were_left(tmp_path):
    count_slowly(PLAN, tmp_path, lambda share, message: None)
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    count_slowly(PLAN, tmp_path, lambda share, message: None)
    assert written["0"] == (tmp_path / "0").read_text()


def test_a_run_that_was_whole_before_its_runner_could_say_so_is_done(live_store, settings):
    asked = live_store.runs.ask(WRITTEN.to_json())
    write_run(run_folder(settings.data_dir, asked.id))

    def execute(plan, folder, progress):
        raise AssertionError("it was done already")

    serve(live_store, execute)
    assert live_store.runs.get(asked.id).state is JobState.DONE


def test_the_folder_of_another_run_is_not_taken_for_its_own(live_store, settings):
    asked = live_store.runs.ask(PLAN.to_json())
    write_run(run_folder(settings.data_dir, asked.id))  # by another database
    executed = []
    serve(live_store, lambda plan, folder, progress: executed.append(plan))
    assert executed == [PLAN]
