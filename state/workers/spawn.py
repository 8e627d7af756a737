"""Start workers as processes of their own, and notice when one of ours has died."""

import os
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from anomaly_core.machine.cores import share_of_cores
from state.errors import StoreUnavailable
from state.settings import APP, PREFIX, Settings
from state.store.schema import JobState
from state.store.store import Store
from state.store.work import Job, Scope
from state.workers.processes.watch import started_by

TRAINER = "state.workers.trainer"
TRIES = 3  # of the same work, before a person has to ask for another


@dataclass(frozen=True)
class Child:
    """A worker that this process started."""

    worker: str
    process: subprocess.Popen[bytes]

    @property
    def running(self) -> bool:
        """Whether the process still exists."""
        return self.process.poll() is None

    @property
    def over(self) -> bool:
        """Whether it has ended, and not by a failure that another one would meet as well."""
        code = self.process.poll()
        return code is not None and code <= 0

    def tell(self, line: str) -> bool:
        """Tell a process that listens what it is for; whether it was still there."""
        assert self.process.stdin is not None
        try:
            with self.process.stdin as listening:
                listening.write(f"{line}\n".encode())
        except OSError:
            return False
        return self.running


class Spawner:
    """Keeps one worker per scope alive while there is work; safe to share between threads."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self._children: dict[str, Child] = {}
        self._spare: Child | None = None  # a trainer without a project, see `state.workers.spare`
        self._stillborn: Counter[str] = Counter()
        self._jobless: Counter[str] = Counter()
        self._lock = threading.Lock()

    def tend(self, scope: Scope) -> list[Job]:
        """Keep the work of a scope going, and return what is under way: see `Queue.live`.

        Interrupts the work of a dead worker, starts one where something waits, and ends what waits
        as failed when workers keep dying before they take it. Cheap when there is nothing to do,
        so every page view may call it.
        """
        queue = self.store.work.of(scope)
        self.bury(scope)
        queue.interrupt_stale()
        live = queue.live()
        if not live:
            return []
        if live[0].state is JobState.QUEUED and self.stillborn(scope) >= TRIES:
            self.forgive(scope)
            queue.give_up()
            return []
        self.ensure(scope)
        return live

    def ensure(self, scope: Scope) -> None:
        """Start a worker unless one is alive or on its way up."""
        with self._lock:
            child = self._children.get(scope.name)
            if child and child.running:
                return
            lease = self.store.work.of(scope).lease()
            if lease is None or not lease.alive:
                self._children[scope.name] = self._start(scope)

    def warm_up(self) -> None:
        """Have a trainer ready for the next project that needs one, unless one is."""
        with self._lock:
            if self._spare is None or self._spare.over:
                self._spare = start(self.settings, "trainer", TRAINER, stdin=subprocess.PIPE)

    def bury(self, scope: Scope) -> None:
        """Take lease and work from a worker of ours that has died, without awaiting its silence."""
        with self._lock:
            child = self._children.get(scope.name)
            if child and not child.running:
                self._count(scope, child)
                self.store.work.of(scope).release_lease(child.worker)
                del self._children[scope.name]

    def _count(self, scope: Scope, dead: Child) -> None:
        """Note how far a dead worker came; one that was killed has left its lease behind."""
        queue = self.store.work.of(scope)
        lease = queue.lease()
        worked = dead.process.returncode == 0 or any(  # 0: it was there, and had no job
            job.worker == dead.worker for job in queue.all()
        )
        born = worked or (lease is not None and lease.worker == dead.worker)
        self._jobless[scope.name] = 0 if worked else self._jobless[scope.name] + 1
        self._stillborn[scope.name] = 0 if born else self._stillborn[scope.name] + 1

    def stillborn(self, scope: Scope) -> int:
        """How many workers in a row have died before they could take a job."""
        return self._stillborn[scope.name]

    def jobless(self, scope: Scope) -> int:
        """How many workers in a row have died without taking a job, also at idle work."""
        return self._jobless[scope.name]

    def forgive(self, scope: Scope) -> None:
        """Count anew."""
        self._stillborn[scope.name] = self._jobless[scope.name] = 0

    def _start(self, scope: Scope) -> Child:
        if scope.project_id is None:
            return start(self.settings, "runner", "state.workers.runner")
        number = str(scope.project_id)
        spare, self._spare = self._spare, None
        if spare is not None and spare.tell(number):
            return spare
        return start(self.settings, f"trainer-{number}", TRAINER, "--project", number)


def start(settings: Settings, name: str, *module: str, stdin: int = subprocess.DEVNULL) -> Child:
    """Start a module of ours under a worker's name of its own; its log is called `name`."""
    worker = uuid.uuid4().hex
    try:
        return Child(worker, popen(settings, name, [*module, "--worker", worker], stdin))
    except OSError as error:
        kind = name.partition("-")[0]
        raise StoreUnavailable(
            f"The {kind} cannot be started ({error.strerror}); free memory or disk space."
        ) from error


def popen(
    settings: Settings,
    name: str,
    module: Sequence[str],
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `python -m` with the module and its arguments, with the same settings as ours.

    What it says on `stdout`, unless that is given, and on its standard error is in a log.
    """
    paths = filter(None, [str(APP), os.environ.get("PYTHONPATH")])
    with log_of(settings, name) as log:
        return subprocess.Popen(
            [sys.executable, "-m", *module],
            env={
                "OMP_NUM_THREADS": str(share_of_cores()),
                **os.environ,
                **environment(settings),
                **started_by(),
                "PYTHONPATH": os.pathsep.join(paths),
            },
            stdin=stdin,
            stdout=log if stdout is None else stdout,
            stderr=log,
            start_new_session=True,  # Ctrl+C is for the server: it finishes what it is at
        )


def log_of(settings: Settings, name: str) -> BinaryIO:
    """Open the log called `name`, to write on at its end."""
    logs = settings.data_dir / "logs"
    logs.mkdir(exist_ok=True)
    return (logs / f"{name}.log").open("ab")


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables that give a child process the same settings."""
    return {
        f"{PREFIX}{name.upper()}": str(Path(value) if name == "data_dir" else value)
        for name, value in settings.model_dump().items()
        if value is not None
    }
