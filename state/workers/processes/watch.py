"""Workers do not outlive their server, other than to finish what they are at.

A worker that a server has started looks once a second whether a server of its own version is there,
or of that which started it: an update beside a running server changes the code of new workers only.
One that ended as it should took its card along: then nobody is to be waited for. One that was
killed left it: then a new one may come, and is waited for a while. A worker that was started from
the command line goes on alone, until a server of another version is there.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

from anomaly_core.errors import RingfenceError
from state.workers.processes.presence import (
    ProcessCard,
    ProcessKind,
    present,
    release,
    seen,
    sweep,
)

SERVED = "RINGFENCE_SERVED"  # in the environment of whatever a server has started
LOOK_SECONDS = 1.0
AGAIN_SECONDS = 5.0


class Attendance(StrEnum):
    """How it stands with the server of a worker."""

    SERVED = "served"  # it is there, or need not be
    WAITING = "waiting"  # it was killed a moment ago: nothing new is begun
    ALONE = "alone"  # there is none, or one of another version: the worker ends


class ServerWatch:
    """Tells a worker whether there is a server for it."""

    def __init__(
        self,
        data_dir: Path,
        grace_seconds: float,
        *,
        served: str | None,
        version: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`grace_seconds` are waited for a server that was killed to be started again.

        `served` is the version of the server that started the worker, `None` where none did.
        """
        self.data_dir = data_dir
        self.grace_seconds = grace_seconds
        self.served = served
        self.releases = {version or release(), served}
        self.clock = clock
        self.missed_since: float | None = None
        self.look_at = float("-inf")
        self.standing = Attendance.SERVED

    def __call__(self, *, afresh: bool = False) -> Attendance:
        """How it stands; looks once a second, and where that is asked for."""
        now = self.clock()
        if afresh or now >= self.look_at:
            self.look_at = now + LOOK_SECONDS
            self.standing = self._look(now)
        return self.standing

    def _look(self, now: float) -> Attendance:
        servers = seen(self.data_dir, ProcessKind.SERVER)
        alive = [one for one in servers if one.alive]
        if any(one.card and one.card.release in self.releases for one in alive):
            self.missed_since = None
            return Attendance.SERVED
        if alive:
            return Attendance.ALONE
        if self.served is None:
            return Attendance.SERVED
        if not servers:
            return Attendance.ALONE
        self.missed_since = now if self.missed_since is None else self.missed_since
        over = now - self.missed_since >= self.grace_seconds
        return Attendance.ALONE if over else Attendance.WAITING


def watch(data_dir: Path, grace_seconds: float) -> ServerWatch:
    """A watch for this worker, by how it was started."""
    return ServerWatch(data_dir, grace_seconds, served=os.environ.get(SERVED))


_serving = threading.Event()


def started_by() -> dict[str, str]:
    """What the environment of a process that is started from here has to say."""
    return {SERVED: release()} if _serving.is_set() else {}


@contextmanager
def serving(data_dir: Path, again_seconds: float = AGAIN_SECONDS) -> Iterator[None]:
    """Be known as the server of a data directory for as long as the block lasts.

    Cards of processes that died are swept. Where there is no room for a card, it is laid down once
    there is, which is tried again every so many seconds.
    """
    over, tried = threading.Event(), threading.Event()

    def serve() -> None:
        while not over.wait(again_seconds if tried.is_set() else 0):
            try:
                with suppress(RingfenceError), known_as_server(data_dir):
                    tried.set()
                    over.wait()
            finally:
                tried.set()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    tried.wait()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def known_as_server(data_dir: Path) -> Iterator[None]:
    """Have the card of a server lie there; raises RingfenceError where that cannot be."""
    sweep(data_dir)
    with present(data_dir, ProcessCard.mine(ProcessKind.SERVER)):
        _serving.set()
        try:
            yield
        finally:
            _serving.clear()
