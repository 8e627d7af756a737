"""How the label store talks to its database: one engine, read and write transactions, plain errors.

On SQLite every write takes the write lock at its start (`BEGIN IMMEDIATE`), so that what a
transaction has read still holds when it writes; reads take no lock that stops other readers.
https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#sqlite-transactions
"""

import json
import math
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Row,
    create_engine,
    extract,
    func,
    make_url,
    select,
)
from sqlalchemy.event import listen
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from anomaly_core.errors import InvalidInput, RingfenceError
from state.errors import StoreDamaged, StoreOutdated, StoreUnavailable, UnknownProject
from state.settings import Settings
from state.store.schema import project

BUSY_SECONDS = 30
TURN_SECONDS = 0.01  # between two tries to write, at most
WAL_IS_SOUND = sqlite3.sqlite_version_info >= (3, 51, 3)

# Whoever has vanished, or stands still within a transaction, lets go of its locks within a minute:
# https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-TCP-KEEPALIVES-IDLE
_ALIVE = {"keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 4}
ON_POSTGRESQL = {
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
    "idle_in_transaction_session_timeout": "45s",
}

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NOT_THERE = ("no such table", "no such column", "has no column")  # SQLite
_UNDEFINED = ("42P01", "42703")  # PostgreSQL: table, column
_DAMAGED = "The database is damaged; stop Ringfence and restore a backup with ringfence restore."
_OUTDATED = "The database is one of another version of Ringfence by now; start Ringfence again."


def parse_url(text: str) -> URL:
    """The URL of a SQLite file or a PostgreSQL database; raises InvalidInput for any other."""
    try:
        url = make_url(text.replace("postgres://", "postgresql://", 1))
    except ArgumentError as error:
        raise InvalidInput(_BAD_URL) from error
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    in_memory = url.database in (None, "", ":memory:")
    if url.get_backend_name() not in ("sqlite", "postgresql") or in_memory:
        raise InvalidInput(_BAD_URL)
    return url


_BAD_URL = (
    "RINGFENCE_DATABASE_URL cannot be used; write sqlite:/// and a file, or postgresql:// and a "
    "user, host and database."
)


def connect(url: URL) -> Engine:
    """An engine for the database; raises StoreUnavailable when its driver is not installed."""
    on_sqlite = url.get_backend_name() == "sqlite"
    patience = "timeout" if on_sqlite else "connect_timeout"
    arguments = {patience: BUSY_SECONDS} | ({} if on_sqlite else _ALIVE)
    try:
        engine = create_engine(
            url,
            connect_args=arguments,
            json_serializer=plain_json,
            pool_pre_ping=not on_sqlite,
        )
    except ModuleNotFoundError as error:
        raise StoreUnavailable(
            f"The database needs the Python package {error.name}; install it and start again."
        ) from error
    if on_sqlite:
        listen(engine, "connect", _set_pragmas)
        listen(engine, "begin", _begin)
    else:
        listen(engine, "connect", _set_session)
    return engine


def _set_session(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        for name, value in ON_POSTGRESQL.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.commit()


def take_time(connection: Connection) -> None:
    """Let a transaction that others need not wait for stand still for as long as it takes."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; see _begin
    connection.execute("PRAGMA foreign_keys = ON")
    if WAL_IS_SOUND:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    else:
        connection.execute("PRAGMA journal_mode = DELETE")
        # EXTRA is FULL that also syncs the directory: the deletion of the journal is the commit.
        connection.execute("PRAGMA synchronous = EXTRA")


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("ringfence_writes", False):
        _wait_for_turn(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _wait_for_turn(connection: Connection) -> None:
    """Take the write lock.

    SQLite asks for it ever more rarely, so that a few busy writers keep others waiting for half a
    minute; here everybody keeps asking at the same, quick pace.
    """
    until = time.monotonic() + BUSY_SECONDS
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < until and _is_locked(cursor):
            time.sleep(random.uniform(0, TURN_SECONDS))
        if not cursor.connection.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # which explains what is wrong
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {round(1000 * BUSY_SECONDS)}")


def _is_locked(cursor: Any) -> bool:
    """Whether somebody else writes; begins to write if nobody does."""
    try:
        cursor.execute("BEGIN IMMEDIATE")
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False


_SHARED: ContextVar[Connection | None] = ContextVar("the transaction that `together` has begun")


def _shared(engine: Engine) -> Connection | None:
    shared = _SHARED.get(None)
    return shared if shared is not None and shared.engine is engine else None


@contextmanager
def together(engine: Engine) -> Iterator[Connection]:
    """One write transaction for all that this thread reads and writes within the block."""
    with writing(engine) as connection:
        before = _SHARED.set(connection)
        try:
            yield connection
        finally:
            _SHARED.reset(before)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database and keeps nobody from reading."""
    if (shared := _shared(engine)) is not None:
        with plain_errors():
            yield shared
        return
    with plain_errors(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is durable once left, and changes nothing if left by an error.

    Within `together` it is a part of that transaction, and durable with it.
    """
    if (shared := _shared(engine)) is not None:
        with plain_errors(), shared.begin_nested():
            yield shared
        return
    with plain_errors(), engine.connect() as connection:
        connection.execution_options(ringfence_writes=True)
        with connection.begin():
            yield connection


@contextmanager
def restructuring(engine: Engine) -> Iterator[Connection]:
    """A write transaction in which tables may be replaced by copies of themselves.

    SQLite would take the rows of a dropped table for missing ones wherever they are referred to,
    so references are checked at the end instead. Raises StoreDamaged if one leads nowhere.
    https://sqlite.org/lang_altertable.html#otheralter
    """
    with plain_errors(), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.detach()  # nobody else gets a connection that is set like this one
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        connection.execution_options(ringfence_writes=True)
        with connection.begin():
            take_time(connection)
            yield connection
            if engine.dialect.name == "sqlite":
                _require_references(connection)


def _require_references(connection: Connection) -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StoreDamaged(_DAMAGED)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the database raises for reasons outside the program into one plain sentence."""
    try:
        yield
    except (OperationalError, InternalError, InterfaceError, PoolTimeout) as error:
        raise explain(getattr(error, "orig", None)) from error
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) not in _UNDEFINED:
            raise
        raise StoreOutdated(_OUTDATED) from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:
            raise  # a broken constraint or statement is for the caller, or a mistake of ours
        raise explain(error.orig) from error


def explain(cause: object) -> RingfenceError:
    """The error to show for one that the database driver raised."""
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _DAMAGE:
        return StoreDamaged(_DAMAGED)
    if code is not None and code & 0xFF == sqlite3.SQLITE_FULL:
        return StoreUnavailable("The disk is full; free some space and try again.")
    if code is not None and any(words in str(cause) for words in _NOT_THERE):
        return StoreOutdated(_OUTDATED)
    return StoreUnavailable(
        "The database cannot be used just now; check that it is running, may be written, and is "
        "not locked by another program, and try again."
    )


def plain_json(value: Any) -> str:
    """JSON text of the value; JSON knows no NaN or infinity, so an undefined number is null."""
    return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def read_project(connection: Connection, project_id: int, *, lock: bool = False) -> Row[Any]:
    """The row of the project; raises UnknownProject."""
    query = select(project).where(project.c.id == project_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise UnknownProject("There is no such project; choose one from the list.")
    return row


def lock_project(connection: Connection, project_id: int) -> Row[Any]:
    """The row of the project, which no other transaction can write to until this one ends.

    With it, the events of one project become visible in the order of their numbers. Raises
    UnknownProject.
    """
    return read_project(connection, project_id, lock=True)


LeaseClock = Callable[[Connection], float]
SINCE_START = getattr(time, "CLOCK_BOOTTIME", None)  # goes on while a machine sleeps; Linux has it


def lease_time(connection: Connection) -> float:
    """Seconds by a clock that all who share a database share, to judge leases by.

    PostgreSQL's own, so that servers may differ. The file of SQLite is on one machine, whose time
    since its start nobody can set; it begins anew with the machine.
    """
    if connection.dialect.name == "postgresql":
        seconds = connection.execute(select(extract("epoch", func.clock_timestamp())))
        return float(seconds.scalar_one())
    return time.monotonic() if SINCE_START is None else time.clock_gettime(SINCE_START)


class Database:
    """What every part of the store shares: the engine, the settings and the clocks.

    `clock` gives the time in UTC seconds since the epoch, for what people read; leases go by
    `lease_clock`.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        clock: Callable[[], float],
        lease_clock: LeaseClock = lease_time,
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.clock = clock
        self.lease_clock = lease_clock

    def _read(self) -> AbstractContextManager[Connection]:
        return reading(self.engine)

    def _write(self) -> AbstractContextManager[Connection]:
        return writing(self.engine)
