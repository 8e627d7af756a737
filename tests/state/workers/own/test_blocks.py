"""Blocks of an import, read by several processes that share memory for large images."""

import json
import multiprocessing
import shutil
import threading

import pytest
from own_pile import ALL_FILES, brought_in, write_pile

from state.files.imports import ImportFolder, ImportPlan, new_import
from state.workers.own.blocks import SHARE, SHARES, Room
from state.workers.own.importer import bring_in


@pytest.fixture(scope="module")
def pile(tmp_path_factory):
    return write_pile(tmp_path_factory.mktemp("pile") / "pile")


def told(found):
    """Every path, what was found out, and the pixels."""
    return [
        (record.entry, record.examined, block.thumbnail(record), pixels.tobytes())
        for block in found.blocks
        for record, pixels in zip(block.records, block.pixels, strict=True)
    ]


def planned(folder, source):
    found = new_import(folder)
    found.set_plan(ImportPlan(str(source)))
    return found


class TestSeveralProcesses:
    @pytest.fixture(autouse=True)
    def small_blocks(self, monkeypatch):
        monkeypatch.setattr("state.files.imports.BLOCK", 8)

    @pytest.mark.process
    def test_they_read_what_one_reads_in_the_same_order(self, tmp_path, pile):
        one, several = brought_in(tmp_path / "one", pile), planned(tmp_path / "several", pile)
        bring_in(several, 2)
        assert several.progress == (ALL_FILES, ALL_FILES)
        assert told(several) == told(one)

    @pytest.mark.process
    def test_what_a_killed_one_read_stays(self, tmp_path, pile):
        whole = brought_in(tmp_path / "whole", pile)
        found = brought_in(tmp_path / "killed", pile)
        (found.folder / "findings.json").unlink()
        for number in (1, 3, 4, 5):
            shutil.rmtree(found.block_folder(number))
        kept = (found.block_folder(2) / "records.json").stat().st_mtime_ns
        again = ImportFolder(found.folder)
        bring_in(again, 2)
        assert told(again) == told(whole)
        assert (again.block_folder(2) / "records.json").stat().st_mtime_ns == kept
        assert list(again.folder.rglob(".*")) == []


def test_a_listing_of_an_older_import_is_understood(tmp_path, pile):
    found = brought_in(tmp_path, pile)
    entries = found.entries
    listed = json.loads((found.folder / "listing.json").read_text())
    rows = [entry._asdict() for entry in entries]
    moved = ImportFolder(found.folder.rename(tmp_path / "older"))
    (moved.folder / "listing.json").write_text(json.dumps(listed | {"entries": rows}))
    assert moved.entries == entries


class TestRoom:
    def test_the_largest_image_waits_until_it_is_alone(self):
        room, there = Room.of(multiprocessing.get_context("spawn")), threading.Event()

        def largest():
            with room.taken(100 * SHARE):
                there.set()

        with room.taken(SHARE):
            waiting = threading.Thread(target=largest)
            waiting.start()
            assert not there.wait(0.05)
        waiting.join()
        assert there.is_set()

    def test_small_images_never_wait(self):
        room = Room.of(multiprocessing.get_context("spawn"))
        with room.taken(SHARES * SHARE), room.taken(100):
            pass
