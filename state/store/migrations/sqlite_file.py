"""The database as a file: born whole, looked over before use, never replaced.

A file of the final name is always a complete database, because a new one is built beside it and
then linked into place. So an empty file there is a damaged one.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL

from state.errors import StoreDamaged, StoreUnavailable
from state.store.database import BUSY_SECONDS, connect, explain
from state.store.migrations import upgrade


def ensure_sound(path: Path) -> None:
    """Create the database if there is none, else look it over.

    Raises StoreDamaged, leaving every byte as it is, and StoreUnavailable.
    """
    leftovers = [name for suffix in ("-journal", "-wal") if (name := _beside(path, suffix))]
    if not path.exists():
        if leftovers:
            raise StoreDamaged(
                f"{path.name} is gone but {leftovers[0]} is still there; restore "
                f"a backup with ringfence restore, or move {leftovers[0]} away too to start anew."
            )
        _create(path)
    problems = file_problems(path)
    if problems:
        raise StoreDamaged(
            f"{path.name} {problems[0]}; restore a backup with ringfence restore, or move it "
            f"and any file beginning with {path.name} away to start anew."
        )


def file_problems(path: Path, *, full: bool = False) -> list[str]:
    """What is wrong with the file, as ends of a sentence that begins with its name.

    The `full` check also compares indexes and references with the tables, and takes longer.
    """
    try:
        # mode=rw creates nothing, yet lets SQLite finish what a killed process left half done.
        with closing(_open(path)) as connection:
            check = "integrity_check" if full else "quick_check"
            verdict = connection.execute(f"PRAGMA {check}(1)").fetchone()[0]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchone() if full else None
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        cause = explain(error)
        if isinstance(cause, StoreDamaged):
            return ["is damaged or not a database"]
        raise cause from error
    if verdict != "ok" or orphans is not None:
        return ["is damaged"]
    return [] if "alembic_version" in tables else ["is not a database of Ringfence"]


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)


def _beside(path: Path, suffix: str) -> str | None:
    name = path.name + suffix
    return name if path.with_name(name).exists() else None


def _create(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{uuid4().hex}.new")
    engine = connect(URL.create("sqlite", database=str(draft)))
    try:
        upgrade(engine)
        engine.dispose()
        publish_file(draft, path)
    except OSError as error:
        raise StoreUnavailable(
            f"{path.name} cannot be created; choose a data directory that may be written."
        ) from error
    finally:
        engine.dispose()
        draft.unlink(missing_ok=True)


def publish_file(draft: Path, path: Path) -> None:
    """Give the draft its name, unless another process was first."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        if not path.exists():
            draft.rename(path)
