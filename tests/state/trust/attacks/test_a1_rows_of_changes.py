"""A1: each change leaves one row, however many try it at once, and what changes nothing none."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from label_desk import Desk
from refused import refused
from workshop import NoWorkers, Workshop

from anomaly_core.errors import InvalidInput
from state.files.artifacts import project_folder
from state.projects.projects import Projects
from state.projects.shelf import SECONDS
from state.store.audit_log import Deed
from state.store.people import MACHINE
from state.store.schema import Role
from state.store.store import Store
from state.versions.lineage import Lineage

AT_ONCE = 8


def told(store: Store) -> list[Deed]:
    """What was done, the first deed first."""
    return [Deed(one.what) for one in store.audit_log.newest()][::-1]


def at_once(act: Callable[[int], object]) -> None:
    start = Barrier(AT_ONCE, timeout=20)

    def do(number: int) -> None:
        start.wait()
        act(number)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(do, range(AT_ONCE)))


@pytest.fixture
def projects(store: Store) -> Projects:
    return Projects(store, store.settings, NoWorkers(store, store.settings))


class TestA1RowsOfChanges:
    def test_eight_who_arrive_at_once_under_one_name_leave_one_row(self, store: Store):
        at_once(lambda _: store.people.arrive("ben", Role.ANNOTATOR))
        assert told(store) == [Deed.ARRIVED]

    def test_the_row_of_who_is_added_tells_their_role(self, store: Store):
        roles = [Role.VIEWER, Role.ANNOTATOR]
        at_once(lambda number: store.people.add("ben", roles[number % 2], MACHINE))
        (row,), (ben,) = store.audit_log.newest(), store.people.all()
        assert row.subject == f"ben: {ben.role}"

    def test_what_is_so_already_leaves_no_row(self, projects: Projects, desk: Desk):
        shelf, store, number = projects.shelf, projects.store, desk.project.id
        begun = len(told(store))
        shelf.archive(number, MACHINE, False)
        shelf.restore(number, MACHINE)
        assert len(told(store)) == begun
        for _ in range(2):
            shelf.archive(number, MACHINE)
        for _ in range(2):
            shelf.remove(number, desk.project.name, MACHINE)
        for _ in range(2):
            shelf.restore(number, MACHINE)
        done = [Deed.ARCHIVED_PROJECT, Deed.DELETED_PROJECT, Deed.RESTORED_PROJECT]
        assert told(store)[begun:] == done

    def test_what_is_erased_leaves_a_row(self, projects: Projects, desk: Desk, clock):
        name = desk.project.name
        projects.shelf.remove(desk.project.id, name, MACHINE)
        clock.advance(SECONDS)
        for _ in range(2):
            projects.shelf.tidy()
        assert told(projects.store)[-1] is Deed.ERASED_PROJECT
        assert told(projects.store).count(Deed.ERASED_PROJECT) == 1
        assert projects.store.audit_log.newest(1)[0].subject.startswith(name)


class Restoring(Projects):
    """Somebody at a server whose clock is behind brings a project back while its files go."""

    def __init__(self, store: Store, elsewhere: Projects) -> None:
        super().__init__(store, store.settings, NoWorkers(store, store.settings))
        self.shelf._delete_files = self.deleted  # type: ignore[method-assign]
        self.elsewhere = elsewhere

    def deleted(self, project):
        with refused(InvalidInput, "cannot come back"):
            self.elsewhere.shelf.restore(project.id, MACHINE)
        shutil.rmtree(project_folder(self.settings.data_dir, project.id))
        return True


def test_f4_what_is_being_erased_is_not_brought_back_by_a_clock_that_is_behind(
    store: Store, projects: Projects, desk: Desk, clock
):
    project_folder(store.settings.data_dir, desk.project.id).mkdir(parents=True, exist_ok=True)
    projects.shelf.remove(desk.project.id, desk.project.name, MACHINE)
    behind = clock.now
    clock.advance(SECONDS)
    with Store.open(store.settings, lambda: behind, clock) as other:
        elsewhere = Projects(other, store.settings, NoWorkers(other, store.settings))
        assert elsewhere.shelf.removed()
        Restoring(store, elsewhere).shelf.tidy()
    assert store.projects.all() + store.projects.removed() == []


def test_f4_what_came_back_meanwhile_keeps_its_files(store: Store, projects: Projects, desk: Desk):
    folder = project_folder(store.settings.data_dir, desk.project.id)
    folder.mkdir(parents=True, exist_ok=True)
    projects.shelf.remove(desk.project.id, desk.project.name, MACHINE)
    (seen,) = store.projects.removed()
    projects.shelf.restore(desk.project.id, MACHINE)
    assert not projects.shelf._ended(seen)
    assert folder.is_dir()
    assert store.projects.get(desk.project.id).name == desk.project.name


@pytest.fixture
def shop(prepared: Path, scratch: Path) -> Iterator[Workshop]:
    shutil.copytree(prepared, scratch / "shop")
    with Workshop(scratch / "shop") as opened:
        yield opened


def test_a_model_that_serves_already_leaves_no_row(shop: Workshop):
    me = shop.store.people.ensure("me")
    lineage = Lineage(shop.projects, shop.store.projects.get(shop.id))
    before = len(told(shop.store))
    lineage.roll_back(1, me)
    assert len(told(shop.store)) == before
    for _ in range(2):
        lineage.name_production(1, me, "it is good")
    assert told(shop.store)[before:] == [Deed.NAMED_PRODUCTION]
