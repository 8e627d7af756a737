"""Removes what killed processes have left in a data directory; see `state.files.unfinished`."""

from pathlib import Path, PurePosixPath

from state.files.artifacts import project_folder
from state.files.examples import KeptExamples
from state.files.imports import import_named, imports_folder
from state.files.unfinished import sweep
from state.store.projects import Project
from state.store.store import Store


def sweep_project(store: Store, data_dir: Path, project_id: int) -> list[str]:
    """Remove what was left of one project; returns the names of what went."""
    folder = project_folder(data_dir, project_id)
    models = store.models
    swept = sweep(
        folder / "models",
        lambda name: name in {PurePosixPath(one.directory).name for one in models.all(project_id)},
    )
    for parent in (folder, folder / "random", folder / "maps", *folder.glob("maps/*")):
        swept += sweep(parent)
    return swept


def sweep_all(store: Store, data_dir: Path) -> list[str]:
    """Remove what was left anywhere; returns the names of what went."""
    swept = [
        *sweep(data_dir / "projects"),
        *sweep(data_dir / "examples", lambda name: name in examples(store)),
        *sweep(
            data_dir / "runs",
            lambda name: name.isdecimal() and store.work.runs.get(int(name)) is not None,
        ),
        *sweep(imports_folder(data_dir), lambda name: is_planned(data_dir, name)),
    ]
    for one in projects(store):
        swept += sweep_project(store, data_dir, one.id)
    return swept


def projects(store: Store) -> list[Project]:
    """All that there are, also those that may come back."""
    return [*store.projects.all(), *store.projects.removed()]


def examples(store: Store) -> set[str]:
    """The names of the examples that projects have."""
    return {kept.name for one in projects(store) if (kept := KeptExamples.of(one.detector))}


def is_planned(data_dir: Path, name: str) -> bool:
    """Whether an import has got as far as being one."""
    found = import_named(data_dir, name)
    return found is not None and found.planned
