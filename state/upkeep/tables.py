"""The rows of a database as lines of JSON, the same from SQLite and from PostgreSQL.

The tables are those that are found, not those that this version knows: so the rows of an older
schema go into an older schema, which is then brought up to date.
"""

import json
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, URL, Connection, Engine, MetaData, Table, func, insert, select, text

from state.store.database import BUSY_SECONDS, connect, plain_errors, plain_json, reading, take_time

AT_ONCE = 1_000  # rows
REVISION = "alembic_version"  # which says of what schema the other tables are
EMPTY = {"item_lease"}  # whoever held an item does not hold it elsewhere
BLANK = {"queue": {"worker", "host", "pid", "heartbeat"}}  # nor has a queue its worker there


@contextmanager
def snapshot(engine: Engine, copy: Path) -> Iterator[Connection]:
    """One state of the database, for as long as it takes, while others write.

    On SQLite that is a `copy` of the file, as whoever reads on keeps others from writing; it goes.
    """
    if engine.dialect.name != "sqlite":
        with reading(engine) as connection:
            take_time(connection)
            yield connection
        return
    source = Path(str(engine.url.database)).absolute().as_uri()
    try:
        with (
            plain_errors(),
            closing(sqlite3.connect(f"{source}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as whole,
            closing(sqlite3.connect(copy)) as target,
        ):
            whole.backup(target)
        copied = connect(URL.create("sqlite", database=str(copy)))
        try:
            with reading(copied) as connection:
                yield connection
        finally:
            copied.dispose()
    finally:
        copy.unlink(missing_ok=True)


def tables_of(connection: Connection) -> dict[str, Table]:
    """The tables that are there, each after those that it refers to."""
    found = MetaData()
    found.reflect(connection)
    for table in found.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return {one.name: one for one in found.sorted_tables if one.name != REVISION}


def revision_of(connection: Connection) -> str:
    """Of which schema the tables are."""
    return str(connection.execute(text(f"SELECT version_num FROM {REVISION}")).scalar_one())


def lines_of(connection: Connection, table: Table) -> Generator[bytes, None, None]:
    """Each row of a table as a line of JSON, in the order of its key."""
    if table.name in EMPTY:
        return
    query = select(table).order_by(*table.primary_key.columns)
    blank = BLANK.get(table.name, set())
    with connection.execute(query.execution_options(yield_per=AT_ONCE)) as rows:
        for row in rows.mappings():
            values = {
                name: None if name in blank else value.value if isinstance(value, Enum) else value
                for name, value in row.items()
            }
            yield plain_json(values).encode() + b"\n"


def counters_of(connection: Connection, tables: Iterable[Table]) -> dict[str, int]:
    """The last number that each table has given, also of rows that have gone since."""
    if connection.dialect.name == "sqlite":
        there = text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
        if connection.execute(there).first() is None:
            return {}
        counters = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return {row.name: row.seq for row in counters}
    found = {}
    for table in tables:
        if sequence := _sequence(connection, table):
            last, called = connection.execute(
                text(f"SELECT last_value, is_called FROM {sequence}")
            ).one()
            if called:
                found[table.name] = last
    return found


def fill(
    connection: Connection, table: Table, lines: Iterable[bytes], changed: Callable[[Any], Any]
) -> int:
    """Put the rows into a table that is empty, each value of JSON `changed`; returns how many."""
    plain = {column.name for column in table.columns if not isinstance(column.type, JSON)}
    rows = (
        {name: value if name in plain else changed(value) for name, value in row.items()}
        for row in map(json.loads, lines)
    )
    count = 0
    while part := list(islice(rows, AT_ONCE)):
        connection.execute(insert(table), part)
        count += len(part)
    return count


def set_counters(connection: Connection, tables: Iterable[Table], last: Mapping[str, int]) -> None:
    """Have each table go on after the last number that was given."""
    for table in tables:
        sequence = _sequence(connection, table)
        if connection.dialect.name == "sqlite":
            if table.name in last:
                values = {"name": table.name, "last": int(last[table.name])}
                there = text("UPDATE sqlite_sequence SET seq = :last WHERE name = :name")
                if not connection.execute(there, values).rowcount:
                    new = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)")
                    connection.execute(new, values)
        elif sequence:
            (key,) = table.primary_key.columns
            highest = connection.execute(select(func.max(key))).scalar_one() or 0
            number = max(int(last.get(table.name, 0)), highest)
            if number:
                connection.execute(select(func.setval(sequence, number)))


def _sequence(connection: Connection, table: Table) -> str | None:
    """What numbers the rows of a table on PostgreSQL, if anything does."""
    keys = list(table.primary_key.columns)
    if connection.dialect.name != "postgresql" or len(keys) != 1:
        return None
    asked: dict[str, Any] = {"table": table.name, "column": keys[0].name}
    query = text("SELECT pg_get_serial_sequence(:table, :column)")
    return connection.execute(query, asked).scalar_one_or_none()
