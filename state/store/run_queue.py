"""What the runner is asked to do: runs of recipes and detectors, one at a time.

A page and the process that does a run meet only here: either may die and the other can tell. The
database itself refuses a second run in state `running`, so no lease is needed beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, text, update

from anomaly_core.errors import InvalidInput
from state.store.database import Database
from state.store.schema import JobState, run

WAITING = "Waiting for its turn."
INTERRUPTED = "It stopped before it was done; resume it, or remove it."

_LIVE = run.c.state.in_([state for state in JobState if state.live])
_RUNNING = run.c.state == JobState.RUNNING
_ANEW: dict[str, Any] = {
    "state": JobState.QUEUED,
    "progress": 0.0,
    "message": WAITING,
    "cancel_requested": False,
    "worker": None,
    "host": None,
    "pid": None,
    "heartbeat": None,
    "started_at": None,
    "finished_at": None,
}


@dataclass(frozen=True)
class Run:
    """One run of a plan. `progress` runs from 0 to 1, times are epoch seconds."""

    id: int
    plan: dict[str, Any]
    state: JobState
    progress: float
    message: str
    cancel_requested: bool
    worker: str | None
    host: str | None
    pid: int | None
    heartbeat: float | None
    created_at: float
    started_at: float | None
    finished_at: float | None

    @property
    def resumable(self) -> bool:
        """Whether it ended before it was done, so that it can go on."""
        return not self.state.live and self.state is not JobState.DONE


class RunQueue(Database):
    """The part of the store that the Compare page and the runner meet at."""

    def ask(self, plan: dict[str, Any]) -> Run:
        """Ask for a run, or get the one of the same plan that already waits or runs.

        A running one that was asked to stop does not count.
        """
        with self._write() as connection:
            _wait_for_others(connection)
            wanted = _LIVE & run.c.cancel_requested.is_(False)
            same = [one for one in _all(connection, wanted) if one.plan == plan]
            if same:
                return same[0]
            values = _ANEW | {"plan": plan, "created_at": self.clock()}
            return _run(connection.execute(insert(run).values(values).returning(run)).one())

    def get(self, run_id: int) -> Run | None:
        """The run of that number, if there is one."""
        with self._read() as connection:
            return next(iter(_all(connection, run.c.id == run_id)), None)

    def all(self, limit: int | None = None) -> list[Run]:
        """Every run, newest first, or only `limit` of them."""
        query = select(run).order_by(run.c.id.desc()).limit(limit)
        with self._read() as connection:
            return [_run(row) for row in connection.execute(query)]

    def live(self) -> list[Run]:
        """The one that runs, then those that wait, the longest first."""
        with self._read() as connection:
            return sorted(_all(connection, _LIVE), key=lambda one: one.state is JobState.QUEUED)

    def claim(self, worker: str, host: str, pid: int) -> Run | None:
        """Start the run that has waited longest; `None` if none waits or another runs."""
        now = self.clock()
        mine = {"worker": worker, "host": host, "pid": pid, "started_at": now, "heartbeat": now}
        with self._write() as connection:
            _wait_for_others(connection)
            live = _all(connection, _LIVE)
            if not live or any(one.state is JobState.RUNNING for one in live):
                return None
            return _change(connection, run.c.id == live[0].id, state=JobState.RUNNING, **mine)

    def report(self, run_id: int, worker: str, progress: float, message: str) -> bool:
        """Note how far a run is (0 to 1); True says stop, it is no longer wanted."""
        values = {"progress": progress, "message": message, "heartbeat": self.clock()}
        with self._write() as connection:
            still = _change(connection, _held(run_id, worker), **values)
        return still is None or still.cancel_requested

    def beat(self, run_id: int, worker: str) -> bool:
        """Give a sign of life; False says that the run is not this worker's any more."""
        with self._write() as connection:
            return _change(connection, _held(run_id, worker), heartbeat=self.clock()) is not None

    def finish(self, run_id: int, worker: str, state: JobState, message: str) -> Run | None:
        """End this worker's run; `None`, and nothing changes, if it is not its any more.

        Raises InvalidInput if the state is not one that a run ends in.
        """
        if state.live:
            raise InvalidInput(f"A run cannot end as {state}; choose how it ended.")
        reached = {"progress": 1.0} if state is JobState.DONE else {}
        ending = {"state": state, "message": message, "finished_at": self.clock()} | reached
        with self._write() as connection:
            return _change(connection, _held(run_id, worker), **ending)

    def cancel(self, run_id: int) -> Run:
        """Cancel a waiting run at once, ask a running one to stop; one that has ended stays.

        Raises InvalidInput if there is no such run.
        """
        ending = {"message": "Cancelled before it began.", "finished_at": self.clock()}
        waiting = (run.c.id == run_id) & (run.c.state == JobState.QUEUED)
        with self._write() as connection:
            return (
                _change(connection, waiting, state=JobState.CANCELLED, **ending)
                or _change(connection, (run.c.id == run_id) & _RUNNING, cancel_requested=True)
                or _get(connection, run_id)
            )

    def resume(self, run_id: int) -> Run:
        """Let a run that ended before it was done wait for its turn again.

        One that waits, runs or is done stays as it is. Raises InvalidInput if there is no such run.
        """
        ended = ~_LIVE & (run.c.state != JobState.DONE)
        with self._write() as connection:
            again = _change(connection, (run.c.id == run_id) & ended, **_ANEW)
            return again or _get(connection, run_id)

    def forget(self, run_id: int) -> None:
        """Drop the row of a run; raises InvalidInput while it waits or runs."""
        with self._write() as connection:
            if connection.execute(delete(run).where(run.c.id == run_id, ~_LIVE)).rowcount:
                return
            if _all(connection, run.c.id == run_id):
                raise InvalidInput("This run is not over; cancel it before you remove it.")

    def interrupt_stale(self) -> list[Run]:
        """Mark a run whose runner is silent; returns those marked.

        Writes only if there is one, so it may be called as often as a page is drawn.
        """
        return self._interrupt(run.c.heartbeat < self.clock() - self.settings.stale_seconds)

    def interrupt_of(self, worker: str) -> list[Run]:
        """Mark the run of a runner that is known to be dead; returns those marked."""
        return self._interrupt(run.c.worker == worker)

    def _interrupt(self, lost: ColumnElement[bool]) -> list[Run]:
        with self._read() as connection:
            if not _all(connection, _RUNNING & lost):
                return []
        ending = {"state": JobState.INTERRUPTED, "message": INTERRUPTED}
        statement = update(run).where(_RUNNING & lost).values(**ending, finished_at=self.clock())
        with self._write() as connection:
            return [_run(row) for row in connection.execute(statement.returning(run))]


def _wait_for_others(connection: Connection) -> None:
    """PostgreSQL needs a lock of its own; on SQLite a write transaction already is one."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE run IN SHARE ROW EXCLUSIVE MODE"))


def _run(row: Row[Any]) -> Run:
    return Run(**row._asdict())


def _all(connection: Connection, chosen: ColumnElement[bool]) -> Sequence[Run]:
    query = select(run).where(chosen).order_by(run.c.id)
    return [_run(row) for row in connection.execute(query)]


def _get(connection: Connection, run_id: int) -> Run:
    for one in _all(connection, run.c.id == run_id):
        return one
    raise InvalidInput("There is no such run; reload the page.")


def _change(connection: Connection, chosen: ColumnElement[bool], **values: Any) -> Run | None:
    statement = update(run).where(chosen).values(values).returning(run)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _run(row)


def _held(run_id: int, worker: str) -> ColumnElement[bool]:
    return (run.c.id == run_id) & (run.c.worker == worker) & _RUNNING
