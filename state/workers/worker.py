"""What every worker does: hold its queue's lease, do one job after the other, end when idle.

Everything a worker makes reaches the app through published files and the database, so it may be
killed at any moment.
"""

import logging
import os
import signal
import socket
import sys
import threading
import time
from abc import ABC, abstractmethod
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import ClassVar, Protocol, Self

from anomaly_core.errors import Cancelled, RingfenceError
from anomaly_core.progress import Progress
from state.errors import StoreOutdated
from state.settings import Settings, load_settings
from state.store.schema import JobState
from state.store.store import Store
from state.store.work import Job, Queue, Scope
from state.workers.processes.presence import ProcessCard, ProcessKind, present
from state.workers.processes.watch import Attendance, watch

log = logging.getLogger("ringfence.worker")

FULL = "The files could not be written ({}); free some space for the data directory, try again."
POLL_SECONDS = 0.1
REPORT_SECONDS = 0.2


class Watch(Protocol):
    """Tells how it stands with the server of a worker."""

    def __call__(self, *, afresh: bool = False) -> Attendance:
        """How it stands; looked at `afresh` before something is begun."""


class Worker(ABC):
    """Does the work of one queue for as long as it holds the lease."""

    stopped: ClassVar[str]  # what is said of a job that was stopped on request
    failed: ClassVar[str]  # and of one that failed for a reason that nobody thought of

    def __init__(
        self, store: Store, settings: Settings, scope: Scope, name: str, idle_seconds: float
    ) -> None:
        """Join the queue of a scope under a name that no other worker has."""
        self.store = store
        self.settings = settings
        self.queue: Queue = store.work.of(scope)
        self.name = name
        self.idle_seconds = idle_seconds  # without work, after which it ends
        self.standing: Watch = lambda *, afresh=False: Attendance.SERVED

    @abstractmethod
    def do(self, job: Job, report: Progress) -> str:
        """Do a job and say in a sentence what came of it; `report` raises Cancelled."""

    def idle(self, holds: Callable[[], bool]) -> bool:
        """Do a little of what nobody waits for; whether there was any.

        `holds` tells whether the lease is still this worker's.
        """
        return False

    def serve(self) -> None:
        """Work until idle for too long, alone, or until another worker holds the lease."""
        if not self.queue.take_lease(self.name, socket.gethostname(), os.getpid()):
            return
        try:
            with Heartbeat(self._beat, self.settings.heartbeat_seconds) as heart:
                self._serve(heart)
        finally:
            self.queue.release_lease(self.name)

    def _beat(self) -> bool:
        return self.queue.renew_lease(self.name)

    def _serve(self, heart: "Heartbeat") -> None:
        idle_since = time.monotonic()
        while heart.holds and time.monotonic() - idle_since < self.idle_seconds:
            waiting = self.queue.next()  # a read, so that idling takes no lock
            standing = self.standing(afresh=waiting is not None)
            if standing is Attendance.ALONE:
                return
            if standing is Attendance.WAITING:
                time.sleep(POLL_SECONDS)
                continue
            job = self.queue.claim(self.name) if waiting else None
            if job is not None:
                self.run(job)
            elif not self.idle(lambda: heart.holds):  # a little at a time: jobs come first
                time.sleep(POLL_SECONDS)
                continue
            idle_since = time.monotonic()

    def run(self, job: Job) -> None:
        """Do one job and note how it ended; an error ends the job, never the worker."""
        state, message = self._outcome(job)
        self.queue.finish(job.id, self.name, state, message)

    def _outcome(self, job: Job) -> tuple[JobState, str]:
        try:
            return JobState.DONE, self.do(job, Reporter(self.queue, job.id, self.name))
        except Cancelled:
            return JobState.CANCELLED, self.stopped
        except RingfenceError as error:
            return JobState.FAILED, str(error)
        except OSError as error:
            log.exception("%s %d could not be written", self.queue.scope.noun, job.id)
            return JobState.FAILED, FULL.format(error.strerror or "the disk may be full")
        except Exception:
            log.exception("%s %d failed", self.queue.scope.noun, job.id)
            return JobState.FAILED, self.failed


class Reporter:
    """A `Progress` that writes to the job's row a few times a second, and brings back a stop."""

    def __init__(self, queue: Queue, job_id: int, worker: str) -> None:
        self.queue = queue
        self.job_id = job_id
        self.worker = worker
        self.due = 0.0

    def __call__(self, share: float, message: str) -> None:
        """Write `share` (0 to 1) and a sentence; raises `Cancelled` when that was asked for."""
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + REPORT_SECONDS
        if self.queue.report(self.job_id, self.worker, share, message):
            raise Cancelled("It was stopped on request.")


class Heartbeat:
    """Calls `beat` every so often from a thread of its own, until it says no or the block ends."""

    def __init__(self, beat: Callable[[], bool], seconds: float) -> None:
        self.beat = beat
        self.seconds = seconds
        self.holds = True
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while self.holds and not self._stopped.wait(self.seconds):
            try:
                self.holds = self.beat()
            except StoreOutdated:
                self.holds = False
            except Exception as error:  # a locked database must not end a long training
                log.warning("missed a heartbeat: %s", error)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopped.set()
        self._thread.join()


def run_from_command_line(
    kind: ProcessKind, parser: ArgumentParser, build: Callable[[Store, Settings, Namespace], Worker]
) -> int:
    """Have a worker serve in the data directory that the settings name; returns the exit code.

    Where a server has started it, it ends with that, after what it is at.
    """
    parser.add_argument("--worker", required=True, help="a name no other worker has")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = load_settings()
        card = ProcessCard.mine(kind, options.worker)
        with Store.open(settings) as store, present(settings.data_dir, card) as presence:
            worker = build(store, settings, options)
            presence.say(subject=str(worker.queue.scope.project_id or ""))
            worker.standing = watch(settings.data_dir, settings.server_grace_seconds)
            worker.serve()
    except RingfenceError as error:
        log.error("%s", error)
        return 2
    return 0
