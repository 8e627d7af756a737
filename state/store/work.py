"""What workers are asked to do, and the lease that keeps one worker to a queue.

A worker and the pages that wait for it meet only here: either may die and the other can tell. The
database itself refuses a second job in state `running` within a queue.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, insert, select, update

from anomaly_core.errors import InvalidInput
from state.errors import Overtaken, UnknownProject
from state.store.database import Database
from state.store.schema import JobKind, JobState, queue, work

FROM = "from"  # in the plan of training: the version that is to serve again
LIVE = work.c.state.in_([state for state in JobState if state.live])
RUNNING = work.c.state == JobState.RUNNING
QUEUED = work.c.state == JobState.QUEUED


@dataclass(frozen=True)
class Scope:
    """What one worker at a time sees to, and the sentences for what becomes of it.

    `unstarted` is for work that no worker could be started for, `overtaken` for what a worker made
    that has lost its lease.
    """

    name: str
    noun: str
    waiting: str
    interrupted: str
    unstarted: str
    overtaken: str
    project_id: int | None = None


RUNS = Scope(
    name="runs",
    noun="run",
    waiting="Waiting for its turn.",
    interrupted="It stopped before it was done; resume it, or remove it.",
    unstarted="The run could not be started; see its log in the data directory, then try again.",
    overtaken="Another runner has taken over; what this one did was not saved.",
)


def training(project_id: int) -> Scope:
    """The training of one project."""
    return Scope(
        name=f"project-{project_id}",
        noun="job",
        waiting="Waiting for the trainer.",
        interrupted="The trainer stopped before it was done.",
        unstarted=(
            "The trainer could not be started; see its log in the data directory, then try again."
        ),
        overtaken="Another trainer has taken over; what this one made was not published.",
        project_id=project_id,
    )


@dataclass(frozen=True)
class Job:
    """One piece of work: a training job, or a run of the `plan`.

    Within a scope no id is given twice. `progress` runs from 0 to 1, times are epoch seconds.
    """

    scope: str
    id: int
    kind: JobKind
    plan: dict[str, Any]
    state: JobState
    progress: float
    message: str
    cancel_requested: bool
    worker: str | None
    created_at: float
    started_at: float | None
    finished_at: float | None

    @property
    def resumable(self) -> bool:
        """Whether it ended before it was done, so that it can go on."""
        return not self.state.live and self.state is not JobState.DONE


@dataclass(frozen=True)
class Lease:
    """Which worker a queue has; `alive` says whether it gave a sign of life lately.

    `heartbeat` is in seconds of the clock that leases go by, see `lease_time`.
    """

    worker: str
    host: str
    pid: int
    heartbeat: float
    alive: bool


class Work(Database):
    """The part of the store that pages and workers meet at: a queue for each scope."""

    def of(self, scope: Scope) -> "Queue":
        """The queue of a scope."""
        return Queue(self, scope)

    def training(self, project_id: int) -> "Queue":
        """The queue of a project's trainer."""
        return Queue(self, training(project_id))

    @property
    def runs(self) -> "Queue":
        """The queue of the runner."""
        return Queue(self, RUNS)


class Queue(Database):
    """The work of one scope, done one at a time by the worker that holds the lease."""

    def __init__(self, work: Work, scope: Scope) -> None:
        super().__init__(work.engine, work.settings, work.clock, work.lease_clock)
        self.scope = scope
        self._here = work_of(scope)

    def ask(self, kind: JobKind, plan: dict[str, Any] | None = None) -> Job:
        """Ask for work, or get the same that already waits or runs.

        A running one that was asked to stop does not count. Raises UnknownProject.
        """
        values = self._anew() | {"kind": kind, "plan": plan or {}, "created_at": self.clock()}
        wanted = LIVE & work.c.cancel_requested.is_(False) & (work.c.kind == kind)
        with self._write() as connection:
            last = lock_queue(connection, self.scope).last_id
            for one in self._all(connection, wanted):
                if one.plan == values["plan"]:
                    return one
            self._set(connection, last_id=last + 1)
            values |= {"scope": self.scope.name, "id": last + 1}
            return _job(connection.execute(insert(work).values(values).returning(work)).one())

    def claim(self, worker: str) -> Job | None:
        """Start what has waited longest; None if none waits or another worker has the lease."""
        with self._write() as connection:
            if lock_queue(connection, self.scope).worker != worker:
                return None
            self._interrupt(connection, work.c.worker != worker)  # its worker was overtaken
            waiting = self._all(connection, QUEUED)
            if not waiting:
                return None
            begun = {"state": JobState.RUNNING, "worker": worker, "started_at": self.clock()}
            return self._change(connection, work.c.id == waiting[0].id, **begun)

    def report(self, job_id: int, worker: str, progress: float, message: str) -> bool:
        """Note how far a job is (0 to 1); True says stop, it is no longer wanted, or not its."""
        mine = _held(job_id, worker) & _leased_by(worker)
        with self._write() as connection:
            still = self._change(connection, mine, progress=progress, message=message)
        return still is None or still.cancel_requested

    def finish(self, job_id: int, worker: str, state: JobState, message: str) -> Job | None:
        """End this worker's job; None, and nothing changes, if it is not its any more.

        Raises InvalidInput if the state is not one that a job ends in.
        """
        if state.live:
            raise InvalidInput(f"A {self.scope.noun} cannot end as {state}; choose how it ended.")
        reached = {"progress": 1.0} if state is JobState.DONE else {}
        with self._write() as connection:
            mine = _held(job_id, worker)
            return self._change(connection, mine, **self._ending(state, message), **reached)

    def cancel(self, job_id: int) -> Job:
        """Cancel what waits at once, ask what runs to stop; what has ended stays.

        Raises InvalidInput if there is no such job.
        """
        ending = self._ending(JobState.CANCELLED, "Cancelled before it began.")
        known = work.c.id == job_id
        with self._write() as connection:
            return (
                self._change(connection, known & QUEUED, **ending)
                or self._change(connection, known & RUNNING, cancel_requested=True)
                or self._known(connection, job_id)
            )

    def resume(self, job_id: int) -> Job:
        """Let what ended before it was done wait for its turn again; anything else stays.

        Raises InvalidInput if there is no such job.
        """
        early = (work.c.id == job_id) & ~LIVE & (work.c.state != JobState.DONE)
        with self._write() as connection:
            again = self._change(connection, early, **self._anew())
            return again or self._known(connection, job_id)

    def forget(self, job_id: int) -> None:
        """Drop the row of a job; raises InvalidInput while it waits or runs."""
        known = self._here & (work.c.id == job_id)
        with self._write() as connection:
            dropped = connection.execute(delete(work).where(known, ~LIVE)).rowcount
            if not dropped and self._all(connection, known):
                noun = self.scope.noun
                raise InvalidInput(f"This {noun} is not over; cancel it before you remove it.")

    def give_up(self) -> None:
        """End all that waits as failed, since no worker can be started for it."""
        ending = self._ending(JobState.FAILED, self.scope.unstarted)
        with self._write() as connection:
            connection.execute(update(work).where(self._here, QUEUED).values(ending))

    @property
    def last_number(self) -> int:
        """The last number that was given, also to work that was dropped since."""
        with self._read() as connection:
            last = select(queue.c.last_id).where(queue.c.scope == self.scope.name)
            return int(connection.execute(last).scalar_one_or_none() or 0)

    def skip_to(self, number: int) -> None:
        """Give no number up to this one any more."""
        if number > self.last_number:
            with self._write() as connection:
                last = lock_queue(connection, self.scope).last_id
                self._set(connection, last_id=max(last, number))

    def get(self, job_id: int) -> Job | None:
        """The job of that number, if there is one."""
        with self._read() as connection:
            return next(iter(self._all(connection, work.c.id == job_id)), None)

    def all(self, limit: int | None = None) -> list[Job]:
        """Every job, newest first, or only `limit` of them."""
        query = select(work).where(self._here).order_by(work.c.id.desc()).limit(limit)
        with self._read() as connection:
            return [_job(row) for row in connection.execute(query)]

    def live(self) -> list[Job]:
        """What runs, then what waits, the longest first."""
        with self._read() as connection:
            return sorted(self._all(connection, LIVE), key=lambda job: job.state is JobState.QUEUED)

    def next(self) -> Job | None:
        """What runs, else what has waited longest, else None."""
        return next(iter(self.live()), None)

    def interrupt_stale(self) -> list[Job]:
        """Mark work whose worker is silent or has lost its lease; returns what was marked.

        Writes only if there is any, so it may be called as often as a page is drawn.
        """
        with self._read() as connection:
            if not self._all(connection, RUNNING & self._lost(connection)):
                return []
        with self._write() as connection:
            lock_queue(connection, self.scope)
            return self._interrupt(connection, self._lost(connection))

    def _lost(self, connection: Connection) -> ColumnElement[bool]:
        """Chooses work whose worker holds no lease, or is silent."""
        first, last = self._signs(connection)
        alive = queue.c.heartbeat.between(first, last)
        return ~exists().where(
            queue.c.scope == work.c.scope, queue.c.worker == work.c.worker, alive
        )

    def take_lease(self, worker: str, host: str, pid: int) -> bool:
        """Become the queue's worker; False while another one is alive. Raises UnknownProject."""
        with self._write() as connection:
            held = lock_queue(connection, self.scope)
            first, last = self._signs(connection)
            if held.worker not in (None, worker) and first <= held.heartbeat <= last:
                return False
            beat = self.lease_clock(connection)
            self._set(connection, worker=worker, host=host, pid=pid, heartbeat=beat)
            return True

    def renew_lease(self, worker: str) -> bool:
        """Give a sign of life; False says that the lease is another's, so stop at once."""
        mine = (queue.c.scope == self.scope.name) & (queue.c.worker == worker)
        with self._write() as connection:
            statement = update(queue).where(mine).values(heartbeat=self.lease_clock(connection))
            return connection.execute(statement).rowcount == 1

    def release_lease(self, worker: str) -> None:
        """Give up the lease and the work of a worker that ends, or that is known to be dead."""
        with self._write() as connection:
            if lock_queue(connection, self.scope).worker == worker:
                self._set(connection, worker=None, host=None, pid=None, heartbeat=None)
            self._interrupt(connection, work.c.worker == worker)

    @contextmanager
    def holding(self, worker: str) -> Iterator[None]:
        """Have nobody take the lease of a worker within the block; raises Overtaken if one has.

        It is a transaction, for which others wait: the block only gives files their names.
        """
        with self._write() as connection:
            require_lease(connection, self.scope, worker)
            yield

    def lease(self) -> Lease | None:
        """The lease on the queue, also one whose worker is silent; None if it is free."""
        columns = (queue.c.worker, queue.c.host, queue.c.pid, queue.c.heartbeat)
        held = (queue.c.scope == self.scope.name) & queue.c.worker.is_not(None)
        with self._read() as connection:
            row = connection.execute(select(*columns).where(held)).one_or_none()
            first, last = self._signs(connection)
        return None if row is None else Lease(**row._asdict(), alive=first <= row.heartbeat <= last)

    def _signs(self, connection: Connection) -> tuple[float, float]:
        """Between when the last sign of a living worker lies; a later one is of another clock."""
        now, patience = self.lease_clock(connection), self.settings.stale_seconds
        return now - patience, now + patience

    def _anew(self) -> dict[str, Any]:
        return {
            "state": JobState.QUEUED,
            "progress": 0.0,
            "message": self.scope.waiting,
            "cancel_requested": False,
            "worker": None,
            "started_at": None,
            "finished_at": None,
        }

    def _ending(self, state: JobState, message: str) -> dict[str, Any]:
        return {"state": state, "message": message, "finished_at": self.clock()}

    def _set(self, connection: Connection, **values: Any) -> None:
        here = queue.c.scope == self.scope.name
        connection.execute(update(queue).where(here).values(values))

    def _interrupt(self, connection: Connection, lost: ColumnElement[bool]) -> list[Job]:
        ending = self._ending(JobState.INTERRUPTED, self.scope.interrupted)
        statement = update(work).where(self._here, RUNNING, lost).values(ending).returning(work)
        return [_job(row) for row in connection.execute(statement)]

    def _all(self, connection: Connection, chosen: ColumnElement[bool]) -> list[Job]:
        query = select(work).where(self._here, chosen).order_by(work.c.id)
        return [_job(row) for row in connection.execute(query)]

    def _known(self, connection: Connection, job_id: int) -> Job:
        for one in self._all(connection, work.c.id == job_id):
            return one
        raise InvalidInput(f"There is no such {self.scope.noun}; reload the page.")

    def _change(
        self, connection: Connection, chosen: ColumnElement[bool], **values: Any
    ) -> Job | None:
        statement = update(work).where(self._here, chosen).values(values).returning(work)
        row = connection.execute(statement).one_or_none()
        return None if row is None else _job(row)


def open_queue(connection: Connection, scope: Scope) -> None:
    """Begin the queue of a scope that has none yet."""
    values = {"scope": scope.name, "project_id": scope.project_id, "last_id": 0}
    connection.execute(insert(queue).values(values))


def lock_queue(connection: Connection, scope: Scope) -> Row[Any]:
    """The row of a queue, which no other transaction can write to until this one ends.

    Raises UnknownProject.
    """
    query = select(queue).where(queue.c.scope == scope.name).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownProject("There is no such project; choose one from the list.")
    return row


def require_lease(connection: Connection, scope: Scope, worker: str) -> None:
    """Keep the lease a worker's until the transaction ends; raises Overtaken, UnknownProject."""
    if lock_queue(connection, scope).worker != worker:
        raise Overtaken(scope.overtaken)


def work_of(scope: Scope) -> ColumnElement[bool]:
    """Chooses the work of a scope."""
    return work.c.scope == scope.name


def _job(row: Row[Any]) -> Job:
    return Job(**row._asdict())


def _held(job_id: int, worker: str) -> ColumnElement[bool]:
    return (work.c.id == job_id) & (work.c.worker == worker) & RUNNING


def _leased_by(worker: str) -> ColumnElement[bool]:
    return exists().where(queue.c.scope == work.c.scope, queue.c.worker == worker)
