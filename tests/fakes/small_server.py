"""A server without pages: it starts the workers it is asked for, and waits to be ended.

`python small_server.py runs` has a slow runner at work, `scorer` a warm scorer.
"""

import signal
import sys
import threading

from state.settings import load_settings
from state.store.store import Store
from state.store.work import Scope
from state.workers.processes.watch import serving
from state.workers.scorer_client import Scoring
from state.workers.spawn import Child, Spawner, start


class SlowRuns(Spawner):
    """Starts a runner that counts slowly, in place of one that trains."""

    def _start(self, scope: Scope) -> Child:
        return start(self.settings, "runner", "slow_runner")


def main() -> None:
    """Serve until a signal comes."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    settings = load_settings()
    with Store.open(settings) as store, serving(settings.data_dir):
        if "runs" in sys.argv:
            SlowRuns(store, settings).tend(store.work.runs.scope)
        scoring = Scoring(settings)
        while not over.wait(0.1):
            if "scorer" in sys.argv:
                scoring.warm_up()


if __name__ == "__main__":
    main()
