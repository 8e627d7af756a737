"""Which files of a data directory its database knows of."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from anomaly_core.errors import RingfenceError
from state.files.examples import KeptExamples
from state.files.imports import ImportFolder, import_named, imports_folder
from state.files.kinship import MARK
from state.files.versions import WEIGHTS
from state.store.schema import batch, model, project, work
from state.store.work import RUNS

PASSING = ("unpacked", "lock")  # of an import: what an importer has while it is at it
PARTS = (".part",)  # files that are still being written


@dataclass(frozen=True)
class KnownVersion:
    """A model version by its row; `directory` is relative to the data directory."""

    project_id: int
    version: int
    directory: str
    hashes: dict[str, str]  # of its files, by their path in the directory

    @property
    def title(self) -> str:
        """What to call it."""
        return f"Model {self.version} of project {self.project_id}"


@dataclass(frozen=True)
class KnownFiles:
    """What the rows of a database say of files."""

    projects: dict[int, str]  # their names; also removed ones that may still come back
    versions: tuple[KnownVersion, ...]
    imports: frozenset[str]
    examples: frozenset[str]
    runs: frozenset[int]

    @property
    def prepared(self) -> set[int]:
        """The projects that have a pool: those with a model."""
        return {one.project_id for one in self.versions}


def known_files(connection: Connection) -> KnownFiles:
    """What a database says of files, in one transaction."""
    rows = connection.execute(select(project.c.id, project.c.name, project.c.detector)).all()
    versions = connection.execute(select(model).order_by(model.c.project_id, model.c.version))
    kept = (KeptExamples.of(row.detector) for row in rows)
    return KnownFiles(
        {row.id: row.name for row in rows},
        tuple(
            KnownVersion(
                one.project_id, one.version, one.directory, one.files or {WEIGHTS: one.sha256}
            )
            for one in versions
        ),
        frozenset(connection.execute(select(batch.c.import_name)).scalars()),
        frozenset(one.name for one in kept if one is not None),
        frozenset(connection.execute(select(work.c.id).where(work.c.scope == RUNS.name)).scalars()),
    )


def files_of(data_dir: Path, known: KnownFiles) -> Iterator[Path]:
    """Every file that belongs to what is known, relative to the data directory.

    Logs, what backbones made of images (`features/`) and what is not published yet do not, nor
    does the secret that keys to pictures are drawn by: a restored copy has keys of its own, as it
    may give numbers that were given here after the backup.
    """
    if (data_dir / MARK).is_file() and not (data_dir / MARK).is_symlink():
        yield Path(MARK)
    for number in sorted(known.projects):
        yield from _below(data_dir, Path("projects", str(number)), leave_out=("models",))
    for one in known.versions:
        yield from _below(data_dir, Path(one.directory))
    for found in all_imports(data_dir):
        yield from _below(data_dir, found.folder.relative_to(data_dir), leave_out=PASSING)
    for name in sorted(known.examples):
        yield from _below(data_dir, Path("examples", name))
    for number in sorted(known.runs):
        yield from _below(data_dir, Path("runs", str(number)))
    yield from _below(data_dir, Path("datasets"))


def all_imports(data_dir: Path) -> list[ImportFolder]:
    """Every import that was begun, whether a project was made of it or not."""
    folder = imports_folder(data_dir)
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return [one for name in names if (one := import_named(data_dir, name)) and one.planned]


def _below(data_dir: Path, top: Path, leave_out: tuple[str, ...] = ()) -> Iterator[Path]:
    """The files of a folder; what begins with a dot was never published.

    Links are left out, as they may lead to anything on this machine.
    """
    if (data_dir / top).is_symlink():
        return
    for folder, folders, files in os.walk(data_dir / top):
        here = Path(folder).relative_to(data_dir)
        hidden = leave_out if here == top else ()
        folders[:] = sorted(one for one in folders if one[0] != "." and one not in hidden)
        for name in sorted(files):
            kept = name[0] != "." and name not in hidden and not name.endswith(PARTS)
            if kept and is_plain(name) and not Path(folder, name).is_symlink():
                yield here / name


def is_plain(name: str) -> bool:
    """Whether a name is text; others cannot be written down."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True)
class OutsideImport:
    """An import whose files stayed where they were."""

    name: str
    title: str
    source: Path

    @property
    def there(self) -> bool:
        """Whether the folder or file that it is from is there."""
        try:
            return self.source.exists()
        except OSError:
            return False


def outside(data_dir: Path) -> list[OutsideImport]:
    """The imports whose files lie elsewhere; no copy of the data directory has those."""
    found = []
    for one in all_imports(data_dir):
        try:
            plan = one.plan
        except RingfenceError:
            continue  # damaged, which is told of elsewhere
        if plan.in_place:
            found.append(OutsideImport(one.name, one.title, Path(plan.source)))
    return found
