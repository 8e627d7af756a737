"""Other processes for the tests to share a store with, and to kill."""

import json
import os
import signal
import subprocess
import sys
import time

from some import some

from state.settings import Settings

# Forks a child for each line of standard input, a JSON list of code and arguments to run there.
WORKER = """
import json, os, sys
from uuid import uuid4
from state.errors import BudgetExhausted
from state.store.drafts import AnswerDraft
from state.store.schema import Answer
from state.settings import Settings
from state.store.store import Store

print("ready", flush=True)
for line in sys.stdin:
    code, *arguments = json.loads(line)
    child = os.fork()
    if child == 0:
        print("pid", os.getpid(), flush=True)
        exec(code)
        os._exit(0)
    # On a line of its own, also when the child was killed in the middle of one.
    print(f"\\nended {os.waitpid(child, 0)[1]}", flush=True)
"""


class Worker:
    """Another process that uses the store; it pays for its imports once, and may die each time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )
        self._into, self._from = some(self._process.stdin), some(self._process.stdout)

    def wait_ready(self) -> None:
        assert self._from.readline() == "ready\n"

    def start(self, code: str, settings: Settings, *arguments: object) -> None:
        """Run the code in a new child, which finds `arguments` after data directory and URL."""
        place = [str(settings.data_dir), settings.database_url]
        self._into.write(json.dumps([code, *place, *arguments]) + "\n")
        self._into.flush()

    def kill(self, after: float) -> None:
        """Kill the child, so many seconds after it has come to life."""
        pid = int(self._from.readline().removeprefix("pid "))
        time.sleep(after)
        os.kill(pid, signal.SIGKILL)

    def lines(self) -> list[str]:
        """What the child printed, once it has ended."""
        lines = list(iter(self._line, "ended"))
        return [line for line in lines if line and not line.startswith("pid ")]

    def _line(self) -> str:
        line = self._from.readline()
        assert line.endswith("\n"), "the worker itself has died"
        word, _, status = line.strip().partition(" ")
        assert word != "ended" or status in ("0", str(int(signal.SIGKILL))), line
        return word if word == "ended" else line.strip()

    def close(self) -> None:
        self._process.communicate(timeout=20)
