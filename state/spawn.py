"""Start a project's trainer as a process of its own, and notice when one we started has died."""

import os
import subprocess
import sys
import threading
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from state.errors import StoreUnavailable
from state.settings import PREFIX, REPOSITORY, Settings
from state.store import Store


@dataclass(frozen=True)
class Child:
    """A trainer that this process started."""

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
        self._lock = threading.Lock()

    def ensure(self, project_id: int) -> None:
        """Start a trainer unless one is alive or on its way up."""
        with self._lock:
            child = self._children.get(project_id)
            if child and child.running:
                return
            lease = self.store.lease(project_id)
            if lease is None or not lease.alive:
                self._children[project_id] = self._start(project_id)

    def bury(self, project_id: int) -> None:
        """Take the lease from a trainer of ours that has died, without waiting for its silence."""
        with self._lock:
            child = self._children.get(project_id)
            if child and not child.running:
                born = any(job.worker == child.worker for job in self.store.jobs(project_id))
                self._stillborn[project_id] = 0 if born else self._stillborn[project_id] + 1
                self.store.release_lease(project_id, child.worker)
                del self._children[project_id]

    def stillborn(self, project_id: int) -> int:
        """How many trainers in a row have died without taking a job."""
        return self._stillborn[project_id]

    def forgive(self, project_id: int) -> None:
        """Count anew."""
        self._stillborn[project_id] = 0

    def _start(self, project_id: int) -> Child:
        worker = uuid.uuid4().hex
        try:
            return Child(worker, self._popen(project_id, worker))
        except OSError as error:
            raise StoreUnavailable(
                f"The trainer cannot be started ({error.strerror}); free memory or disk space."
            ) from error

    def _popen(self, project_id: int, worker: str) -> subprocess.Popen[bytes]:
        logs = self.settings.data_dir / "logs"
        logs.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "state.trainer"]
        with (logs / f"trainer-{project_id}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--project", str(project_id), "--worker", worker],
                env={**os.environ, **environment(self.settings), "PYTHONPATH": str(REPOSITORY)},
                stdin=subprocess.DEVNULL,
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
