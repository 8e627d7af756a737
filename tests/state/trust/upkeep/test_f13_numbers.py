"""F13: no number of a project or run is given twice, whatever was erased, restored or is new."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from label_desk import new_project
from saved import restored, saved
from sqlalchemy import text, update

from anomaly_core.errors import InvalidInput
from state.files.artifacts import project_folder
from state.files.pictures import key_to
from state.projects.imports import Imports
from state.projects.shelf import SECONDS, Shelf
from state.settings import Settings
from state.store.audit_log import Deed
from state.store.database import writing
from state.store.migrations import upgrade
from state.store.people import MACHINE
from state.store.schema import JobKind, project
from state.store.store import Store


def erased(store: Store, number: int) -> None:
    """Delete a project for good."""
    store.projects.remove(number)
    store.projects.erase(number)


def shelf_of(store: Store) -> Shelf:
    settings = store.settings
    return Shelf(store, Imports(store, settings), settings.data_dir)


def removed_long_ago(store: Store, number: int) -> None:
    store.projects.remove(number)
    with writing(store.engine) as connection:
        long_ago = update(project).values(removed_at=store.clock() - 2 * SECONDS)
        connection.execute(long_ago.where(project.c.id == number))


class TestF13Numbers:
    def test_an_erased_project_has_no_successor(self, store: Store):
        data_dir = store.settings.data_dir
        keys = set()
        for number in range(1, 4):
            assert store.projects.create(new_project()).id == number
            keys.add(key_to(data_dir, number))
            erased(store, number)
        assert len(keys) == 3
        assert store.projects.last_number == 3

    def test_nor_has_one_that_was_erased_before_it_was_remembered(self, store: Store):
        for name in ("a", "b"):
            store.projects.create(new_project(name))
        store.audit_log.record(MACHINE, Deed.DELETED_PROJECT, project_id=2)
        erased(store, 2)
        with writing(store.engine) as connection:  # as the version before left it
            connection.execute(text("DROP TABLE last_number"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0011'"))
        upgrade(store.engine)
        assert store.projects.create(new_project("c")).id == 3

    def test_nor_after_a_restore(self, store: Store, new_settings, tmp_path):
        store.projects.create(new_project("a"))
        erased(store, store.projects.create(new_project("b")).id)
        store.work.runs.forget(store.work.runs.cancel(store.work.runs.ask(JobKind.RUN).id).id)
        with restored(saved(store, tmp_path), new_settings()) as copy:
            assert copy.projects.create(new_project("c")).id == 3
            assert copy.work.runs.ask(JobKind.RUN).id == 2
            there, here = copy.settings.data_dir, store.settings.data_dir
            assert key_to(there, 1) != key_to(here, 1)  # which gives numbers of its own from now on

    def test_nor_where_a_server_of_the_version_before_creates_one(self, store: Store):
        first = store.projects.create(new_project("a"))
        with writing(store.engine) as connection:
            connection.execute(text("UPDATE last_number SET number = 0"))
        assert store.projects.create(new_project("b")).id == first.id + 1

    def test_many_at_once_have_one_each(self, store: Store):
        def create(name: int) -> int:
            return store.projects.create(new_project(str(name))).id

        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(create, range(16)))
        assert sorted(numbers) == list(range(1, 17))

    def test_what_was_refused_takes_none(self, store: Store):
        store.projects.create(new_project())
        for _ in range(3):
            with pytest.raises(Exception, match="There is a project called"):
                store.projects.create(new_project())
        assert store.projects.create(new_project("other")).id == 2


class TestF2ErasedProjects:
    @pytest.fixture
    def stubborn(self, store: Store) -> Callable[[], None]:
        """A project long removed whose folder cannot be; gives what lets it go."""
        made = store.projects.create(new_project())
        folder = project_folder(store.settings.data_dir, made.id)
        elsewhere = folder.with_name("elsewhere")
        elsewhere.mkdir()
        folder.symlink_to(elsewhere)  # which is not followed
        removed_long_ago(store, made.id)
        return folder.unlink

    def test_f2_a_row_goes_only_once_its_files_are_gone(self, store: Store, stubborn):
        shelf = shelf_of(store)
        shelf.tidy()
        (kept,) = store.projects.removed()
        assert shelf.removed() == []
        with pytest.raises(InvalidInput, match="more than a day ago"):
            shelf.restore(kept.id, MACHINE)
        stubborn()
        shelf.tidy()
        assert store.projects.removed() == []
        assert store.projects.create(new_project()).id == kept.id + 1

    def test_f2_one_within_its_day_comes_back(self, store: Store):
        made, shelf = store.projects.create(new_project()), shelf_of(store)
        store.projects.remove(made.id)
        shelf.tidy()
        assert [one.id for one in shelf.removed()] == [made.id]
        shelf.restore(made.id, MACHINE)
        assert [one.id for one in store.projects.all()] == [made.id]


def test_f13_a_fresh_database_goes_on_after_the_folders(new_settings: Callable[[], Settings]):
    settings = new_settings()
    settings.prepare()
    for place, number in (("projects", 7), ("runs", 4)):
        (settings.data_dir / place / str(number)).mkdir(parents=True)
    with Store.open(settings) as store:
        assert store.projects.create(new_project()).id == 8
        shutil.rmtree(settings.projects_dir / "7")
        assert store.projects.create(new_project("other")).id == 9
