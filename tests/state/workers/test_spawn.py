"""The spawner: one worker per scope, and no waiting for a dead one. See also test_trainer.py."""

import errno
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from at_work import begin
from label_desk import new_project
from refused import refused
from sleepers import SleeperSpawner

from state.errors import StoreUnavailable
from state.settings import APP, Settings, load_settings
from state.store.schema import JobKind
from state.store.work import RUNS, training
from state.workers.spawn import Spawner, environment, popen

pytestmark = pytest.mark.process


@pytest.fixture
def spawner(store):
    spawner = SleeperSpawner(store, store.settings)
    yield spawner
    spawner.kill()


@pytest.fixture
def project(store):
    return training(store.projects.create(new_project()).id)


def test_asking_twice_starts_one(spawner, project):
    spawner.ensure(project)
    spawner.ensure(project)
    assert len(spawner.started) == 1


def test_asking_from_eight_threads_starts_one(spawner, project):
    start = threading.Barrier(8)

    def ask(_):
        start.wait()
        spawner.ensure(project)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(8)))
    assert len(spawner.started) == 1


def test_each_project_has_its_own(spawner, store, project):
    other = training(store.projects.create(new_project("other")).id)
    spawner.ensure(project)
    spawner.ensure(other)
    assert len(spawner.started) == 2


def test_dead_one_is_replaced(spawner, project):
    spawner.ensure(project)
    spawner.kill()
    spawner.ensure(project)
    assert len(spawner.started) == 2


def test_worker_of_another_server_is_enough_until_it_falls_silent(spawner, store, project, clock):
    store.work.of(project).take_lease("theirs", "other", 1)
    spawner.ensure(project)
    assert spawner.started == []
    clock.advance(store.settings.stale_seconds + 0.5)
    spawner.ensure(project)
    assert len(spawner.started) == 1


def test_burying_frees_the_lease_at_once(spawner, store, project):
    spawner.ensure(project)
    store.work.of(project).take_lease("w1", "host", 1)
    spawner.bury(project)
    assert store.work.of(project).lease().worker == "w1"  # it lives
    spawner.kill()
    spawner.bury(project)
    assert store.work.of(project).lease() is None
    spawner.bury(project)
    spawner.ensure(project)
    assert len(spawner.started) == 2


def test_burying_leaves_the_lease_of_another(spawner, store, project):
    spawner.ensure(project)
    store.work.of(project).take_lease("theirs", "other", 1)
    spawner.kill()
    spawner.bury(project)
    assert store.work.of(project).lease().worker == "theirs"


def test_one_killed_at_idle_work_was_not_stillborn(spawner, store, project):
    for n in (1, 2, 3):
        spawner.ensure(project)
        store.work.of(project).take_lease(f"w{n}", "host", n)
        spawner.kill()
        spawner.bury(project)
    assert (spawner.stillborn(project), spawner.jobless(project)) == (0, 3)
    spawner.ensure(project)
    spawner.kill()
    spawner.bury(project)  # it never held the lease
    assert (spawner.stillborn(project), spawner.jobless(project)) == (1, 4)


def test_one_that_took_a_job_begins_the_count_anew(spawner, store, project):
    for _ in range(2):
        spawner.ensure(project)
        spawner.kill()
        spawner.bury(project)
    assert (spawner.stillborn(project), spawner.jobless(project)) == (2, 2)
    spawner.ensure(project)
    store.work.of(project).ask(JobKind.PREPARE)
    begin(store.work.of(project), "w3")
    spawner.kill()
    spawner.bury(project)
    assert (spawner.stillborn(project), spawner.jobless(project)) == (0, 0)


@pytest.mark.parametrize(
    ("scope", "module"),
    [
        (RUNS, ["state.workers.runner"]),
        (training(3), ["state.workers.trainer", "--project", "3"]),
    ],
    ids=["runner", "trainer"],
)
def test_a_scope_gets_the_worker_that_is_for_it(store, monkeypatch, scope, module):
    started = []

    def note(settings, name, command, stdin):
        started.append(command)
        return subprocess.Popen(["true"])

    monkeypatch.setattr("state.workers.spawn.popen", note)
    child = Spawner(store, store.settings)._start(scope)
    child.process.wait()
    assert started == [[*module, "--worker", child.worker]]


def test_a_worker_that_cannot_be_started_is_told_in_a_sentence(store, monkeypatch, project):
    def full(*_):
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr("state.workers.spawn.popen", full)
    with refused(StoreUnavailable, r"The trainer cannot be started \(Cannot allocate memory\)"):
        Spawner(store, store.settings).ensure(project)


@pytest.mark.parametrize("url", [None, "postgresql://ada:p%40ss@db.example/labels?sslmode=require"])
def test_child_gets_the_same_settings(monkeypatch, url):
    settings = Settings(
        _env_file=None,
        data_dir=Path("/srv/with space/ünicode"),
        database_url=url,
        heartbeat_seconds=0.25,
        stale_seconds=7.5,
        trainer_idle_seconds=12.0,
        minimum_view_ms=0,
        annotator="Ada = 007",
    )
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RINGFENCE_{name.upper()}", raising=False)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_child_finds_the_engine_where_its_parent_does(monkeypatch, settings):
    started = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: started.append(options))
    monkeypatch.setenv("PYTHONPATH", "/srv/packages")
    settings.prepare()
    popen(settings, "trainer", ["state.workers.trainer"])
    assert started[0]["env"]["PYTHONPATH"].split(os.pathsep) == [str(APP), "/srv/packages"]


def test_every_setting_is_handed_on():
    settings = Settings(_env_file=None, database_url="sqlite:////srv/labels.db")
    assert set(environment(settings)) == {f"RINGFENCE_{n.upper()}" for n in Settings.model_fields}
