"""F2: whatever is killed while it publishes, the old serves, and leftovers go at the next start.

Each piece of work is killed at its first step in the file system, at its second, and so on, until
it comes to its end: before and after each rename, and each row.
"""

import io
import shutil

import pytest
from faults import hidden, kills, torn_versions, visible
from own_pile import jpeg, piece, write_pile
from workshop import WORKER, Workshop

from anomaly_core.progress import silent
from anomaly_core.recipes.folder import DONE, RunFolder
from anomaly_core.recipes.plan import Plan
from state.files.examples import Examples, keeping
from state.files.imports import ImportFolder
from state.files.sweeping import left, sweep_all
from state.files.unfinished import NEW, Kind, mark_of, marked, removing, sweep
from state.presentation.__main__ import save
from state.projects.imports import Imports
from state.projects.runs import Runs
from state.store.people import MACHINE
from state.store.schema import JobKind, JobState
from state.workers.own.importer import told, unpacked_and_read

pytestmark = [pytest.mark.process, pytest.mark.trains]

PLAN = Plan(contestants=("fc",), epochs=1)
FILES = {f"{number}.jpg": jpeg(piece(number, False)) for number in range(2)}


class Unread(Imports):
    """Imports that nobody reads."""

    def tend(self, found):
        return None


@pytest.fixture
def here(tiny_workshop):
    return tiny_workshop


def by_a_trainer(shop, work):
    """What a trainer does with rounds of its own, in a process of its own."""

    def in_its_own():
        with Workshop(shop.settings.data_dir) as own:
            work(own.rounds())

    return in_its_own


def next_start(shop):
    """What the next start does; afterwards nothing is left, and versions are what rows say."""
    shop.queue.release_lease(WORKER)
    data_dir = shop.settings.data_dir
    sweep_all(shop.store, data_dir)
    assert hidden(data_dir / "projects") == []
    versions = {str(path.relative_to(data_dir)) for path in shop.folder.glob("models/*")}
    assert versions == {model.directory for model in shop.store.models.all(shop.id)}
    assert torn_versions(shop) == []


def test_f2_project_and_first_version(here):
    for step in kills(by_a_trainer(here, lambda rounds: rounds.prepare([], silent))):
        next_start(here)
        if step % 8 == 0:
            here.prepare()  # goes on from wherever that was
            assert here.model.version == 1
            next_start(here)
        if here.store.models.active(here.id) is not None:
            begin_anew(here)
    next_start(here)
    assert here.model.measured


def begin_anew(shop):
    """Have neither models nor files."""
    with shop.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM model")
    shutil.rmtree(shop.folder)


def test_f2_later_version(here):
    first = here.prepare()
    here.queue.release_lease(WORKER)
    here.answer(5)
    before = visible(here.version_folder(1))
    for _ in kills(by_a_trainer(here, lambda rounds: rounds.update([]))):
        next_start(here)
        assert here.store.models.version(here.id, 1).directory == first.directory
        assert visible(here.version_folder(1)) == before
        assert here.array(f"models/{here.model.version}/scores").shape == (100,)
    next_start(here)
    assert here.model.measured


def test_f2_scores_that_are_caught_up(here):
    here.prepare()
    here.queue.release_lease(WORKER)
    scores = here.array("models/1/scores")

    def renew(rounds):
        rounds.publisher.renew(1, {"scores": scores + 1})

    for _ in kills(by_a_trainer(here, renew)):
        here.queue.release_lease(WORKER)
        assert torn_versions(here) == []  # before anything was swept, too
        assert set((here.array("models/1/scores") - scores).round(3)) in ({0.0}, {1.0})
    assert set((here.array("models/1/scores") - scores).round(3)) == {1.0}


def test_f2_run(here):
    folder = RunFolder(here.settings.data_dir / "runs" / "1")

    def write():
        if not folder.is_run or folder.state != DONE:
            with RunFolder.under_way(folder.path, PLAN):
                folder.write_json("metrics.json", {"title": "x"})
                folder.mark(DONE, "Finished.")

    for _ in kills(write):
        assert not folder.is_run or (folder.state, folder.plan) == ("partial", PLAN)
        shutil.rmtree(folder.path, ignore_errors=True)
    assert folder.metrics() == {"title": "x"}


def test_f2_run_that_is_resumed_after_each_kill(here):
    folder = RunFolder(here.settings.data_dir / "runs" / "1")

    def write(number):
        with RunFolder.under_way(folder.path, PLAN):
            folder.write_json(f"{number}.json", {"number": number})

    for step in kills(lambda: write(0)):
        write(step)
        assert not list(folder.path.rglob("*.part"))
        assert folder.plan == PLAN


def failed_run(runs):
    """A run that was cut short; returns its number."""
    queue = runs.queue
    asked = queue.ask(JobKind.RUN, PLAN.to_json())
    queue.take_lease(WORKER, "here", 1)
    queue.claim(WORKER)
    queue.finish(asked.id, WORKER, JobState.FAILED, "The log has the details.")
    queue.release_lease(WORKER)
    with RunFolder.under_way(runs.folder(asked).path, PLAN):
        return asked.id


def test_f2_removal_of_a_run(here):
    runs, path = here.projects.runs, here.settings.data_dir / "runs"
    number = failed_run(runs)

    def remove():
        with Workshop(here.settings.data_dir) as own:
            Runs(own.store, own.settings, own.trainers).remove(number, MACHINE)

    for _ in kills(remove):
        sweep_all(here.store, here.settings.data_dir)
        assert {one.name for one in path.iterdir()} == {str(run.id) for run in runs.queue.all()}
        number = number if runs.queue.all() else failed_run(runs)
    assert list(path.iterdir()) == []


def imports_of(shop):
    return Unread(shop.store, shop.settings)


def test_f2_import(here):
    path = here.settings.data_dir / "imports"

    def upload():
        with Workshop(here.settings.data_dir) as own:
            given = [(name, io.BytesIO(held)) for name, held in FILES.items()]
            imports_of(own).upload(given, MACHINE)

    path.mkdir()
    for _ in kills(upload):
        sweep_all(here.store, here.settings.data_dir)
        assert hidden(path) == []
        for folder in path.iterdir():  # one that has come as far as being there
            assert visible(folder / "upload") == FILES
            imports_of(here).remove(imports_of(here).named(folder.name), MACHINE)
    assert len(list(path.iterdir())) == 1


def test_f2_reading_of_an_import(here, scratch):
    pile = write_pile(scratch / "pile", 5, 1)
    found = imports_of(here).begin(pile, MACHINE)
    for step in kills(lambda: unpacked_and_read(ImportFolder(found.folder), 1)):
        there = ImportFolder(found.folder)
        whole = sum(map(there.there, range(there.block_count))) if there.listed else 0
        left(here.store, here.settings.data_dir)
        sweep_all(here.store, here.settings.data_dir)
        assert hidden(found.folder.parent) == []
        assert len(there.blocks if there.listed else []) == whole, step
    again = ImportFolder(found.folder)
    assert again.done
    assert len(list(again.records())) == 6


def test_f2_what_is_left_of_an_import_on_its_way_goes_without_it(here, scratch):
    found = imports_of(here).begin(write_pile(scratch / "pile", 2, 0), MACHINE)
    read = told(found, lambda: unpacked_and_read(found, 1))
    assert read == 0
    for name in ("blocks", "unpacked"):
        mark = mark_of(found.folder / name, Kind.DRAFT)
        mark.touch()
        (mark.with_name(mark.name + NEW) / "0").mkdir(parents=True)
    with marked(found.folder / "blocks") as busy:
        named = {path.name for path in left(here.store, here.settings.data_dir)}
        assert set(sweep_all(here.store, here.settings.data_dir)) == named
        assert len(named) == 2
        assert busy.exists()
    assert hidden(found.folder) == []
    assert found.done


def test_f2_what_cannot_be_removed_stays_marked_until_it_can(scratch):
    folder = scratch / "place" / "1"
    folder.parent.mkdir()
    folder.symlink_to(scratch)  # which is not followed
    with removing(folder):
        shutil.rmtree(folder, ignore_errors=True)
    assert sweep(folder.parent, lambda name: False) == []
    assert len(hidden(folder.parent)) == 1
    folder.unlink()
    folder.mkdir()
    assert sweep(folder.parent, lambda name: False) == ["1"]
    assert list(folder.parent.iterdir()) == []


def test_f2_removal_of_an_import(here):
    imports = imports_of(here)
    found = imports.begin(here.settings.data_dir, MACHINE)

    def remove():
        with Workshop(here.settings.data_dir) as own:
            imports_of(own).remove(found, MACHINE)

    for _ in kills(remove):
        sweep_all(here.store, here.settings.data_dir)
        assert hidden(found.folder.parent) == []
        if not found.folder.exists():
            found = imports.begin(here.settings.data_dir, MACHINE)
        assert found.planned
    assert not found.folder.exists()


def test_f2_examples_of_a_project_that_is_not_stored(here):
    path = here.settings.data_dir / "examples"
    path.mkdir()

    def keep():
        with keeping(here.settings.data_dir, Examples((FILES["0.jpg"],))):
            pass

    for _ in kills(keep):
        sweep_all(here.store, here.settings.data_dir)
        assert list(path.iterdir()) == []


def test_f2_export(scratch):
    path = scratch / "out" / "report.html"
    path.parent.mkdir()
    path.write_bytes(b"old")
    for _ in kills(lambda: save(path, b"new")):
        assert path.read_bytes() in (b"old", b"new")
    assert path.read_bytes() == b"new"
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]
