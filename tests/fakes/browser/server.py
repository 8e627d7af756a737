"""A real Ringfence server on a free port of this machine, and the processes it starts."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from state.settings import APP, PREFIX, Settings
from state.store.store import Store
from state.store.work import Job

PATIENCE = 60.0  # seconds, on a machine that does other things too
SLOW_RUNS = {  # the environment of a server that takes 3 s longer over everything
    "PYTHONPATH": str(Path(__file__).with_name("slow_runs")),
    "RINGFENCE_TEST_SLOW_RUNS": "1",
}
T = TypeVar("T")


def wait_for(what: str, look: Callable[[], T | None], seconds: float = PATIENCE) -> T:
    """Look again and again until there is something to see; fails with `what` was missed."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")


class Server:
    """The app on one data directory; `with` starts it and leaves no process behind."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.environment = environment
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.began = 0  # the newest event when a test began
        self._trainers: set[int] = set()

    def start(self) -> Self:
        """Start the app as `make run` does, and wait until it answers."""
        settings = {
            f"{PREFIX}DATA_DIR": str(self.data_dir),
            f"{PREFIX}TRAINER_IDLE_SECONDS": "240",
            "OMP_NUM_THREADS": "1",
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "state.serve", "--no-browser", "--port", str(self.port)],
                cwd=APP,
                env=os.environ | settings | self.environment,
                stdout=log,
                stderr=log,
            )
        wait_for("the server to answer", self._answers)
        self.store = Store.open(Settings(_env_file=None, data_dir=self.data_dir, database_url=None))
        return self

    @property
    def log(self) -> Path:
        """What the server has printed."""
        return self.data_dir.with_suffix(".log")

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        try:
            secret = self.environment.get("RINGFENCE_PROXY_SECRET", "")
            asked = urllib.request.Request(f"{self.url}/_stcore/health")
            asked.add_header("X-Ringfence-Secret", secret)  # as the proxy does
            with urllib.request.urlopen(asked, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """End the server as a power cut would; its trainers live on."""
        self._trainers |= set(trainers_of(self._process.pid))
        self._process.kill()
        self._process.wait()
        self.store.close()

    def kill_trainer(self, project_id: int = 1) -> None:
        """End a project's trainer as a power cut would."""
        lease = self.store.work.training(project_id).lease()
        assert lease is not None, "no trainer holds the lease"
        os.kill(lease.pid, signal.SIGKILL)

    def running_job(self, project_id: int = 1) -> Job:
        """Wait for a job that a trainer is working on."""

        def running() -> Job | None:
            job = self.store.work.training(project_id).next()
            return job if job and job.state == "running" else None

        return wait_for("a job to run", running)

    def stop(self) -> None:
        """End the server and every trainer that it or its predecessors started."""
        self.kill()
        for pid in self._trainers:
            if is_trainer(pid):
                os.kill(pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def trainers_of(server: int) -> list[int]:
    """The trainers and runners that the server of this process number has started."""
    rows = [line.split(None, 2) for line in ps("-A", "-o", "pid=,ppid=,args=").splitlines()]
    return [int(pid) for pid, parent, args in rows if parent == str(server) and trains(args)]


def is_trainer(pid: int) -> bool:
    """Whether the number still belongs to a trainer or runner."""
    return trains(ps("-p", str(pid), "-o", "args="))


def trains(args: str) -> bool:
    """Whether a command line is that of a trainer or runner."""
    return "state.workers.trainer" in args or "state.workers.runner" in args


def ps(*options: str) -> str:
    """What `ps` says; it is there on every Unix."""
    return subprocess.run(["ps", *options], capture_output=True, text=True, check=False).stdout
