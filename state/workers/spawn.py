"""Start trainers and the runner as processes of their own, and notice when one of ours has died."""

import os
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from state.errors import StoreUnavailable
from state.settings import APP, PREFIX, Settings
from state.store.store import Store


@dataclass(frozen=True)
class Child:
    """A trainer or runner that this process started."""

    worker: str
    process: subprocess.Popen[bytes]

    @property
    def running(self) -> bool:
        """Whether the process still exists."""
        return self.process.poll() is None


class Spawner:
    """Keeps one trainer per project alive while there is work; safe to share between threads."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self._children: dict[int, Child] = {}
        self._stillborn: Counter[int] = Counter()
        self._jobless: Counter[int] = Counter()
        self._lock = threading.Lock()

    def ensure(self, project_id: int) -> None:
        """Start a trainer unless one is alive or on its way up."""
        with self._lock:
            child = self._children.get(project_id)
            if child and child.running:
                return
            lease = self.store.jobs.lease(project_id)
            if lease is None or not lease.alive:
                self._children[project_id] = self._start(project_id)

    def bury(self, project_id: int) -> None:
        """Take the lease from a trainer of ours that has died, without waiting for its silence."""
        with self._lock:
            child = self._children.get(project_id)
            if child and not child.running:
                self._count(project_id, child)
                self.store.jobs.release_lease(project_id, child.worker)
                del self._children[project_id]

    def _count(self, project_id: int, dead: Child) -> None:
        """Note how far a dead trainer came; one that was killed has left its lease behind."""
        lease = self.store.jobs.lease(project_id)
        worked = dead.process.returncode == 0 or any(  # 0: it was there, and had no job
            job.worker == dead.worker for job in self.store.jobs.all(project_id)
        )
        born = worked or (lease is not None and lease.worker == dead.worker)
        self._jobless[project_id] = 0 if worked else self._jobless[project_id] + 1
        self._stillborn[project_id] = 0 if born else self._stillborn[project_id] + 1

    def stillborn(self, project_id: int) -> int:
        """How many trainers in a row have died before they could take a job."""
        return self._stillborn[project_id]

    def jobless(self, project_id: int) -> int:
        """How many trainers in a row have died without taking a job, also at idle work."""
        return self._jobless[project_id]

    def forgive(self, project_id: int) -> None:
        """Count anew."""
        self._stillborn[project_id] = self._jobless[project_id] = 0

    def _start(self, project_id: int) -> Child:
        module = ("state.workers.trainer", "--project", str(project_id))
        return start(self.settings, f"trainer-{project_id}", *module)


class RunnerSpawner:
    """Keeps one runner of ours alive while a run waits; safe to share between threads."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.stillborn = 0  # runners in a row that have died without taking a run
        self._child: Child | None = None
        self._lock = threading.Lock()

    def ensure(self) -> None:
        """Start a runner unless ours lives; one of another server may live besides it.

        Whichever claims the run first does it, and the other ends by itself.
        """
        with self._lock:
            if self._child is None or not self._child.running:
                self._child = self._start()

    def bury(self) -> None:
        """Mark the run of a runner of ours that has died, without waiting for its silence."""
        with self._lock:
            child = self._child
            if child is None or child.running:
                return
            born = child.process.returncode == 0 or any(
                run.worker == child.worker for run in self.store.runs.all()
            )
            self.stillborn = 0 if born else self.stillborn + 1
            self.store.runs.interrupt_of(child.worker)
            self._child = None

    def _start(self) -> Child:
        return start(self.settings, "runner", "state.workers.runner")


def start(settings: Settings, name: str, *module: str) -> Child:
    """Start a module of ours under a worker's name of its own; its log is called `name`."""
    worker = uuid.uuid4().hex
    try:
        return Child(worker, popen(settings, name, [*module, "--worker", worker]))
    except OSError as error:
        kind = name.partition("-")[0]
        raise StoreUnavailable(
            f"The {kind} cannot be started ({error.strerror}); free memory or disk space."
        ) from error


def popen(
    settings: Settings, name: str, module: Sequence[str], stdin: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start `python -m` with the module and its arguments, with the same settings as ours."""
    logs = settings.data_dir / "logs"
    logs.mkdir(exist_ok=True)
    with (logs / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *module],
            env={**os.environ, **environment(settings), "PYTHONPATH": str(APP)},
            stdin=stdin,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a killed server leaves it to finish
        )


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables that give a child process the same settings."""
    return {
        f"{PREFIX}{name.upper()}": str(Path(value) if name == "data_dir" else value)
        for name, value in settings.model_dump().items()
        if value is not None
    }
