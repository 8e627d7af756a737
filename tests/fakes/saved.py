"""Backups for tests: one is made and restored elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from state.files.imports import ImportPlan, new_import
from state.settings import Settings
from state.store.people import MACHINE
from state.store.store import Store
from state.upkeep.backup import back_up
from state.upkeep.restore import restore


def saved(store: Store, folder: Path, name: str = "b.zip") -> Path:
    """A backup of a store and its files, as a file in a folder."""
    return back_up(store, folder / name, MACHINE).file


@contextmanager
def restored(file: Path, settings: Settings) -> Iterator[Store]:
    """The store that a backup was restored to."""
    restore(file, settings)
    with Store.open(settings) as store:
        yield store


def own_import(data_dir: Path, source: str, in_place: bool = False) -> str:
    """The name of an import that was begun and no more."""
    found = new_import(data_dir)
    found.set_plan(ImportPlan(source, in_place))
    return found.name
