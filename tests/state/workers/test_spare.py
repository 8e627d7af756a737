"""A spare trainer waits until it is told its project, and ends when nobody can tell it any more."""

import os
import subprocess
import sys
from dataclasses import dataclass, field

import pytest
from label_desk import new_project

from state.store.work import training
from state.workers import spare
from state.workers.spawn import Child, Spawner

pytestmark = pytest.mark.process

ECHO = "import sys; print(sys.stdin.readline().strip(), flush=True); sys.stdin.read()"


@dataclass
class Started:
    """Notes what is started, and starts what says what it is told instead."""

    commands: list[list[str]] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __call__(self, settings, name, command, stdin):
        self.commands.append(command[:-2])  # without the worker's name
        pipe = subprocess.PIPE
        code = [sys.executable, "-c", ECHO]
        self.processes.append(subprocess.Popen(code, stdin=stdin, stdout=pipe))
        return self.processes[-1]


@pytest.fixture
def started(monkeypatch):
    started = Started()
    monkeypatch.setattr("state.workers.spawn.popen", started)
    yield started
    for process in started.processes:
        process.kill()
        with process:  # closes its streams
            pass


@pytest.fixture
def project(store):
    return training(store.projects.create(new_project()).id)


TRAINER = ["state.workers.trainer"]


def test_the_next_project_gets_the_spare_one(store, started, project):
    spawner = Spawner(store, store.settings)
    spawner.warm_up()
    spawner.warm_up()
    assert started.commands == [TRAINER]
    spawner.ensure(project)
    assert started.commands == [TRAINER]
    assert started.processes[0].stdout.readline() == f"{project.project_id}\n".encode()
    spawner.warm_up()
    assert started.commands == [TRAINER, TRAINER]


def test_a_spare_one_that_has_ended_is_replaced(store, started, project):
    spawner = Spawner(store, store.settings)
    spawner.warm_up()
    started.processes[0].kill()
    started.processes[0].wait()
    spawner.ensure(project)
    assert started.commands[1:] == [[*TRAINER, "--project", str(project.project_id)]]
    spawner.warm_up()
    assert len(started.commands) == 3


def test_one_that_hears_nothing_any_more_says_so(started):
    process = started(None, "trainer", ["m", "--worker", "w"], subprocess.PIPE)
    process.kill()
    process.wait()
    assert not Child("w", process).tell("1")


@pytest.fixture
def told(monkeypatch):
    """Put a line on the standard input; an empty one for a server that has ended."""
    monkeypatch.setattr(spare, "practise", lambda: None)
    reading, writing = os.pipe()

    def tell(text: str) -> None:
        os.write(writing, text.encode())
        os.close(writing)

    with open(reading, encoding="utf-8") as stdin:  # noqa: PTH123
        monkeypatch.setattr("sys.stdin", stdin)
        yield tell


def test_it_learns_its_project_and_keeps_the_log_of_that(told, settings, monkeypatch, tmp_path):
    told("7\n")
    settings.prepare()
    with (tmp_path / "own").open("w") as own:
        monkeypatch.setattr("sys.stdout", own)
        monkeypatch.setattr("sys.stderr", own)
        assert spare.wait_for_project(settings) == 7
        own.write("said")
    log = settings.data_dir / "logs" / "trainer-7.log"
    assert (log.read_text(), (tmp_path / "own").read_text()) == ("said", "")


def test_it_ends_when_nobody_can_tell_it_any_more(told, settings):
    told("")
    with pytest.raises(SystemExit) as ended:
        spare.wait_for_project(settings)
    assert not ended.value.code


@pytest.mark.trains
def test_it_has_loaded_what_a_first_round_needs():
    spare.practise()
    assert {"sklearn.cluster", "torch"} <= set(sys.modules)
