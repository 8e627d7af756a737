"""Make a backup: one file with the rows of a database and the files that they point at.

The rows are those of one moment, and come first: what is published is only added to or put in its
place whole, so that the files of that moment are still there a little later. Where some are not, as
a project was erased meanwhile, the backup begins anew.
"""

import contextlib
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from anomaly_core.errors import InvalidInput
from ringfence import __version__
from state.errors import StoreUnavailable
from state.store.audit_log import Deed
from state.store.database import reading
from state.store.people import Annotator
from state.store.schema import Role
from state.store.store import Store
from state.upkeep.archive import FILES, TABLES, BackupWriter, Manifest, Meter, pieces_of
from state.upkeep.contents import KnownFiles, files_of, known_files
from state.upkeep.tables import counters_of, lines_of, revision_of, snapshot, tables_of

TRIES = 5  # of the whole, while projects are erased
SPARE = 50_000_000  # bytes that are left free
OF_SQLITE = ("", "-wal", "-shm", "-journal")  # what the names of a database's files end with
ONLY_OWNERS = "Only an owner may make a backup; ask one of those on Team."


@dataclass(frozen=True)
class SavedBackup:
    """A backup that was made; `size` in bytes."""

    file: Path
    size: int
    manifest: Manifest


def back_up(store: Store, file: Path, who: Annotator, meter: Meter | None = None) -> SavedBackup:
    """Make a backup as a file that is not there yet, and remember that.

    Raises InvalidInput for a file that is there or in the data directory, StoreUnavailable where it
    cannot be written, and NotAllowed for whoever is no owner.
    """
    log = store.audit_log
    log.require(who, Role.OWNER, ONLY_OWNERS)
    if file.exists() or file.is_symlink():
        raise InvalidInput(f"{file} exists; give the name of a new file.")
    _require_elsewhere(store, file)
    log.record(who, Deed.BEGAN_BACKUP, file.name, refusal=ONLY_OWNERS)
    draft = file.with_name(f"{file.name}.part")
    try:
        with _new(draft) as target:
            manifest = Making(store, draft, target, meter or Meter()).whole()
            target.flush()
            os.fsync(target.fileno())
            if file.exists():
                raise InvalidInput(f"{file} exists by now; give the name of a new file.")
            size = draft.stat().st_size
            subject = f"{file.name}, {amount(size)}"
            with log.doing(who, Deed.MADE_BACKUP, subject, refusal=ONLY_OWNERS):
                draft.rename(file)
    except OSError as error:
        raise StoreUnavailable(
            f"The backup cannot be written ({error.strerror}); free some space, or give a file in "
            "another folder."
        ) from error
    return SavedBackup(file, size, manifest)


def _require_elsewhere(store: Store, file: Path) -> None:
    """Refuse a place where the backup would be taken for what it is a backup of."""
    place, url = file.parent.resolve() / file.name, store.engine.url
    on_sqlite = url.get_backend_name() == "sqlite"
    beside = {Path(f"{url.database}{end}").resolve() for end in OF_SQLITE * on_sqlite}
    if place.is_relative_to(store.settings.data_dir.resolve()) or place in beside:
        raise InvalidInput(
            "A backup cannot lie in the data directory or in the place of its database; give a "
            "file in another folder."
        )


@contextlib.contextmanager
def _new(draft: Path) -> Iterator[BinaryIO]:
    """A file that only its owner may read, as it holds secrets; gone unless it gets its name."""
    try:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InvalidInput(
            f"{draft} is left of a backup that was stopped, or one is being made; remove it, or "
            "give another name."
        ) from error
    try:
        with os.fdopen(descriptor, "r+b") as target:
            yield target
    finally:
        draft.unlink(missing_ok=True)


@dataclass
class Making:
    """One backup while it is made."""

    store: Store
    draft: Path
    target: BinaryIO
    meter: Meter
    missing: set[str] = field(default_factory=set)  # of the versions that rows tell of
    gone: set[str] = field(default_factory=set)  # files that were there a moment ago
    torn: set[str] = field(default_factory=set)  # files that hash to something else

    @property
    def data_dir(self) -> Path:
        """Where the files are."""
        return self.store.settings.data_dir

    def whole(self) -> Manifest:
        """Write all of it, anew while what was known goes meanwhile."""
        for _ in range(TRIES):
            self.missing, self.gone = set(), set()
            before, self.torn = self.torn, set()
            manifest = self._attempt()
            with reading(self.store.engine) as connection:
                known = {one.directory for one in known_files(connection).versions}
            if not self.gone and self.missing <= known and self.torn <= before:
                break
        return manifest

    def _attempt(self) -> Manifest:
        self.target.seek(0)
        self.target.truncate()
        made_at = time.time()
        with (
            tempfile.TemporaryDirectory(dir=self.draft.parent, prefix=".ringfence-") as private,
            snapshot(self.store.engine, copy := Path(private, "copy.db")) as connection,
        ):
            known = known_files(connection)
            files = self._sized(known)
            rows = copy.stat().st_size if copy.exists() else 0
            self._require_room(sum(files.values()) + rows)
            self.meter.begin(sum(files.values()))
            with zipfile.ZipFile(self.target, "w") as archive:
                writer = BackupWriter(archive, self.meter)
                rows_only = self._write_rows(connection, writer, made_at)
                self._write_files(writer, files)
                self._compare(writer, known)
                missing = tuple(sorted(self.missing | self.gone | self.torn))
                manifest = replace(rows_only, parts=writer.parts, missing=missing)
                writer.seal(manifest)
        return manifest

    def _sized(self, known: KnownFiles) -> dict[Path, int]:
        """Every file there is, with its length; notes what is known and not there."""
        for one in known.versions:
            folder = self.data_dir / one.directory
            if folder.is_symlink() or not folder.is_dir():
                self.missing.add(one.directory)
        found = {}
        for path in files_of(self.data_dir, known):
            try:
                found[path] = (self.data_dir / path).stat().st_size
            except FileNotFoundError:
                self.gone.add(path.as_posix())
        return found

    def _require_room(self, size: int) -> None:
        free = shutil.disk_usage(self.draft.absolute().parent).free
        if free < size + SPARE:
            raise StoreUnavailable(
                f"The backup needs about {amount(size)} and {amount(free)} are free; free some "
                "space, or give a file on another disk."
            )

    def _write_rows(self, connection: Connection, writer: BackupWriter, made_at: float) -> Manifest:
        tables = tables_of(connection)
        rows = {}
        for name, table in tables.items():
            with contextlib.closing(lines_of(connection, table)) as lines:
                counted = Counted(lines)
                writer.add(f"{TABLES}/{name}.jsonl", counted, pack=True)
            rows[name] = counted.count
        return Manifest(
            made_at=made_at,
            release=__version__,
            schema=revision_of(connection),
            data_dir=str(self.data_dir),
            rows=rows,
            counters=counters_of(connection, tables.values()),
        )

    def _write_files(self, writer: BackupWriter, files: dict[Path, int]) -> None:
        for path in files:
            try:
                with (self.data_dir / path).open("rb") as source:
                    size = os.fstat(source.fileno()).st_size
                    writer.add(f"{FILES}/{path.as_posix()}", pieces_of(source, size))
            except FileNotFoundError:
                self.gone.add(path.as_posix())

    def _compare(self, writer: BackupWriter, known: KnownFiles) -> None:
        """Note the files that are not what their rows say."""
        for one in known.versions:
            for name, sha256 in one.hashes.items():
                path = f"{one.directory}/{name}"
                part = writer.parts.get(f"{FILES}/{path}")
                if part is not None and part.sha256 != sha256:
                    self.torn.add(path)


class Counted:
    """Lines, counted as they pass."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self.lines:
            self.count += 1
            yield line


def amount(size: float) -> str:
    """So many bytes in words."""
    units = ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        del units[0]
    return f"{size:,.0f} {units[0]}" if size >= 100 or len(units) == 5 else f"{size:.1f} {units[0]}"
