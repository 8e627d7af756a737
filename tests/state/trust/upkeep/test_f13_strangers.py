"""F13: a new database beside old files, an old database beside new files."""

import shutil

import numpy as np
import pytest
from label_desk import new_project

from anomaly_core.recipes.folder import DONE, RunFolder
from anomaly_core.recipes.plan import Plan
from state.files.kinship import (
    DRAFT,
    MARK,
    NEW_DATABASE,
    NO_FILES,
    OLDER_DATABASE,
    STRANGERS,
    accept,
    belonging,
    settle,
)
from state.projects.projects import Projects
from state.settings import Settings
from state.store.audit_log import Deed
from state.store.people import MACHINE
from state.store.store import Store
from state.upkeep.doctor import examine
from state.workers.runner import Runner

PLAN = Plan(recipe="three-autoencoders")


def opened(settings: Settings) -> Store:
    return Store.open(settings)


def url_of(settings: Settings) -> str:
    """Where the database of other settings is."""
    return settings.database_url or f"sqlite:///{settings.data_dir / 'ringfence.db'}"


def old_files(settings: Settings) -> None:
    """What a database that is gone has left: two projects and a run that is done."""
    for number in (1, 2):
        folder = settings.projects_dir / str(number)
        folder.mkdir(parents=True)
        np.save(folder / "pool.npy", np.zeros(3))
    run = settings.data_dir / "runs" / "1"
    run.mkdir(parents=True)
    RunFolder(run).mark(DONE, "Done.", PLAN)


def known(store: Store) -> str:
    """What pages and the doctor say."""
    return belonging(store).trouble


class TestF13Strangers:
    @pytest.mark.parametrize("marked", [True, False], ids=["marked", "of an older version"])
    def test_a_new_database_beside_old_files(self, new_settings, marked):
        settings = new_settings()
        settings.prepare()
        old_files(settings)
        if marked:
            (settings.data_dir / MARK).write_text("a" * 32)
        with opened(settings) as store:
            assert settle(store) == NEW_DATABASE
            assert store.projects.create(new_project()).id == 3
            assert store.projects.create(new_project("other")).id == 4
        with opened(settings) as store:  # and it is not forgotten
            assert settle(store) == NEW_DATABASE
            said = " ".join(map(str, examine(settings).findings))
            assert "The database is a new one beside files of another" in said
            accept(store)
            assert settle(store) == ""

    def test_old_runs_are_not_shown_as_done(self, new_settings):
        settings = new_settings()
        settings.prepare()
        old_files(settings)
        with opened(settings) as store:
            projects = Projects(store, settings)
            projects.spawner.ensure = lambda scope: None  # type: ignore[method-assign]
            asked = projects.runs.ask(PLAN, MACHINE)
            assert asked.id == 2
            done = []
            execute = lambda plan, path, report: done.append(path.name)  # noqa: E731
            Runner(store, settings, "w1", execute, idle_seconds=0.1).serve()
            assert done == ["2"]
            assert projects.runs.queue.ask(asked.kind, {"another": 1}).id == 3

    def test_an_old_database_beside_new_files(self, sqlite_settings):
        settings = sqlite_settings
        with opened(settings) as store:
            assert settle(store) == ""
            store.projects.create(new_project())
        file = settings.data_dir / "ringfence.db"
        before = file.read_bytes()
        with opened(settings) as store:
            store.projects.create(new_project("later"))
        (settings.projects_dir / "2").mkdir()
        file.write_bytes(before)
        with opened(settings) as store:
            assert settle(store) == OLDER_DATABASE
            assert store.projects.create(new_project("anew")).id == 3
        file.write_bytes(before)
        with opened(settings) as store:
            accept(store)
            assert settle(store) == ""

    def test_files_or_a_database_of_another_directory(self, new_settings):
        settings = new_settings()
        with opened(settings) as store:
            settle(store)
            store.projects.create(new_project())
            (settings.data_dir / MARK).write_text("b" * 32)
            assert settle(store) == STRANGERS
            assert known(store) == STRANGERS
            (settings.data_dir / MARK).unlink()
            assert settle(store) == NO_FILES
            assert not (settings.data_dir / MARK).exists()

    def test_what_belongs_together_does_so_for_ever(self, new_settings):
        settings = new_settings()
        with opened(settings) as store:
            for _ in range(3):
                assert settle(store) == ""
            assert store.projects.create(new_project()).id == 1
            (settings.projects_dir / "1").mkdir()
            assert settle(store) == ""
            deeds = [deed.what for deed in store.audit_log.newest()]
            assert deeds.count(Deed.BEGAN_DATA_DIRECTORY) == 1

    def test_data_of_an_older_version_that_fits_is_tied(self, new_settings):
        settings = new_settings()
        with opened(settings) as store:
            store.projects.create(new_project())
            (settings.projects_dir / "1").mkdir()
            assert settle(store) == ""
            assert (settings.data_dir / MARK).read_text() == belonging(store).of_database

    def test_one_that_was_never_tied_is_not_taken_for_new(self, new_settings):
        settings, other = new_settings(), new_settings()
        other.prepare()
        with opened(settings) as right:
            right.projects.create(new_project())
            (settings.projects_dir / "1").mkdir()
            beside = Settings(
                _env_file=None, data_dir=settings.data_dir, database_url=url_of(other)
            )
            with opened(beside) as wrong:  # by mistake, before the right one
                assert settle(wrong) == NEW_DATABASE
            assert settle(right) == ""
            with opened(beside) as wrong:
                assert settle(wrong) == NEW_DATABASE

    def test_one_that_was_never_tied_beside_tied_files(self, new_settings):
        settings = new_settings()
        with opened(settings) as store:
            store.projects.create(new_project())
            (settings.data_dir / MARK).write_text("b" * 32)
            assert settle(store) == STRANGERS
            (settings.projects_dir / "2").mkdir()
            assert settle(store) == OLDER_DATABASE
            accept(store)
            assert settle(store) == ""

    def test_one_whose_projects_are_all_erased_is_not_new(self, new_settings):
        settings = new_settings()
        with opened(settings) as store:
            settle(store)
            made = store.projects.create(new_project())
            store.projects.remove(made.id)
            store.projects.erase(made.id)
            assert settle(store) == ""
            (settings.projects_dir / "2").mkdir()
            assert settle(store) == OLDER_DATABASE

    def test_what_is_created_meanwhile_hides_nothing(self, new_settings):
        settings = new_settings()
        with opened(settings) as store:
            settle(store)
            store.projects.create(new_project())
            (settings.projects_dir / "2").mkdir()
            for _ in range(2):
                assert settle(store) == OLDER_DATABASE
            assert store.projects.create(new_project("anew")).id == 3
            assert settle(store) == OLDER_DATABASE
            deeds = [deed.what for deed in store.audit_log.newest()]
            assert deeds.count(Deed.MET_STRANGERS) == 1
            accept(store)
            assert known(store) == ""

    def test_one_killed_while_they_were_tied_changes_nothing(self, new_settings):
        settings = new_settings()
        with opened(settings) as store:
            store.projects.create(new_project())
            settle(store)
            (settings.data_dir / MARK).rename(settings.data_dir / DRAFT)
            assert known(store) == ""
            assert settle(store) == ""
            assert (settings.data_dir / MARK).exists()
            assert not (settings.data_dir / DRAFT).exists()

    def test_an_empty_database_beside_nothing_is_no_stranger(self, new_settings):
        settings = new_settings()
        with opened(settings) as store:
            settle(store)
        shutil.rmtree(settings.data_dir / "projects")
        (settings.data_dir / MARK).unlink()
        with opened(settings) as store:
            assert settle(store) == ""
