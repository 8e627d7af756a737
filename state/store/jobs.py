"""What trainers are asked to do, and the lease that keeps one trainer to a project.

A trainer and the pages that wait for it meet only here: either may die and the other can tell.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, insert, select, update

from anomaly_core.errors import InvalidInput
from state.store.database import Database, lock_project
from state.store.schema import JobKind, JobState, job, trainer

_LIVE = [state for state in JobState if state.live]
INTERRUPTED = "The trainer stopped before it was done."


@dataclass(frozen=True)
class Job:
    """One piece of work for a trainer. `progress` runs from 0 to 1, times are epoch seconds."""

    id: int
    project_id: int
    kind: JobKind
    state: JobState
    progress: float
    message: str
    cancel_requested: bool
    worker: str | None
    heartbeat: float | None
    created_at: float
    started_at: float | None
    finished_at: float | None


@dataclass(frozen=True)
class Lease:
    """Which trainer a project has; `alive` says whether it gave a sign of life lately."""

    project_id: int
    worker: str
    host: str
    pid: int
    heartbeat: float
    alive: bool


class JobQueue(Database):
    """The part of the store that pages and trainers meet at."""

    def enqueue(self, project_id: int, kind: JobKind) -> Job:
        """Ask for a job, or get the one of that kind that already waits or runs.

        A running job that was asked to stop does not count. Raises UnknownProject.
        """
        wanted = (job.c.kind == kind) & job.c.cancel_requested.is_(False)
        with self._write() as connection:
            lock_project(connection, project_id)
            live = _first(connection, project_id, wanted & job.c.state.in_(_LIVE))
            if live is not None:
                return live
            values = _new_job(project_id, kind) | {"created_at": self.clock()}
            return _job(connection.execute(insert(job).values(values).returning(job)).one())

    def claim(self, project_id: int, worker: str) -> Job | None:
        """Start the job that has waited longest; None if none waits. Raises UnknownProject."""
        with self._write() as connection:
            lock_project(connection, project_id)
            waiting = _first(connection, project_id, job.c.state == JobState.QUEUED)
            if waiting is None:
                return None
            now = self.clock()
            started = {"worker": worker, "started_at": now, "heartbeat": now}
            return _change(connection, waiting.id, state=JobState.RUNNING, **started)

    def report(self, job_id: int, progress: float, message: str) -> bool:
        """Note how far a running job is (0 to 1); True says stop, it is no longer wanted."""
        with self._write() as connection:
            still = _change_running(
                connection, job_id, progress=progress, message=message, heartbeat=self.clock()
            )
        return still is None or still.cancel_requested

    def beat(self, job_id: int) -> bool:
        """Give a sign of life for a running job; True says stop, it is no longer wanted."""
        with self._write() as connection:
            still = _change_running(connection, job_id, heartbeat=self.clock())
        return still is None or still.cancel_requested

    def finish(self, job_id: int, state: JobState, message: str) -> Job:
        """End a running job and return it as it stands; one that has ended before stays as it is.

        Raises InvalidInput if there is no such job or the state is not one that a job ends in.
        """
        if state.live:
            raise InvalidInput(f"A job cannot end as {state}; choose how it ended.")
        reached = {"progress": 1.0} if state is JobState.DONE else {}
        ending = {"state": state, "message": message, "finished_at": self.clock()} | reached
        with self._write() as connection:
            return _change_running(connection, job_id, **ending) or _get(connection, job_id)

    def cancel(self, job_id: int) -> Job:
        """Cancel a waiting job at once, ask a running one to stop; one that has ended stays.

        Raises InvalidInput if there is no such job.
        """
        with self._write() as connection:
            found = _get(connection, job_id, lock=True)
            if found.state is JobState.QUEUED:
                ending = {"message": "Cancelled before it began.", "finished_at": self.clock()}
                return _change(connection, job_id, state=JobState.CANCELLED, **ending)
            return _change_running(connection, job_id, cancel_requested=True) or found

    def all(self, project_id: int, limit: int = 20) -> list[Job]:
        """The jobs of the project, newest first."""
        query = select(job).where(job.c.project_id == project_id).order_by(job.c.id.desc())
        with self._read() as connection:
            return [_job(row) for row in connection.execute(query.limit(limit))]

    def live(self, project_id: int) -> Job | None:
        """The job that runs, else the one that has waited longest, else None."""
        running, waiting = job.c.state == JobState.RUNNING, job.c.state == JobState.QUEUED
        with self._read() as connection:
            return _first(connection, project_id, running) or _first(
                connection, project_id, waiting
            )

    def interrupt_stale(self, project_id: int) -> list[Job]:
        """Mark running jobs whose trainer is silent or has lost its lease; returns those.

        Writes only if there are any, so it may be called as often as a page is drawn.
        """
        now = self.clock()
        lost = self._lost(now)
        with self._read() as connection:
            if _first(connection, project_id, lost) is None:
                return []
        ending = {"state": JobState.INTERRUPTED, "message": INTERRUPTED, "finished_at": now}
        statement = update(job).where(job.c.project_id == project_id, lost).values(ending)
        with self._write() as connection:
            lock_project(connection, project_id)
            return [_job(row) for row in connection.execute(statement.returning(job))]

    def _lost(self, now: float) -> ColumnElement[bool]:
        holds_lease = (trainer.c.project_id == job.c.project_id) & (
            trainer.c.worker == job.c.worker
        )
        silent = job.c.heartbeat < now - self.settings.stale_seconds
        orphaned = ~exists().where(holds_lease).correlate(job)
        return (job.c.state == JobState.RUNNING) & (silent | orphaned)

    def take_lease(self, project_id: int, worker: str, host: str, pid: int) -> bool:
        """Become the project's trainer; False while another one is alive. Raises UnknownProject."""
        now = self.clock()
        values = {"worker": worker, "host": host, "pid": pid, "heartbeat": now}
        with self._write() as connection:
            lock_project(connection, project_id)
            held = connection.execute(_of(project_id)).one_or_none()
            if held is None:
                connection.execute(insert(trainer).values(project_id=project_id, **values))
                return True
            if held.worker != worker and self._alive(held.heartbeat, now):
                return False
            mine = trainer.c.project_id == project_id
            connection.execute(update(trainer).where(mine).values(values))
            return True

    def renew_lease(self, project_id: int, worker: str) -> bool:
        """Give a sign of life; False says that the lease is another's, so stop at once."""
        with self._write() as connection:
            renewed = update(trainer).where(_held(project_id, worker))
            return connection.execute(renewed.values(heartbeat=self.clock())).rowcount == 1

    def release_lease(self, project_id: int, worker: str) -> None:
        """Give the lease up, if it is this worker's."""
        with self._write() as connection:
            connection.execute(delete(trainer).where(_held(project_id, worker)))

    def lease(self, project_id: int) -> Lease | None:
        """The lease on the project, also one whose trainer is silent; None if it is free."""
        with self._read() as connection:
            row = connection.execute(_of(project_id)).one_or_none()
        if row is None:
            return None
        return Lease(**row._asdict(), alive=self._alive(row.heartbeat, self.clock()))

    def _alive(self, heartbeat: float, now: float) -> bool:
        return heartbeat >= now - self.settings.stale_seconds


def _new_job(project_id: int, kind: JobKind) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "kind": kind,
        "state": JobState.QUEUED,
        "progress": 0.0,
        "message": "Waiting for the trainer.",
        "cancel_requested": False,
    }


def _job(row: Row[Any]) -> Job:
    return Job(**row._asdict())


def _get(connection: Connection, job_id: int, *, lock: bool = False) -> Job:
    query = select(job).where(job.c.id == job_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise InvalidInput("There is no such job; reload the page.")
    return _job(row)


def _first(connection: Connection, project_id: int, chosen: ColumnElement[bool]) -> Job | None:
    query = select(job).where(job.c.project_id == project_id, chosen).order_by(job.c.id).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _job(row)


def _change(connection: Connection, job_id: int, **values: Any) -> Job:
    statement = update(job).where(job.c.id == job_id).values(values).returning(job)
    return _job(connection.execute(statement).one())


def _change_running(connection: Connection, job_id: int, **values: Any) -> Job | None:
    running = (job.c.id == job_id) & (job.c.state == JobState.RUNNING)
    statement = update(job).where(running).values(values).returning(job)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _job(row)


def _of(project_id: int) -> Any:
    return select(trainer).where(trainer.c.project_id == project_id)


def _held(project_id: int, worker: str) -> ColumnElement[bool]:
    return (trainer.c.project_id == project_id) & (trainer.c.worker == worker)
