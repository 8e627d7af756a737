"""Start a project's trainer as a process of its own, and notice when one we started has died."""

import os
import subprocess
import sys
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path

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
                self.store.release_lease(project_id, child.worker)
                del self._children[project_id]

    def _start(self, project_id: int) -> Child:
        worker = uuid.uuid4().hex
        logs = self.settings.data_dir / "logs"
        logs.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "state.trainer"]
        with (logs / f"trainer-{project_id}.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, "--project", str(project_id), "--worker", worker],
                cwd=REPOSITORY,
                env={**os.environ, **environment(self.settings)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a killed server leaves it to finish
            )
        return Child(worker, process)


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables that give a child process the same settings."""
    return {
        f"{PREFIX}{name.upper()}": str(Path(value) if name == "data_dir" else value)
        for name, value in settings.model_dump().items()
        if value is not None
    }
