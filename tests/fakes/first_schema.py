"""A store as the first version left it, with as many events as wanted, and how it is upgraded."""

import os
import signal
from multiprocessing.connection import Connection as Line
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text
from sqlalchemy.event import listen

import state.store.migrations
from state.settings import Settings
from state.store.database import connect, parse_url, reading, writing
from state.store.migrations import upgrade

ROWS = [
    "INSERT INTO annotator (id, name, role, active) VALUES (7, 'ada', 'owner', true)",
    "INSERT INTO project (id, name, scenario, detector, strategy, budget, spent, batch_size,"
    " overlap, guidelines, pool_size, created_at)"
    " VALUES (4, 'digits', '{}', '{}', 'margin', :events, :events, 5, 1, 'look', :events, 5.5)",
    "INSERT INTO event (uuid, project_id, item, annotator_id, revision, kind, answer,"
    " model_version, round, strategy, utility, shown_at, pressed_at, received_at)"
    " WITH RECURSIVE one(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM one WHERE i + 1 < :events)"
    " SELECT 'u' || i, 4, i, 7, 1, 'answer', 'normal', 2, 1, 'margin', 0.25, 1.5, 2.5, 3.5"
    " FROM one",
]


def engine_of(settings: Settings) -> Engine:
    """The engine of a store that need not be of the newest schema."""
    given = settings.database_url
    return connect(parse_url(given) if given else settings.default_database)


def first_store(settings: Settings, events: int) -> None:
    """Create a store of the first schema with a project and that many answers."""
    settings.prepare()
    config = Config()
    config.set_main_option("script_location", str(Path(state.store.migrations.__file__).parent))
    engine = engine_of(settings)
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in ROWS:
            connection.execute(text(statement), {"events": events})
    engine.dispose()


def outline(settings: Settings) -> dict[str, Any]:
    """The schema that a store has, its revision, and what its events come to."""
    engine = engine_of(settings)
    with reading(engine) as connection:
        tables = inspect(connection)
        found = {
            "tables": {
                name: sorted(column["name"] for column in tables.get_columns(name))
                for name in tables.get_table_names()
            },
            "revision": connection.scalar(text("SELECT version_num FROM alembic_version")),
            "events": tuple(connection.execute(text(EVENTS)).one()),
        }
    engine.dispose()
    return found


EVENTS = "SELECT count(*), min(uuid), max(uuid), sum(item), count(answer) FROM event"


def upgrade_and_die(settings: Settings, step: int, line: Line) -> None:
    """Upgrade a store, and be killed before the statement or commit of that number (from 0).

    Tells how many there were, in a list, where it is not.
    """
    engine, seen = engine_of(settings), 0

    def count(*_: object) -> None:
        nonlocal seen
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

    listen(engine, "before_cursor_execute", count)
    listen(engine, "commit", count)
    upgrade(engine)
    line.send([seen])
