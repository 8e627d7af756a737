"""Numbered migrations of the label store, run by Alembic whenever a store is opened.

To change the schema, edit `state/store/schema.py` and add the next numbered file to `versions/`,
with the number before it as its `down_revision`; a test fails while the two disagree.
"""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from state.errors import StoreUnavailable
from state.store.database import reading, restructuring

# Alembic keeps the running migration in a module global, so threads take turns.
_one_at_a_time = threading.Lock()
_ADVISORY_LOCK = 7_464_636  # any number, the same in every process


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest schema, in one transaction; harmless if it is there.

    Processes that start together wait for each other. Raises StoreUnavailable if the database was
    written by a newer Ringfence.
    """
    config = _config()
    head = ScriptDirectory.from_config(config).get_current_head()
    with reading(engine) as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with _one_at_a_time, restructuring(engine) as connection:
        _wait_for_other_processes(connection)
        config.attributes["connection"] = connection
        _run(config)


def revisions() -> set[str]:
    """Every schema that this version knows."""
    return {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}


def newest() -> str:
    """The schema that this version works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def migrate(connection: Connection, to: str = "head") -> None:
    """Bring a database to a schema in a transaction of `restructuring`; see `revisions`."""
    config = _config()
    config.attributes["connection"] = connection
    with _one_at_a_time:
        _run(config, to)


def _config() -> Config:
    config = Config()
    location = str(Path(__file__).parent)
    config.set_main_option("script_location", location.replace("%", "%%"))
    return config


def _wait_for_other_processes(connection: Connection) -> None:
    """PostgreSQL needs a lock of its own; on SQLite a write transaction already is one."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _run(config: Config, to: str = "head") -> None:
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise StoreUnavailable(
            "The label store was written by a newer version of Ringfence; update Ringfence, or "
            "choose another data directory."
        ) from error
