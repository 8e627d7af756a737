"""F10: one process at a time is at a run; a second resume, and a removal meanwhile, are refused."""

import os
import signal
import time
from contextlib import suppress

import pytest
from faults import ended, forked
from refused import assert_plain_sentence, refused
from waiting import wait_until

from anomaly_core.errors import InvalidInput
from anomaly_core.recipes.commands import recipes
from anomaly_core.recipes.folder import RunFolder
from anomaly_core.recipes.plan import Plan
from state.files.artifacts import run_folder
from state.projects.runs import Runs
from state.store.people import MACHINE
from state.store.schema import JobKind, JobState
from state.workers.spawn import Spawner

pytestmark = pytest.mark.process

PLAN = Plan(contestants=("fc",), epochs=1)


@pytest.fixture
def path(store, settings):
    """Where a run of the app lies that was cut short."""
    asked = store.work.runs.ask(JobKind.RUN, PLAN.to_json())
    store.work.runs.take_lease("w1", "here", 1)
    store.work.runs.claim("w1")
    store.work.runs.finish(asked.id, "w1", JobState.FAILED, "The log has the details.")
    store.work.runs.release_lease("w1")
    return run_folder(settings.data_dir, asked.id)


@pytest.fixture
def at_it(path):
    """Another process that resumes it, until it is killed."""

    def resume():
        with RunFolder.under_way(path, PLAN) as folder:
            folder.write_text("half.txt.part", "half")
            (path / "ready").touch()
            time.sleep(600)

    pid = forked(resume)
    wait_until((path / "ready").exists, 30)
    yield pid
    with suppress(ProcessLookupError, ChildProcessError):
        kill(pid)


def kill(pid):
    os.kill(pid, signal.SIGKILL)
    assert ended(pid) == -signal.SIGKILL


def command(*words):
    """What the command line says of a refusal."""
    with pytest.raises(InvalidInput) as caught:
        recipes.main([str(word) for word in words], standalone_mode=False)
    assert_plain_sentence(str(caught.value))
    return str(caught.value)


def test_f10_a_second_resume_is_refused(path, at_it):
    before = sorted(path.rglob("*"))
    with refused(InvalidInput, "under way in another process"), RunFolder.under_way(path, PLAN):
        pytest.fail("two are at it")
    assert "under way in another process" in command("resume", path)
    assert sorted(path.rglob("*")) == before


def test_f10_a_removal_meanwhile_is_refused(store, settings, path, at_it):
    runs = Runs(store, settings, Spawner(store, settings))
    assert "under way in another process" in command("remove", path)
    with refused(InvalidInput, "under way in another process"):
        runs.remove(1, MACHINE)
    assert (path / "ready").exists()
    assert [run.id for run in store.work.runs.all()] == [1]


def test_f10_once_the_process_is_gone_both_go_on(store, settings, path, at_it):
    kill(at_it)
    with RunFolder.under_way(path, PLAN):
        assert not list(path.rglob("*.part"))  # what it had not finished
    runs = Runs(store, settings, Spawner(store, settings))
    runs.remove(1, MACHINE)
    assert list(path.parent.iterdir()) == []
    assert store.work.runs.all() == []
