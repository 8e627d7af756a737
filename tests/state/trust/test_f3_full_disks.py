"""F3: a full disk is one sentence, nothing is half-written, and it goes on when there is room.

No file may grow beyond a size, which every writer hears of like of a full disk.
"""

import io
import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import pytest
from faults import hidden, torn_versions, visible
from label_desk import Desk
from own_pile import jpeg, piece, write_pile
from refused import assert_plain_sentence, refused
from server import wait_for
from workshop import WORKER, QuickRounds

from anomaly_core.errors import InvalidInput
from anomaly_core.recipes.folder import RunFolder
from anomaly_core.recipes.plan import Plan
from state.errors import StoreUnavailable
from state.files import artifacts
from state.files.examples import Examples, keeping
from state.files.imports import ImportPlan, new_import
from state.presentation.__main__ import save
from state.projects.imports import Imports
from state.store.people import MACHINE
from state.store.schema import JobKind, JobState
from state.store.store import Store
from state.workers.own.importer import bring_in, told
from state.workers.processes.presence import ProcessKind, living, seen
from state.workers.processes.watch import serving, started_by


@contextmanager
def full(most: int = 1_000) -> Iterator[None]:
    """Have no room for files of more than so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Unread(Imports):
    """Imports that nobody reads."""

    def tend(self, found):
        return None


class NoRoom(QuickRounds):
    """Rounds whose versions find no room."""

    def publish(self, made):
        with full():
            return super().publish(made)


@pytest.mark.trains
@pytest.mark.parametrize("kind", [JobKind.PREPARE, JobKind.UPDATE])
def test_f3_a_version_that_finds_no_room(tiny_workshop, kind):
    shop = tiny_workshop
    if kind is JobKind.UPDATE:
        shop.prepare()
        shop.queue.release_lease(WORKER)
        shop.answer(5)
    job = shop.queue.ask(kind)
    before, versions = visible(shop.folder), shop.store.models.all(shop.id)
    project = shop.store.projects.get(shop.id)
    shop.trainer(rounds=NoRoom(shop.store, shop.settings.data_dir, project, WORKER)).serve()
    failed = shop.queue.get(job.id)
    assert failed.state is JobState.FAILED
    assert_plain_sentence(failed.message)
    assert "free some space" in failed.message
    assert hidden(shop.folder) == []
    assert shop.store.models.all(shop.id) == versions
    assert visible(shop.folder / "models") == {
        name.removeprefix("models/"): held
        for name, held in before.items()
        if name.startswith("models/")
    }
    shop.queue.ask(kind)
    shop.work()
    assert shop.model.version == len(versions) + 1
    assert torn_versions(shop) == []


def test_f3_an_array_is_not_begun_that_has_no_room(scratch):
    def write(folder):
        artifacts.new_array(folder, "made", (1_000, 28, 28), np.uint8)[:] = 1

    with full(), pytest.raises(OSError, match="File too large"):
        artifacts.publish(scratch / "1", write)
    assert list(scratch.iterdir()) == []
    artifacts.publish(scratch / "1", write)
    assert artifacts.read_array(scratch / "1" / "made.npy").sum() == 1_000 * 28 * 28


def test_f3_an_answer_that_finds_no_room(sqlite_settings):
    with Store.open(sqlite_settings) as store:
        desk = Desk(store)
        desk.answer(1)
        with full(), refused(StoreUnavailable, "try again|disk is full"):
            desk.answer(2)
        assert desk.spent == 1
        desk.answer(2)
        assert desk.spent == 2
        assert store.integrity_problems() == []


def test_f3_an_import_that_finds_no_room(sqlite_settings, scratch):
    pile = write_pile(scratch / "pile", 4, 0)
    found = new_import(sqlite_settings.data_dir)
    found.set_plan(ImportPlan(str(pile)))
    with full():
        assert told(found, lambda: bring_in(found)) == 2
    assert_plain_sentence(found.trouble)
    assert "free some space" in found.trouble
    assert not found.done
    assert found.blocks == []
    assert told(found, lambda: bring_in(found)) == 0
    assert found.done
    assert len(list(found.records())) == 4


def test_f3_files_that_are_sent_find_no_room(store, settings):
    imports, file = Unread(store, settings), jpeg(piece(0, False)) + bytes(5_000_000)
    with full(4_000_000), refused(StoreUnavailable, "free some space, then try again"):
        imports.upload([("a.jpg", io.BytesIO(file))], MACHINE)
    assert list((settings.data_dir / "imports").iterdir()) == []
    found = imports.upload([("a.jpg", io.BytesIO(file))], MACHINE)
    assert visible(found.folder / "upload") == {"a.jpg": file}


def test_f3_a_server_that_finds_no_room_is_seen_once_there_is(scratch):
    with ExitStack() as disk:
        disk.enter_context(full(10))
        with serving(scratch / "data", again_seconds=0.2):
            assert living(scratch / "data") == []
            assert started_by() == {}
            disk.close()
            wait_for("its card", lambda: living(scratch / "data"))
            assert [one.kind for one in living(scratch / "data")] == [ProcessKind.SERVER]
            wait_for("it to be known", started_by)
            assert hidden(scratch) == []
    assert seen(scratch / "data") == []
    assert started_by() == {}


def test_f3_examples_find_no_room(scratch):
    given = Examples((jpeg(piece(0, False)),))
    with full(100), refused(StoreUnavailable, "free some space"), keeping(scratch, given):
        pytest.fail("they were not kept")
    assert list((scratch / "examples").iterdir()) == []
    with keeping(scratch, given) as kept:
        assert kept.all(scratch) == given


def test_f3_a_run_finds_no_room(tmp_path):
    plan = Plan(contestants=("fc",), epochs=1)
    with RunFolder.under_way(tmp_path / "run", plan) as folder:
        with full(), pytest.raises(OSError, match="File too large"):
            folder.write_text("scores.csv", "1" * 10_000)
        assert not (tmp_path / "run" / "scores.csv").exists()
    with RunFolder.under_way(tmp_path / "run", plan) as folder:
        folder.write_text("scores.csv", "1" * 10_000)
    assert {one.name for one in folder.path.iterdir()} == {"lock", "run.json", "scores.csv"}


def test_f3_an_export_finds_no_room(tmp_path):
    path = tmp_path / "report.html"
    save(path, b"old")
    with full(), refused(InvalidInput, "cannot be written"):
        save(path, b"new" * 1_000)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    save(path, b"new" * 1_000)
    assert path.read_bytes() == b"new" * 1_000
