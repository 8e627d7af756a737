"""Make a data directory and its database of a backup, where there is none of either."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, inspect
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError

from anomaly_core.errors import InvalidInput
from anomaly_core.machine.publishing import flush
from state.errors import StoreUnavailable
from state.settings import Settings
from state.store.audit_log import Deed, note
from state.store.database import connect, parse_url, plain_errors, restructuring
from state.store.migrations import migrate, revisions
from state.store.migrations.sqlite_file import publish_file
from state.store.people import MACHINE
from state.upkeep.archive import (
    FILES,
    NEWER,
    SECRET,
    TABLES,
    TORN,
    Backup,
    Manifest,
    Meter,
    is_safe,
    moved_to,
    open_backup,
)
from state.upkeep.backup import SPARE, amount
from state.upkeep.contents import KnownFiles, OutsideImport, known_files, outside
from state.upkeep.tables import fill, set_counters, tables_of

ROWS = "." + TABLES  # folder beside the files, until the rows are in the database


@dataclass(frozen=True)
class Restored:
    """What was restored, and what of it lies outside of the data directory."""

    manifest: Manifest
    outside: list[OutsideImport]


def restore(file: Path, settings: Settings, meter: Meter | None = None) -> Restored:
    """Restore a backup to the data directory and database of the settings, whole or not at all.

    Raises InvalidInput for what is no backup or damaged, and where there is something already;
    StoreUnavailable where it cannot be written.
    """
    url = database_of(settings)
    require_nothing(settings.data_dir, url)
    with open_backup(file) as backup:
        if backup.manifest.schema not in revisions():
            raise InvalidInput(NEWER)
        try:
            _restore(backup, settings.data_dir, url, meter or Meter())
        except OSError as error:
            raise StoreUnavailable(
                f"The backup cannot be restored there ({error.strerror}); free some space, or "
                "choose another data directory."
            ) from error
    return Restored(backup.manifest, outside(settings.data_dir))


def database_of(settings: Settings) -> URL:
    """Where the database of the settings is; raises InvalidInput."""
    given = settings.database_url
    return parse_url(given) if given else settings.default_database


def require_nothing(data_dir: Path, url: URL) -> None:
    """Raise InvalidInput unless there is neither a data directory with files nor a database."""
    if data_dir.is_symlink() or (
        data_dir.exists() and (not data_dir.is_dir() or any(data_dir.iterdir()))
    ):
        raise InvalidInput(
            f"{data_dir} is not empty; nothing is overwritten, so give a new directory with "
            "--data-dir."
        )
    if url.get_backend_name() == "sqlite":
        if Path(str(url.database)).exists():
            raise InvalidInput(
                f"{url.database} exists; nothing is overwritten, so move it away or set "
                "RINGFENCE_DATABASE_URL to another file."
            )
        return
    engine = connect(url)
    try:
        with plain_errors():
            if inspect(engine).get_table_names():
                raise InvalidInput(
                    "The database has tables already; nothing is overwritten, so set "
                    "RINGFENCE_DATABASE_URL to an empty one."
                )
    finally:
        engine.dispose()


def _restore(backup: Backup, data_dir: Path, url: URL, meter: Meter) -> None:
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    _require_room(backup.manifest, data_dir.parent)
    meter.begin(backup.manifest.size)
    with tempfile.TemporaryDirectory(
        prefix=f".{data_dir.name}-", dir=data_dir.parent, ignore_cleanup_errors=True
    ) as temporary:
        draft = Path(temporary, "data")
        for name in backup.manifest.parts:
            place, _, rest = name.partition("/")
            backup.extract(name, draft / (ROWS if place == TABLES else "") / rest, meter)
        repoint(draft, backup.manifest.data_dir, str(data_dir))
        (draft / SECRET).unlink(missing_ok=True)

        def publish() -> None:
            shutil.rmtree(draft / ROWS)
            draft.rename(data_dir)  # over nothing, or an empty directory
            flush(data_dir.parent)

        if url.get_backend_name() == "sqlite":
            _into_file(backup, draft, Path(str(url.database)), data_dir, publish)
        else:
            _into_database(backup, draft, data_dir, url, publish)


def _require_room(manifest: Manifest, parent: Path) -> None:
    size, free = manifest.size, shutil.disk_usage(parent).free
    if free < size + SPARE:
        raise StoreUnavailable(
            f"The backup needs {amount(size)} and {amount(free)} are free; free some space, or "
            "choose a data directory on another disk."
        )


def _into_file(
    backup: Backup, draft: Path, file: Path, data_dir: Path, publish: Callable[[], None]
) -> None:
    """Make a database file of the rows, and give files and database their names."""
    within = file.is_relative_to(data_dir)
    born = draft / file.relative_to(data_dir) if within else file.with_name(f".{file.name}.new")
    born.parent.mkdir(parents=True, exist_ok=True)
    try:
        engine = connect(URL.create("sqlite", database=str(born)))
        try:
            with restructuring(engine) as connection:
                _fill(connection, backup, draft, data_dir)
        finally:
            engine.dispose()
        flush(born)
        publish()
        if not within:
            publish_file(born, file)
    finally:
        if not within:
            born.unlink(missing_ok=True)


def _into_database(
    backup: Backup, draft: Path, data_dir: Path, url: URL, publish: Callable[[], None]
) -> None:
    """Put the rows into a database; its transaction ends once the files have their names."""
    engine = connect(url)
    published = False
    try:
        with restructuring(engine) as connection:
            _fill(connection, backup, draft, data_dir)
            publish()
            published = True
    except BaseException:
        if published:
            shutil.rmtree(data_dir, ignore_errors=True)
        raise
    finally:
        engine.dispose()


def _fill(connection: Connection, backup: Backup, draft: Path, data_dir: Path) -> None:
    """Make the schema of the backup, put its rows in, and bring it up to date.

    Whoever made the backup may have written anything into its rows. That it was restored is noted.
    """
    migrate(connection, backup.manifest.schema)
    with _damage_of(backup):
        _put_rows(connection, backup, draft, data_dir)
        migrate(connection)
        if not all(map(is_safe, _places(known_files(connection)))):
            raise backup.damaged()
    note(connection, time.time(), MACHINE, Deed.RESTORED_BACKUP, backup.file.name)


@contextmanager
def _damage_of(backup: Backup) -> Iterator[None]:
    """Say of rows that are none, or are not what their tables take, that the backup is damaged."""
    try:
        yield
    except (OperationalError, InternalError, InterfaceError):
        raise  # the database is full, or has gone
    except (*TORN, SQLAlchemyError) as error:
        raise backup.damaged() from error


def _places(known: KnownFiles) -> Iterator[str]:
    """The places of all files that rows point at, by what each would be called in a backup.

    What is called by one name is one folder, without others between.
    """
    for one in known.versions:
        yield from (f"{FILES}/{one.directory}/{name}" for name in ("folder", *one.hashes))
    for place, names in (("imports", known.imports), ("examples", known.examples)):
        yield from (f"{FILES}/{place}/{name if '/' not in name else '..'}/file" for name in names)


def _put_rows(connection: Connection, backup: Backup, draft: Path, data_dir: Path) -> None:
    manifest = backup.manifest
    tables = tables_of(connection)
    if set(tables) != set(manifest.rows) or set(manifest.rows) != set(backup.tables):
        raise backup.damaged()
    for table in reversed(tables.values()):  # what a migration has put in is in the backup, too
        connection.execute(table.delete())
    old, new = manifest.data_dir, str(data_dir)
    for name, table in tables.items():
        with (draft / ROWS / f"{name}.jsonl").open("rb") as lines:
            if (
                fill(connection, table, lines, lambda one: moved_to(one, old, new))
                != manifest.rows[name]
            ):
                raise backup.damaged()
    set_counters(connection, tables.values(), manifest.counters)


def repoint(draft: Path, old: str, new: str) -> None:
    """Have files that name others of the data directory name them where they come to be."""
    for pattern in ("imports/*/plan.json", "runs/*/run.json"):
        for path in draft.glob(pattern):
            try:
                told = json.loads(path.read_text(encoding="utf-8"))
            except (ValueError, RecursionError):
                continue  # damaged before the backup was made
            if (moved := moved_to(told, old, new)) != told:
                path.write_text(json.dumps(moved, indent=2), encoding="utf-8")
