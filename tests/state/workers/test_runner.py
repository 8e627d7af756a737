"""The runner: what becomes of its runs, and of a run whose runner is killed.

What it has in common with every worker is in test_worker.py.
"""

import os
import signal

import pytest
from finished_run import PLAN as WRITTEN
from finished_run import write_run
from slow_runner import NUMBERS, count_slowly
from waiting import wait_until

from anomaly_core.recipes.plan import Plan
from state.files.artifacts import run_folder
from state.projects.runs import Runs
from state.settings import APP
from state.store.people import MACHINE
from state.store.schema import JobKind, JobState
from state.store.store import Store
from state.store.work import RUNS
from state.workers.runner import Runner
from state.workers.spawn import Spawner, start

PATIENCE = 90  # seconds for a real process, which has to import torch on a busy machine
PLAN = Plan(recipe="three-autoencoders")
RUN = JobKind.RUN


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


def test_a_run_is_executed_in_a_folder_of_its_own_number(live_store, settings):
    asked = live_store.work.runs.ask(RUN, PLAN.to_json())
    seen = []

    def execute(plan, folder, progress):
        progress(0.25, "Training the first.")
        seen.append((plan, folder, live_store.work.runs.next().message))

    serve(live_store, execute)
    assert seen == [(PLAN, run_folder(settings.data_dir, asked.id), "Training the first.")]
    done = live_store.work.runs.get(asked.id)
    assert (done.state, done.message, done.progress) == (JobState.DONE, "Done.", 1.0)


def test_a_plan_of_another_version_fails_in_a_sentence(live_store):
    live_store.work.runs.ask(RUN, {"recipe": None, "color": "green"})
    serve(live_store, nothing)
    (failed,) = live_store.work.runs.all()
    assert failed.state is JobState.FAILED
    assert "another version" in failed.message


class SlowSpawner(Spawner):
    """Starts real processes that count."""

    def __init__(self, store, settings):
        super().__init__(store, settings)
        self.started = []

    def _start(self, scope):
        self.started.append(start(self.settings, "runner", "slow_runner"))
        return self.started[-1]


@pytest.fixture
def runs(live_store, settings, monkeypatch):
    """Real processes, none of which outlives the test."""
    # where `python -m` finds the slow runner
    monkeypatch.chdir(APP / "tests" / "fakes" / "state")
    spawner = SlowSpawner(live_store, settings)
    yield Runs(live_store, settings, spawner)
    for child in spawner.started:
        child.process.kill()
        child.process.wait()


@pytest.mark.process
def test_a_runner_killed_in_the_middle_and_the_run_resumed(runs, live_store, settings):
    asked = runs.ask(PLAN, MACHINE)
    wait_until(lambda: live_store.work.runs.get(asked.id).progress >= 0.2, PATIENCE)
    runs.tend()
    (child,) = runs.spawner.started
    lease = runs.queue.lease()
    assert (lease.pid, lease.worker) == (child.process.pid, child.worker)
    assert runs.queue.get(asked.id).worker == child.worker
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()

    assert runs.tend() == []
    assert live_store.work.runs.get(asked.id).state is JobState.INTERRUPTED
    folder = run_folder(settings.data_dir, asked.id)
    done = {path.name: path.read_text() for path in folder.iterdir() if path.name.isdecimal()}
    assert 0 < len(done) < NUMBERS

    assert runs.resume(asked.id, MACHINE).state is JobState.QUEUED
    wait_until(lambda: not runs.tend(), PATIENCE)
    assert live_store.work.runs.get(asked.id).state is JobState.DONE
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
    runs.spawner.bury(RUNS)
    assert runs.spawner.stillborn(RUNS) == 0


def test_the_slow_runs_of_this_test_go_on_where_they_were_left(tmp_path):
    count_slowly(PLAN, tmp_path, lambda share, message: None)
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    count_slowly(PLAN, tmp_path, lambda share, message: None)
    assert written["0"] == (tmp_path / "0").read_text()


def test_a_run_that_was_whole_before_its_runner_could_say_so_is_done(live_store, settings):
    asked = live_store.work.runs.ask(RUN, WRITTEN.to_json())
    write_run(run_folder(settings.data_dir, asked.id))

    def execute(plan, folder, progress):
        raise AssertionError("it was done already")

    serve(live_store, execute)
    assert live_store.work.runs.get(asked.id).state is JobState.DONE


def test_the_folder_of_another_run_is_not_taken_for_its_own(live_store, settings):
    asked = live_store.work.runs.ask(RUN, PLAN.to_json())
    write_run(run_folder(settings.data_dir, asked.id))  # by another database
    executed = []
    serve(live_store, lambda plan, folder, progress: executed.append(plan))
    assert executed == [PLAN]
