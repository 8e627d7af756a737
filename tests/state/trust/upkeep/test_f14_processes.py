"""F14: who lives on when a server ends, in whatever way, and what ends them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import slow_runner
import small_server
from server import Server, wait_for
from small_digits import write_small_digits
from workshop import DIGITS, Workshop

from anomaly_core.datasets.scenario import Scenario
from state.settings import Settings
from state.store.schema import JobKind, JobState
from state.store.store import Store
from state.workers.processes.ending import end_processes
from state.workers.processes.presence import (
    ProcessCard,
    ProcessKind,
    living,
    present,
    release,
    seen,
)
from state.workers.processes.watch import Attendance, ServerWatch, serving, started_by
from state.workers.spawn import start

pytestmark = [pytest.mark.process, pytest.mark.trains]

GRACE = "2"  # seconds that workers wait for a server that was killed
OURS = release()
SOON = 20.0  # seconds within which a busy machine has ended what ends at once
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


def kinds(data_dir: Path) -> set[ProcessKind]:
    return {one.kind for one in living(data_dir)}


def gone(data_dir: Path, kind: ProcessKind) -> Callable[[], bool]:
    return lambda: kind not in kinds(data_dir)


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """The data directory of a project whose preparation waits for a trainer."""
    root = write_small_digits(tmp_path / "digits")
    scenario = Scenario("idx", DIGITS.scenario.normal)
    form = replace(DIGITS, scenario=scenario, root=root, budget=20)
    with Workshop(tmp_path / "data", form):
        return tmp_path / "data"


@pytest.fixture
def real(waiting: Path) -> Iterator[Server]:
    """A real server; whatever it leaves behind goes at the end."""
    server = Server(waiting, RINGFENCE_SERVER_GRACE_SECONDS=GRACE)
    try:
        yield server.start()
    finally:
        server.stop()
        end_processes(waiting, servers=True)


class SmallServer:
    """A server without pages, see `small_server`."""

    def __init__(self, data_dir: Path, *work: str) -> None:
        fakes = [str(Path(str(one.__file__)).parent) for one in (small_server, slow_runner)]
        path = os.pathsep.join(filter(None, [*fakes, os.environ.get("PYTHONPATH")]))
        variables = {"DATA_DIR": str(data_dir), "SERVER_GRACE_SECONDS": GRACE}
        self.process = subprocess.Popen(
            [sys.executable, small_server.__file__, *work],
            env=os.environ
            | {f"RINGFENCE_{name}": value for name, value in variables.items()}
            | {"PYTHONPATH": os.pathsep.join([str(Path.cwd()), path])},
        )

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(SOON)


@pytest.fixture
def begin(scratch: Path) -> Iterator[Callable[..., SmallServer]]:
    """Start a small server in a data directory."""
    started: list[SmallServer] = []

    def begin_(*work: str) -> SmallServer:
        started.append(SmallServer(scratch / "data", *work))
        return started[-1]

    yield begin_
    for one in started:
        one.process.kill()
        one.process.wait()
    if (scratch / "data").is_dir():
        end_processes(scratch / "data", servers=True)


class TestF14Processes:
    @pytest.mark.parametrize("number", SIGNALS, ids=lambda one: one.name)
    def test_training_is_finished_and_then_the_trainer_ends(self, real: Server, number):
        data_dir = real.data_dir
        wait_for("the start of training", lambda: real.running_job().progress > 0)
        assert kinds(data_dir) >= {ProcessKind.SERVER, ProcessKind.TRAINER}
        real._process.send_signal(number)
        real._process.wait(SOON)
        job = real.store.work.training(1).all()[0]
        wait_for("the trainer to end", gone(data_dir, ProcessKind.TRAINER), 120)
        assert kinds(data_dir) == set()
        ended = real.store.work.training(1).get(job.id)
        assert ended is not None
        assert ended.state is JobState.DONE
        assert real.store.work.training(1).lease() is None
        left = [one for one in seen(data_dir) if one.card and one.card.kind is ProcessKind.SERVER]
        assert len(left) == (number == signal.SIGKILL)  # whose card tells that it was killed

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name)
    def test_one_run_is_finished_and_the_next_one_waits(self, begin, sqlite_settings, number):
        data_dir = sqlite_settings.data_dir
        with Store.open(sqlite_settings) as store:
            asked = [store.work.runs.ask(JobKind.RUN, {"recipe": "x", "seed": n}) for n in (1, 2)]
            server = begin("runs")
            wait_for("a run", lambda: state_of(store, asked[0].id) is JobState.RUNNING)
            server.end(number)
            wait_for("the runner to end", gone(data_dir, ProcessKind.RUNNER))
            assert [state_of(store, one.id) for one in asked] == [JobState.DONE, JobState.QUEUED]

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda one: one.name)
    def test_a_scorer_ends_with_its_server(self, begin, sqlite_settings, number):
        server = begin("scorer")
        data_dir = sqlite_settings.data_dir
        wait_for("a scorer", lambda: ProcessKind.SCORER in kinds(data_dir))
        server.end(number)
        wait_for("the scorer to end", gone(data_dir, ProcessKind.SCORER), SOON)

    def test_an_idle_trainer_ends_at_once_and_one_without_a_server_stays(self, workshop, begin):
        data_dir = workshop.settings.data_dir
        settings = Settings(_env_file=None, data_dir=data_dir, database_url=None)
        words = ("state.workers.trainer", "--project", "1")
        with serving(data_dir):
            assert started_by() == {"RINGFENCE_SERVED": release()}
            served = start(settings, "trainer-1", *words)
            wait_for("the trainer", lambda: workshop.queue.lease())
            assert served.running
        wait_for("the trainer to end", lambda: not served.running, SOON)
        assert kinds(data_dir) == set()
        alone = start(settings, "trainer-1", *words)  # as a command does
        wait_for("the trainer", lambda: workshop.queue.lease())
        time.sleep(2.5)
        assert alone.running
        with serving(data_dir):
            ending = end_processes(data_dir)
            assert [one.card.kind for one in ending.ended] == [ProcessKind.TRAINER]
            assert kinds(data_dir) == {ProcessKind.SERVER}
        alone.process.wait()
        assert workshop.queue.lease() is None

    def test_stop_ends_whoever_does_not_want_to(self, sqlite_settings):
        data_dir = sqlite_settings.data_dir
        data_dir.mkdir()
        stubborn = (
            "import signal, sys, time; from pathlib import Path;"
            "from state.workers.processes.presence import ProcessKind, ProcessCard, present;"
            "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            "held = present(Path(sys.argv[1]), ProcessCard.mine(ProcessKind.TRAINER, 'w1'));"
            "held.__enter__(); time.sleep(60)"
        )
        command = [sys.executable, "-c", stubborn, str(data_dir), "--worker", "w1"]
        process = subprocess.Popen(command)
        try:
            wait_for("it to come up", lambda: living(data_dir))
            ending = end_processes(data_dir, patience=0.3)
            assert [(one.card.pid, one.killed) for one in ending.ended] == [(process.pid, True)]
            assert process.wait(SOON) == -signal.SIGKILL
        finally:
            process.kill()
            process.wait()

    def test_a_stranger_with_the_number_of_a_worker_is_left_alone(self, sqlite_settings):
        data_dir = sqlite_settings.data_dir
        data_dir.mkdir()
        stranger = subprocess.Popen(["sleep", "60"])
        try:
            card = replace(ProcessCard.mine(ProcessKind.TRAINER, "w1"), pid=stranger.pid)
            with present(data_dir, card):
                ending = end_processes(data_dir, patience=0.1)
            assert (ending.ended, [one.pid for one in ending.left]) == ([], [stranger.pid])
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()


def state_of(store: Store, run: int) -> JobState | None:
    found = store.work.runs.get(run)
    return found.state if found else None


class TestUpgrade:
    """Workers end for servers of another version: the idle at once, others after their job."""

    @pytest.fixture
    def data_dir(self, tmp_path: Path) -> Path:
        return tmp_path

    def watching(
        self, data_dir: Path, served: str | None = OURS, grace: float = 10.0
    ) -> ServerWatch:
        self.now = 0.0
        return ServerWatch(data_dir, grace, served=served, clock=lambda: self.now)

    def test_one_of_ones_own_version_is_enough(self, data_dir):
        watch = self.watching(data_dir)
        with serving(data_dir), present(data_dir, other_version()):
            assert watch() is Attendance.SERVED

    @pytest.mark.parametrize("served", [OURS, None])
    def test_a_server_of_another_version_replaces_workers(self, data_dir, served):
        watch = self.watching(data_dir, served)
        with present(data_dir, other_version()):
            assert watch() is Attendance.ALONE

    def test_code_that_was_updated_beside_a_running_server_trains_for_it(self, data_dir):
        watch = self.watching(data_dir, served=other_version().release)
        with present(data_dir, other_version()):
            assert watch() is Attendance.SERVED

    def test_one_that_ended_as_it_should_is_not_waited_for(self, data_dir):
        watch = self.watching(data_dir)
        with serving(data_dir):
            assert watch() is Attendance.SERVED
        assert watch() is Attendance.SERVED  # it has just looked
        assert watch(afresh=True) is Attendance.ALONE

    def test_one_that_was_killed_is_waited_for_and_nothing_begun_meanwhile(self, data_dir):
        watch = self.watching(data_dir)
        (data_dir / "workers").mkdir()
        left = data_dir / "workers" / "server-x.json"
        left.write_text("{}")
        assert watch() is Attendance.WAITING
        self.now = 9.0
        assert watch() is Attendance.WAITING
        with serving(data_dir):  # there it is again, and has swept
            self.now = 10.5
            assert watch() is Attendance.SERVED
            assert not left.exists()
        self.now = 12.0
        assert watch() is Attendance.ALONE

    def test_its_grace_comes_to_an_end(self, data_dir):
        watch = self.watching(data_dir)
        (data_dir / "workers").mkdir()
        (data_dir / "workers" / "server-x.json").write_text("{}")
        assert watch() is Attendance.WAITING
        self.now = 10.0
        assert watch() is Attendance.ALONE

    def test_who_was_started_by_a_command_goes_on(self, data_dir):
        assert self.watching(data_dir, served=None)() is Attendance.SERVED


def other_version() -> ProcessCard:
    return replace(ProcessCard.mine(ProcessKind.SERVER), release=f"not {release()}")


def test_settings_say_how_long_a_killed_server_is_waited_for(monkeypatch):
    monkeypatch.setenv("RINGFENCE_SERVER_GRACE_SECONDS", "3")
    assert Settings(_env_file=None).server_grace_seconds == 3
