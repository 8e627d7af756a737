"""What can be wrong with files: those that rows point at, and those that no row does."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from anomaly_core.errors import Refused, RingfenceError
from state.errors import StoreDamaged, StoreUnavailable
from state.files import artifacts
from state.files.hashes import torn
from state.files.imports import ImportFolder
from state.files.unfinished import is_marked
from state.store.projects import is_number
from state.upkeep.contents import KnownFiles, all_imports

ABANDONED_SECONDS = 86_400.0  # after which a row should have come
SAMPLE = 200  # of the files that stayed in place, to see whether they have changed
NAMED = 5  # files in one sentence
RESTORE = "restore a backup with ringfence restore"
MOVE = "if they are not needed any more, remove them from the data directory"


@dataclass(frozen=True)
class Ailment:
    """Something that is wrong, and what to do; without a full stop."""

    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.what}; {self.do}."


def file_findings(
    data_dir: Path, known: KnownFiles, looked: Callable[[str], object]
) -> list[Ailment]:
    """What is wrong with the files of a data directory; `looked` is told what comes next."""
    found = list(_projects(data_dir, known))
    for one in known.versions:
        looked(one.title)
        found += _version(data_dir / one.directory, one.title, one.hashes)
    looked("imports")
    found += _imports(data_dir, known)
    found += _examples(data_dir, known)
    found += _orphans(data_dir, known)
    return found


def _version(folder: Path, title: str, hashes: dict[str, str]) -> Iterator[Ailment]:
    if not folder.is_dir():
        yield Ailment(f"{title} has no files", f"choose another version, or {RESTORE}")
    elif bad := torn(folder, hashes):
        yield Ailment(
            f"{title} is not what was published: {listed(bad)}",
            f"use another version, or {RESTORE}",
        )


def _projects(data_dir: Path, known: KnownFiles) -> Iterator[Ailment]:
    for number in sorted(known.prepared):
        try:
            artifacts.read_array(artifacts.project_folder(data_dir, number) / "pool.npy")
        except StoreDamaged:
            yield Ailment(f"The pool of project {number} is missing or damaged", RESTORE)


def _imports(data_dir: Path, known: KnownFiles) -> Iterator[Ailment]:
    there = {one.name: one for one in all_imports(data_dir)}
    for name in sorted(known.imports - set(there)):
        yield Ailment(f"The images of import {name[:8]} are gone", RESTORE)
    for one in there.values():
        try:
            yield from _import(one)
        except RingfenceError as error:
            yield Ailment(f"Import {one.name[:8]}: {str(error).rstrip('.')}", RESTORE)


def _import(found: ImportFolder) -> Iterator[Ailment]:
    """Look at the files of an import that stayed in place, at some of them where they are many."""
    plan = found.plan
    if not plan.in_place or not found.listed:
        return
    if not Path(plan.source).exists():
        yield Ailment(
            f"The images of {found.title} are not where they were imported from, {plan.source}",
            "put them back there",
        )
        return
    records = list(found.records())
    chosen = records[:: max(1, len(records) // SAMPLE)]
    gone: list[str] = []
    changed: list[str] = []
    with found.stayed() as source:
        for block, record in chosen:
            try:
                block.original(record, source)
            except StoreUnavailable as error:
                is_gone = isinstance(error.__cause__, Refused)
                (gone if is_gone else changed).append(record.entry.path)
    for what, paths in (("are gone", gone), ("have changed", changed)):
        if paths:
            yield Ailment(
                f"Of {len(chosen):,} images of {found.title} that were looked at in {plan.source}, "
                f"{len(paths):,} {what}: {listed(paths)}",
                "put them back as they were",
            )


def _examples(data_dir: Path, known: KnownFiles) -> Iterator[Ailment]:
    gone = [one for one in sorted(known.examples) if not (data_dir / "examples" / one).is_dir()]
    if gone:
        yield Ailment("Examples that go with the guidelines of a project are gone", RESTORE)


def _orphans(data_dir: Path, known: KnownFiles) -> Iterator[Ailment]:
    """Folders that are named as those of rows are, without a row, and that nobody is making."""
    rows = {f"projects/{number}" for number in known.projects}
    rows |= {f"runs/{number}" for number in known.runs}
    rows |= {one.directory for one in known.versions}
    rows |= {f"examples/{name}" for name in known.examples}
    numbered = [one for place in ("projects", "runs") for one in folders_in(data_dir / place)]
    named = [path for path in data_dir.glob("projects/*/models/*") if is_abandoned(path)]
    named += [path for path in folders_in(data_dir / "examples") if is_abandoned(path)]
    there = [one for one in numbered if is_number(one.name)] + named
    names = {one: one.relative_to(data_dir).as_posix() for one in there}
    orphans = [name for one, name in names.items() if name not in rows and not is_marked(one)]
    if orphans:
        yield Ailment(
            f"The database knows nothing of {listed(sorted(orphans))}",
            f"put back the database that they are of, or, {MOVE}",
        )


def leftover_findings(data_dir: Path, left: Iterable[Path]) -> Iterator[Ailment]:
    """Tell of what killed processes have left."""
    if names := sorted({path.relative_to(data_dir).as_posix() for path in left}):
        yield Ailment(
            f"What nothing uses any more lies around: {listed(names)}",
            "start Ringfence again, which sweeps it up",
        )


def folders_in(folder: Path) -> list[Path]:
    """The folders in a folder that need not exist, but for hidden ones."""
    there = folder.iterdir() if folder.is_dir() else ()
    return [path for path in there if path.is_dir() and path.name[0] != "."]


def is_abandoned(path: Path) -> bool:
    """Whether nobody can still be at it, also who has just taken away its mark."""
    try:
        return time.time() - path.stat().st_mtime > ABANDONED_SECONDS
    except OSError:
        return False


def listed(names: Iterable[str]) -> str:
    """Some names in a sentence, the first of many."""
    every = list(names)
    more = f" and {len(every) - NAMED:,} more" if every[NAMED:] else ""
    return f"{', '.join(every[:NAMED])}{more}"
