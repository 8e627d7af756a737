"""A spawner whose workers do nothing but live."""

import subprocess

from state.settings import Settings
from state.store.store import Store
from state.store.work import Scope
from state.workers.spawn import Child, Spawner


class SleeperSpawner(Spawner):
    """Starts processes that do nothing but live, as workers w1, w2 and so on."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__(store, settings)
        self.started: list[Child] = []

    def _start(self, scope: Scope) -> Child:
        worker = f"w{len(self.started) + 1}"
        self.started.append(Child(worker, subprocess.Popen(["sleep", "60"])))
        return self.started[-1]

    def kill(self) -> None:
        """End them all as a power cut would."""
        for child in self.started:
            child.process.kill()
            child.process.wait()
