"""A1: whatever changes something leaves its row in the same transaction, which asks who may."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from every_change import CHANGES, LINEAGE, NO_DEED, SHELF
from saved import saved
from sqlalchemy import event, insert, select, update
from workshop import Workshop

from state.errors import DuplicateProject, NotAllowed
from state.settings import Settings
from state.store.audit_log import AuditLog, Deed
from state.store.database import reading, writing
from state.store.people import MACHINE, Annotator
from state.store.schema import Role, metadata, model
from state.store.store import Store
from state.upkeep.restore import restore

BY_A_MACHINE = {
    *(Deed.ARRIVED, Deed.ERASED_PROJECT, Deed.RESTORED_BACKUP, Deed.ENDED_WORKERS),
    *(Deed.BEGAN_DATA_DIRECTORY, Deed.MET_STRANGERS),
}
OUTSIDE = (  # what they do is to files
    *("projects/imports.py", "upkeep/", f"{LINEAGE}.bundle", f"{LINEAGE}.onnx"),
    *("exporting/leaving.py", "exporting/scores.py"),
)
ONLY_A_ROW = (*OUTSIDE, "explore/", "projects/projects.py Projects.download_weights")


class BrokenOff(Exception):
    """The process has come to its end."""


@contextmanager
def broken_off(store: Store, who: str) -> Iterator[None]:
    """Have whoever does something come to an end just before the row that tells of it."""

    def look(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        told = values.values() if isinstance(values, dict) else values
        if statement.startswith("INSERT INTO audit_log") and who in told:
            raise BrokenOff

    event.listen(store.engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", look)


def rows(store: Store) -> dict[str, list[Any]]:
    """Everything that is in the database, by table."""
    with reading(store.engine) as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }


def files(data_dir: Path) -> dict[str, bytes]:
    """Everything that is in the data directory, other than the database and logs."""
    there = [path for path in data_dir.rglob("*") if path.is_file() and "logs" not in path.parts]
    return {str(one): one.read_bytes() for one in there if ".db" not in one.name}


@pytest.fixture
def house(prepared: Path, tmp_path: Path, new_settings: Callable[[], Settings]) -> Iterator[Any]:
    """A project with two versions of its model, the second of which serves."""
    settings = new_settings()
    if settings.database_url is None:
        shutil.copytree(prepared, settings.data_dir)
    else:
        shutil.copytree(prepared, tmp_path / "prepared")
        with Store.open(Settings(_env_file=None, data_dir=tmp_path / "prepared")) as store:
            restore(saved(store, tmp_path), settings)
    with Workshop(settings.data_dir, database_url=settings.database_url) as shop:
        shop.projects.imports._start = lambda found: None  # type: ignore[method-assign, assignment, return-value]
        with writing(shop.store.engine) as connection:
            first = connection.execute(select(model)).one()._asdict()
            connection.execute(update(model).values(active=False))
            del first["id"]
            connection.execute(insert(model).values(first | {"version": 2, "parent": 1}))
        yield shop


class TestA1DeedsAndRows:
    @pytest.mark.process  # a file of ONNX is made in one
    def test_a_fault_between_a_change_and_its_row_leaves_neither(self, house: Workshop):
        me, done = house.store.people.ensure("me"), set[str]()
        names = [name for name in CHANGES if not name.startswith(NO_DEED)]
        for name in (*names, f"{SHELF}.archive"):  # which takes it out of the archive again
            act = CHANGES[name].of(house, me)
            before, kept = rows(house.store), files(house.settings.data_dir)
            with broken_off(house.store, me.name), pytest.raises(BrokenOff):
                act()
            assert rows(house.store) == before, f"{name} changed something"
            assert files(house.settings.data_dir) == kept, f"{name} did something to files"
            act()
            after = rows(house.store)
            changed = {table for table in after if after[table] != before[table]}
            assert "audit_log" in changed, f"{name} left no row"
            assert len(changed) > 1 or name.startswith(ONLY_A_ROW), f"{name} changed nothing"
            done |= {one.what for one in house.store.audit_log.newest(3) if one.who == me.name}
        assert done == set(Deed) - BY_A_MACHINE

    def test_nobody_arrives_without_a_row(self, house: Workshop):
        before = rows(house.store)
        with broken_off(house.store, "Ann"), pytest.raises(BrokenOff):
            house.store.people.arrive("Ann", Role.ANNOTATOR)
        assert rows(house.store) == before

    def test_who_does_something_is_an_owner_until_it_is_done(self, house: Workshop):
        store, me = house.store, house.store.people.ensure("me")
        demotion = threading.Thread(target=lambda: demote(store, me))
        with store.audit_log.doing(me, Deed.ARCHIVED_PROJECT, "digits"):
            demotion.start()
            demotion.join(0.5)
            store.projects.archive(house.id)
        demotion.join()
        told = [(one.who, one.what) for one in store.audit_log.newest(2)]
        assert told == [
            (MACHINE.name, Deed.CHANGED_PERSON),
            (me.name, Deed.ARCHIVED_PROJECT),
        ]
        with (
            pytest.raises(NotAllowed, match="Only an owner may do this"),
            store.audit_log.doing(me, Deed.UNARCHIVED_PROJECT),
        ):
            store.projects.archive(house.id, False)
        assert store.projects.get(house.id).archived_at is not None

    def test_two_owners_may_demote_each_other_and_one_stays(self, house: Workshop):
        people, both = house.store.people, [house.store.people.ensure(name) for name in "AB"]
        for other in people.all():
            if other not in both:
                people.change(other.id, role=Role.VIEWER, active=True, who=MACHINE)
        refused = list[str]()

        def demoting(who: Annotator, whom: Annotator) -> None:
            try:
                people.change(whom.id, role=Role.VIEWER, active=True, who=who)
            except NotAllowed as error:
                refused.append(str(error))

        threads = [threading.Thread(target=demoting, args=pair) for pair in (both, both[::-1])]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(refused) == 1
        assert len([one for one in people.all() if one.may_manage]) == 1

    def test_what_fails_within_a_deed_may_be_caught_and_leaves_no_trace(self, house: Workshop):
        store, name = house.store, house.store.projects.get(house.id).name
        made = CHANGES[f"{SHELF}.restore"].begin
        assert made is not None
        other = made(house)
        store.projects.restore(other)
        with store.audit_log.doing(MACHINE, Deed.ARCHIVED_PROJECT):
            store.projects.archive(house.id)
            with pytest.raises(DuplicateProject):
                store.projects._set(other, name=name)
            assert store.projects.get(house.id).archived_at is not None
        assert store.projects.get(other).name != name
        assert store.projects.get(house.id).archived_at is not None

    def test_another_store_and_another_thread_have_transactions_of_their_own(
        self, house: Workshop, tmp_path: Path
    ):
        seen = list[float | None]()
        store, log = house.store, house.store.audit_log
        elsewhere = Settings(_env_file=None, data_dir=tmp_path / "other", database_url=None)

        def look() -> None:
            seen.append(store.projects.get(house.id).archived_at)

        def break_off(other: Store) -> None:
            with log.doing(MACHINE, Deed.ARCHIVED_PROJECT):
                store.projects.archive(house.id)
                other.people.ensure("Ann")
                thread = threading.Thread(target=look)
                thread.start()
                thread.join()
                raise BrokenOff

        with Store.open(elsewhere) as other:
            with pytest.raises(BrokenOff):
                break_off(other)
            assert [one.name for one in other.people.all()] == ["Ann"]
        assert seen == [None]
        assert store.projects.get(house.id).archived_at is None


def demote(store: Store, who: Annotator) -> None:
    store.people.change(who.id, role=Role.VIEWER, active=True, who=MACHINE)


def test_rows_are_left_by_what_asks_who_may():
    """Besides, only `People` writes rows, in the transactions that ask by themselves."""
    assert {"doing", "record"} <= vars(AuditLog).keys()
    root = Path(__file__).parents[4] / "state"
    noting = {file.name for file in root.rglob("*.py") if "note(connection" in file.read_text()}
    assert noting == {"audit_log.py", "people.py", "restore.py"}
