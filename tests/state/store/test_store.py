"""Opening a store, damaged and foreign files (I3), people and projects."""

import sqlite3
import sys
import threading
from contextlib import closing

import pytest
from label_desk import Desk, new_project
from refused import refused
from sqlalchemy import text

from anomaly_core.errors import InvalidInput, RingfenceError
from state.errors import DuplicateProject, StoreDamaged, StoreUnavailable, UnknownProject
from state.settings import Settings
from state.store.database import BUSY_SECONDS, explain, writing
from state.store.schema import EventKind, Role
from state.store.store import Store, _contradictions


@pytest.fixture
def database(sqlite_settings):
    """The file of a store with some answers in it."""
    with Store.open(sqlite_settings) as store:
        desk = Desk(store, budget=60)
        for item in range(50):
            desk.answer(item)
    return sqlite_settings.data_dir / "ringfence.db"


def _overwrite(path, start, content):
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


DAMAGES = {
    "not a database": lambda path: path.write_text("Dear diary, " * 1000),
    "emptied": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "header gone": lambda path: _overwrite(path, 0, b"\0" * 100),
    "pages scribbled over": lambda path: _overwrite(path, 4096, b"\xa5" * 4096 * 8),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damaged_file_is_reported_and_left_alone(database, sqlite_settings, damage):
    damage(database)
    before = database.read_bytes()
    files = sorted(database.parent.iterdir())
    with pytest.raises(StoreDamaged) as caught:
        Store.open(sqlite_settings)
    assert database.read_bytes() == before
    assert sorted(database.parent.iterdir()) == files
    assert str(caught.value).startswith("ringfence.db is ")
    assert str(database.parent) not in str(caught.value)
    assert "backup" in str(caught.value)


def test_database_of_another_program_is_left_alone(sqlite_settings):
    sqlite_settings.prepare()
    path = sqlite_settings.data_dir / "ringfence.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(StoreDamaged, match="not a database of Ringfence"):
        Store.open(sqlite_settings)
    assert path.read_bytes() == before


def test_journal_of_a_database_that_is_gone_is_not_applied_to_a_new_one(database, sqlite_settings):
    database.with_name("ringfence.db-journal").write_bytes(b"left behind")
    database.unlink()
    with pytest.raises(StoreDamaged, match=r"ringfence\.db-journal is still there"):
        Store.open(sqlite_settings)
    assert not database.exists()


def test_damage_found_while_running_is_one_sentence(database, sqlite_settings):
    with Store.open(sqlite_settings) as store:
        _overwrite(database, 0, b"\0" * 4096)
        with pytest.raises(StoreDamaged) as caught:
            store.events.since(1)
        assert store.integrity_problems() == ["The database is damaged or not a database."]
    assert "\n" not in str(caught.value)


def test_data_dir_with_odd_letters_holds_everything(scratch):
    settings = Settings(_env_file=None, data_dir=scratch / "a b?c%20#d%")
    Store.open(settings).close()
    Store.open(settings).close()
    assert list(scratch.iterdir()) == [settings.data_dir]
    assert (settings.data_dir / "ringfence.db").is_file()


def test_full_disk_is_one_sentence():
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert isinstance(explain(error), StoreUnavailable)
    assert "disk is full" in str(explain(error))


def test_locked_database_is_one_sentence(database, sqlite_settings, monkeypatch):
    monkeypatch.setattr("state.store.database.BUSY_SECONDS", 0.05)
    with (
        Store.open(sqlite_settings) as store,
        closing(sqlite3.connect(database, isolation_level=None)) as other,
    ):
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable):
            store.people.ensure("ada")


def test_a_writer_waits_for_its_turn(database, sqlite_settings):
    with (
        Store.open(sqlite_settings) as store,
        closing(sqlite3.connect(database, isolation_level=None, check_same_thread=False)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        turn = threading.Timer(0.2, other.execute, ["ROLLBACK"])
        turn.start()
        assert store.people.ensure("ada").name == "ada"
        turn.join()
        with store.engine.connect() as connection:
            timeout = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        assert timeout == 1000 * BUSY_SECONDS


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite://", "sqlite:///:memory:", "mysql://u@h/d", "postgresql:"]
)
def test_url_that_makes_no_sense_is_refused(tmp_path, url):
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=url)
    with pytest.raises(InvalidInput, match="RINGFENCE_DATABASE_URL"):
        Store.open(settings)


def test_database_in_a_directory_that_is_not_there_is_refused(tmp_path):
    url = f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}"
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=url)
    with pytest.raises(StoreUnavailable) as caught:
        Store.open(settings)
    assert str(tmp_path) not in str(caught.value)


def test_server_that_does_not_answer_is_unavailable(tmp_path):
    pytest.importorskip("psycopg")
    url = "postgresql://nobody@127.0.0.1:1/none"
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=url)
    with pytest.raises(StoreUnavailable):
        Store.open(settings)


def test_a_driver_that_is_not_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    url = "postgresql://nobody@127.0.0.1:1/none"
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=url)
    with refused(StoreUnavailable, "needs the Python package psycopg; install it"):
        Store.open(settings)


def test_sqlite_is_set_to_keep_what_it_acknowledged(sqlite_settings):
    with Store.open(sqlite_settings) as store, store.engine.connect() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
        }
    assert pragma["foreign_keys"] == 1
    assert pragma["busy_timeout"] == 30_000
    assert (pragma["journal_mode"], pragma["synchronous"]) in [("delete", 3), ("wal", 2)]


def test_what_was_stored_is_there_after_opening_again(store, settings, clock):
    desk = Desk(store)
    desk.answer(3)
    with Store.open(settings, clock=clock) as again:
        assert again.projects.get(desk.project.id).spent == 1
        assert again.events.since(desk.project.id) == store.events.since(desk.project.id)


def test_contradictions_are_found(desk):
    desk.answer(1)
    with writing(desk.store.engine) as connection:
        connection.execute(text("UPDATE project SET spent = 5"))
    (problem,) = desk.store.integrity_problems()
    assert "5 labels were paid for but 1 stand" in problem
    with writing(desk.store.engine) as connection:
        connection.execute(text("UPDATE project SET spent = 1"))


def test_every_contradiction_is_told(desk):
    desk.answer(1)
    project = desk.store.projects.get(desk.project.id)
    (one,) = desk.store.events.since(project.id)
    assert _contradictions(project, [one]) == []
    for other, problem in (
        (one, "an event is stored twice"),
        (one._replace(seq=2, uuid="u"), "an annotator has two standing answers on one item"),
        (
            one._replace(seq=2, uuid="u", kind=EventKind.UNDO, undoes="nobody's"),
            "an undo takes back an event that is not there",
        ),
    ):
        assert problem in _contradictions(project, [one, other])


def test_annotator_is_made_once_and_keeps_the_role(store):
    first = store.people.ensure("ada", Role.ANNOTATOR)
    assert store.people.ensure(" ada ", Role.OWNER) == first
    assert first.role is Role.ANNOTATOR
    assert first.active
    with pytest.raises(InvalidInput):
        store.people.ensure("  ")


def test_project_is_stored_as_it_came(store, clock):
    made = store.projects.create(new_project(guidelines="Crossed sevens are normal."))
    assert store.projects.get(made.id) == made
    assert store.projects.all() == [made]
    assert made.scenario == {"dataset": "mnist", "normal": [3]}
    assert (made.spent, made.remaining, made.overlap, made.created_at) == (0, 10, 1, clock.now)


def test_project_names_are_taken_once(store):
    store.projects.create(new_project("digits"))
    with pytest.raises(DuplicateProject, match="digits"):
        store.projects.create(new_project(" digits "))
    assert len(store.projects.all()) == 1


@pytest.mark.parametrize(
    "changes", [{"name": " "}, {"budget": 0}, {"batch_size": 0}, {"overlap": 0}, {"budget": 2**31}]
)
def test_project_that_makes_no_sense_is_refused(changes):
    with pytest.raises(InvalidInput):
        new_project(**changes)


def test_pool_size_is_set_later(store):
    made = store.projects.create(new_project(pool_size=None))
    assert store.projects.get(made.id).pool_size is None
    assert store.projects.set_pool_size(made.id, 7).pool_size == 7
    with pytest.raises(InvalidInput):
        store.projects.set_pool_size(made.id, 0)


def test_unknown_project_is_refused(store):
    for ask in (store.projects.get, lambda unknown: store.projects.set_pool_size(unknown, 5)):
        with pytest.raises(UnknownProject) as caught:
            ask(99)
        assert isinstance(caught.value, RingfenceError)
