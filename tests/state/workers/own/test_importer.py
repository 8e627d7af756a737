"""Reading a person's images: what is kept of each, and that a killed import goes on."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from own_pile import GOOD, SCRATCHED, brought_in, jpeg, piece, write_pile
from refused import refused

from anomaly_core.errors import InvalidInput
from anomaly_core.importing.fitting import Choices, Fit
from anomaly_core.progress import silent
from state.errors import StoreUnavailable
from state.files.imports import BLOCK, ImportFolder, ImportPlan, new_import
from state.workers.own import blocks, importer
from state.workers.own.blocks import read_block
from state.workers.own.images import OwnImages, own_data
from state.workers.own.importer import bring_in, told

ALL = GOOD + SCRATCHED


@pytest.fixture(scope="module")
def pile(tmp_path_factory):
    return write_pile(tmp_path_factory.mktemp("pile") / "pile")


@pytest.fixture(scope="module")
def read(tmp_path_factory, pile):
    return brought_in(tmp_path_factory.mktemp("data"), pile)


def records(found):
    return [record for _, record in found.records()]


def test_every_image_is_read_and_the_rest_is_refused_by_name(read):
    assert read.progress == (ALL + 1, ALL + 1)
    assert len(records(read)) == ALL
    assert {one.path for one in read.refusals} == {"good/broken.jpg", "notes.txt"}
    assert read.done
    assert read.findings["labels"] == {"good": GOOD, "scratched": SCRATCHED}
    assert read.findings["refused"] == 2


def test_files_are_copied_byte_by_byte_and_thumbnails_beside_them(read, pile):
    for block, record in read.records():
        assert block.original(record, None) == (pile / record.entry.path).read_bytes()
        assert block.thumbnail(record).startswith(b"\xff\xd8")


def test_pixels_are_those_of_the_file_as_the_model_is_to_see_it(read):
    assert read.plan.choices == Choices(64, Fit.STRETCH, colour=True)
    assert read.blocks[0].pixels.shape == (ALL, 64, 64, 3)
    bright = (read.blocks[0].pixels @ (0.299, 0.587, 0.114)).mean(axis=(1, 2))  # grey values
    measured = [255 * record.examined.brightness for record in records(read)]
    np.testing.assert_allclose(bright, measured, atol=4)


def test_the_order_of_items_is_drawn_and_always_the_same(read, pile, tmp_path):
    paths = [record.entry.path for record in records(read)]
    assert paths != sorted(paths)
    assert [one.entry.path for one in records(brought_in(tmp_path, pile))] == paths


def test_a_killed_import_goes_on_without_loss_or_double(tmp_path, pile, read, monkeypatch):
    monkeypatch.setattr("state.files.imports.BLOCK", 10)
    found = new_import(tmp_path)
    found.set_plan(ImportPlan(str(pile)))

    def killed_at_the_third(found, source, drafts, number):
        if number == 2:
            raise KeyboardInterrupt
        read_block(found, source, drafts, number)

    monkeypatch.setattr(blocks, "read_block", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        bring_in(found)
    assert found.progress == (4, ALL + 1)  # the first blocks are small
    assert not found.done
    first = (found.block_folder(0) / "records.json").stat().st_mtime_ns
    monkeypatch.setattr(blocks, "read_block", read_block)
    bring_in(ImportFolder(found.folder))
    again = ImportFolder(found.folder)
    assert (again.block_folder(0) / "records.json").stat().st_mtime_ns == first
    assert [one.entry.path for one in records(again)] == [o.entry.path for o in records(read)]


def test_nothing_to_read_is_said_in_a_sentence(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "a.txt").write_text("no image")
    found = new_import(tmp_path / "data")
    found.set_plan(ImportPlan(str(empty)))
    assert told(found, lambda: bring_in(found)) == 2
    assert "can be read" in found.trouble
    assert not found.done


def test_a_full_disk_is_said_in_a_sentence_and_what_was_read_stays(tmp_path, pile):
    found = new_import(tmp_path)
    found.set_plan(ImportPlan(str(pile)))

    def full():
        raise OSError(28, "No space left on device")

    assert told(found, full) == 2
    assert "free some space" in found.trouble
    assert told(found, lambda: bring_in(found)) == 0
    assert found.trouble == ""
    assert found.done


def test_what_nobody_thought_of_is_in_the_log_and_no_traceback_on_screen(tmp_path):
    found = new_import(tmp_path)
    found.set_plan(ImportPlan("nowhere"))

    def broken():
        raise ZeroDivisionError

    assert told(found, broken) == 2
    assert found.trouble == importer.BROKEN


class TestInPlace:
    @pytest.fixture
    def stayed(self, tmp_path):
        pile = write_pile(tmp_path / "pile", 6, 2)
        return pile, brought_in(tmp_path / "data", pile, in_place=True)

    def test_no_file_is_copied(self, stayed):
        pile, found = stayed
        assert (found.block_folder(0) / "originals.bin").stat().st_size == 0
        with found.stayed() as source:
            for block, record in found.records():
                assert block.original(record, source) == (pile / record.entry.path).read_bytes()

    def test_a_file_that_changed_is_told_of(self, stayed):
        pile, found = stayed
        block, record = next(found.records())
        (pile / record.entry.path).write_bytes(jpeg(piece(99, True)))
        with found.stayed() as source, pytest.raises(StoreUnavailable, match="has changed"):
            block.original(record, source)

    def test_a_file_that_has_gone_is_told_of(self, stayed):
        pile, found = stayed
        block, record = next(found.records())
        (pile / record.entry.path).unlink()
        with found.stayed() as source, pytest.raises(StoreUnavailable, match="has gone"):
            block.original(record, source)

    def test_a_folder_that_has_gone_is_told_of(self, stayed):
        pile, found = stayed
        shutil.rmtree(pile)
        with pytest.raises(StoreUnavailable, match="has gone"), found.stayed():
            pass


class TestPool:
    def test_without_labels_everything_is_in_the_pool_and_nothing_is_known(self, read):
        data, own = own_data(read.folder.parents[1], OwnImages(read.name), 0, silent)
        assert data.pool.shape == (ALL, 64, 64, 3)
        assert len(data.truth) == len(data.classes) == len(data.test) == len(data.validation) == 0
        assert own.pool.tolist() == [[0, 0, at] for at in range(ALL)]

    def test_labels_are_taken_for_truth_and_some_set_aside(self, read):
        wanted = OwnImages(read.name, truth=True, normal=("good",), test=True)
        data, own = own_data(read.folder.parents[1], wanted, 0, silent)
        labels = [record.entry.label for record in records(read)]
        for places, images, y in (
            (own.pool, data.pool, data.truth),
            (own.test, data.test.images, data.test.y),
        ):
            assert [labels[at] == "good" for _, _, at in places.tolist()] == (y > 0).tolist()
            for (_, _, at), pixels in zip(places.tolist(), images, strict=True):
                assert np.array_equal(pixels, read.blocks[0].pixels[at])
        assert len(data.test) == round(0.3 * GOOD) + round(0.3 * SCRATCHED)
        shared = {tuple(one) for one in own.pool.tolist()} & {
            tuple(one) for one in own.test.tolist()
        }
        assert shared == set()

    def test_seen_in_another_way_the_files_are_read_anew(self, tmp_path, pile):
        found = brought_in(tmp_path, pile)
        found.set_plan(replace(found.plan, choices=Choices(32, Fit.CROP, colour=False)))
        data, _ = own_data(tmp_path, OwnImages(found.name), 0, silent)
        assert data.pool.shape == (ALL, 32, 32)
        small = found.blocks[0].pixels.mean(axis=(1, 2, 3))
        np.testing.assert_allclose(data.pool.mean(axis=(1, 2)), small, atol=4)

    def test_an_import_that_has_gone_is_told_of(self, tmp_path):
        with refused(InvalidInput, "no longer there"):
            own_data(tmp_path, OwnImages("0" * 32), 0, silent)


def test_a_block_has_a_size_that_fits_memory():
    assert 256 * 256 * 3 * BLOCK < 100e6
