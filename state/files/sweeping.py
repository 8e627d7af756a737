"""What killed processes have left in a data directory, and its removal; see `unfinished`."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from state.files.artifacts import project_folder
from state.files.examples import KeptExamples
from state.files.imports import import_named, imports_folder
from state.files.unfinished import IsKnown, everything, leftovers, sweep
from state.store.projects import Project
from state.store.store import Store

Place = tuple[Path, IsKnown]
"""A folder in which something is published, and which names in it are known."""


def sweep_project(store: Store, data_dir: Path, project_id: int) -> list[str]:
    """Remove what was left of one project; returns the names of what went."""
    return [name for place in places_of(store, data_dir, project_id) for name in sweep(*place)]


def sweep_all(store: Store, data_dir: Path) -> list[str]:
    """Remove what was left anywhere; returns the names of what went."""
    return [name for place in places(store, data_dir) for name in sweep(*place)]


def left(store: Store, data_dir: Path) -> list[Path]:
    """What `sweep_all` would remove now."""
    found = (leftovers(*place) for place in places(store, data_dir))
    return [path for each in found for one in each for path in one.paths]


def places(store: Store, data_dir: Path) -> Iterator[Place]:
    """Everywhere in a data directory that something is published."""
    yield data_dir / "projects", everything
    yield data_dir / "examples", lambda name: name in examples(store)
    yield data_dir / "runs", lambda name: name.isdecimal() and is_run(store, int(name))
    yield imports_folder(data_dir), lambda name: is_planned(data_dir, name)
    for folder in sorted(imports_folder(data_dir).glob("*")):
        yield folder, everything
        yield folder / "blocks", everything  # as of older versions
    for one in projects(store):
        yield from places_of(store, data_dir, one.id)


def places_of(store: Store, data_dir: Path, project_id: int) -> Iterator[Place]:
    """Everywhere in the folder of a project that something is published."""
    folder, models = project_folder(data_dir, project_id), store.models
    yield (
        folder / "models",
        lambda name: name in {PurePosixPath(one.directory).name for one in models.all(project_id)},
    )
    for parent in (folder, folder / "random", folder / "maps", *folder.glob("maps/*")):
        yield parent, everything


def projects(store: Store) -> list[Project]:
    """All that there are, also those that may come back."""
    return [*store.projects.all(), *store.projects.removed()]


def examples(store: Store) -> set[str]:
    """The names of the examples that projects have."""
    return {kept.name for one in projects(store) if (kept := KeptExamples.of(one.detector))}


def is_run(store: Store, number: int) -> bool:
    """Whether there is a run of that number."""
    return store.work.runs.get(number) is not None


def is_planned(data_dir: Path, name: str) -> bool:
    """Whether an import has got as far as being one."""
    found = import_named(data_dir, name)
    return found is not None and found.planned
