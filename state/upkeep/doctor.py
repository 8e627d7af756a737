"""Whether a data directory and its database are sound; only looks, also while Ringfence runs.

What has to do with rows is looked at only where the database is of the schema of this version.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select

from anomaly_core.errors import InvalidInput
from state.files.kinship import belonging
from state.files.sweeping import left
from state.settings import Settings
from state.store.audit_log import Deed, DeedDone
from state.store.database import connect, reading
from state.store.migrations import newest, revisions
from state.store.migrations.sqlite_file import file_problems
from state.store.schema import event
from state.store.store import Store
from state.upkeep.backup import amount
from state.upkeep.checks import Ailment, file_findings, leftover_findings
from state.upkeep.contents import known_files
from state.upkeep.restore import database_of
from state.workers.processes.presence import ProcessCard, living, release

LEAST_FREE = 1_000_000_000  # bytes
NOTHING = "There is no database and no data directory yet; start Ringfence, or set {}."
FROM_BACKUP = (
    "stop Ringfence, move the data directory away and restore a backup with ringfence restore"
)
OLDER = Ailment(
    "The database is that of an older version of Ringfence, so its rows were not looked at",
    "start Ringfence, which brings it up to date, and ask again",
)
NEWER = Ailment(
    "The database is that of a newer version of Ringfence, so its rows were not looked at",
    "update Ringfence",
)


@dataclass
class Diagnosis:
    """What was found; `facts` are figures to go with it."""

    findings: list[Ailment] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    backup: DeedDone | None = None
    workers: list[ProcessCard] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is to be done."""
        return not self.findings


def examine(settings: Settings, looked: Callable[[str], object] = lambda what: None) -> Diagnosis:
    """Look at everything; `looked` is told what comes next.

    Raises InvalidInput where there is nothing to look at, StoreUnavailable where the database
    cannot be asked.
    """
    found, data_dir = Diagnosis(), settings.data_dir
    url = database_of(settings)
    file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
    if not data_dir.is_dir() and (file is None or not file.exists()):
        raise InvalidInput(NOTHING.format("RINGFENCE_DATA_DIR"))
    looked("database")
    with looking(settings) as (store, problems):
        found.findings += problems
        if store is not None:
            _look_at_rows(store, found, looked)
    looked("processes")
    _look_at_processes(data_dir, found)
    _look_at_disk(data_dir, found)
    return found


@contextmanager
def looking(settings: Settings) -> Iterator[tuple[Store | None, list[Ailment]]]:
    """The store as it is, nothing created or migrated; `None` with why not to ask it."""
    url = database_of(settings)
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        if not file.exists():
            yield None, [Ailment(f"{file.name} is not there", FROM_BACKUP)]
            return
        if problems := file_problems(file, full=True):
            yield None, [Ailment(f"{file.name} {one}", FROM_BACKUP) for one in problems]
            return
    engine = connect(url)
    try:
        with reading(engine) as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
        if revision == newest():
            yield Store(engine, settings, time.time), []
        else:
            yield None, [OLDER if revision in revisions() or revision is None else NEWER]
    finally:
        engine.dispose()


def _look_at_rows(store: Store, found: Diagnosis, looked: Callable[[str], object]) -> None:
    data_dir = store.settings.data_dir
    looked("events")
    for sentence in store.integrity_problems():
        found.findings.append(Ailment(sentence.rstrip("."), FROM_BACKUP))
    if trouble := belonging(store).trouble:
        what, _, do = trouble.partition(". ")
        found.findings.append(Ailment(what, f"{do[0].lower()}{do[1:].rstrip('.')}"))
    with reading(store.engine) as connection:
        known = known_files(connection)
        events = connection.execute(select(func.count()).select_from(event)).scalar_one()
    found.findings += file_findings(data_dir, known, looked)
    found.findings += leftover_findings(data_dir, left(store, data_dir))
    found.backup = store.audit_log.latest(Deed.MADE_BACKUP)
    found.facts |= {
        "projects": len(known.projects),
        "versions": len(known.versions),
        "events": events,
        "runs": len(known.runs),
    }


def _look_at_processes(data_dir: Path, found: Diagnosis) -> None:
    found.workers = living(data_dir)
    for one in found.workers:
        if one.release != release():
            found.findings.append(
                Ailment(
                    f"A {one.kind} of another version of Ringfence is at work",
                    "start Ringfence again, or end it with ringfence stop",
                )
            )


def _look_at_disk(data_dir: Path, found: Diagnosis) -> None:
    try:
        free = shutil.disk_usage(data_dir).free
    except OSError:
        found.findings.append(
            Ailment("The data directory cannot be looked at", "see whether its disk is there")
        )
        return
    found.facts["free"] = free
    if free < LEAST_FREE:
        found.findings.append(
            Ailment(f"Only {amount(free)} are free for the data directory", "free some space")
        )
