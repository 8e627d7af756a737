"""What is to be scored is listed whole, in one order, and cut into the same blocks every time."""

import zipfile

import numpy as np
import pytest
from image_files import png
from refused import refused
from scorable import noisy, write_images

from anomaly_core.errors import DatasetMissing, InvalidInput, Refused
from anomaly_core.scoring.piles import BLOCK, blocks_in, list_pile, opened_reader

IMAGE = png(noisy(1)[0])


def listed(path):
    pile = list_pile(path)
    return [one for number in blocks_in(pile) for one in pile.block(number)]


@pytest.fixture
def folder(tmp_path):
    root = write_images(tmp_path / "photos", noisy(4))
    (root / "notes.txt").write_text("taken on Tuesday")
    return root


PATHS = ["a/0000.png", "a/0001.png", "b/0002.png", "b/0003.png"]


def test_a_folder_is_listed_with_all_its_folders_and_without_what_is_no_image(folder):
    assert [one.path for one in listed(folder)] == PATHS
    assert list(list_pile(folder).notes) == ["Left out: 1 file not named like an image."]
    with opened_reader(folder) as read:
        assert read("a/0000.png") == IMAGE


def test_what_cannot_be_taken_is_listed_with_its_reason(folder):
    (folder / "away.png").symlink_to("/etc/hostname")
    assert [one.path for one in listed(folder) if one.reason] == ["away.png"]


def test_an_archive_and_an_array_are_listed_like_a_folder(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, path.relative_to(folder))
    assert [one.path for one in listed(tmp_path / "photos.zip")] == PATHS
    np.save(tmp_path / "images.npy", noisy(11))
    assert [one.path for one in listed(tmp_path / "images.npy")][::10] == ["00.png", "10.png"]
    with opened_reader(tmp_path / "images.npy") as read:
        assert read("00.png").startswith(b"\x89PNG")


@pytest.mark.parametrize("heading", [None, "label;path"])
def test_a_list_names_files_from_its_folder_on_or_absolutely(folder, tmp_path, heading):
    names = ["photos/b/0003.png", str(folder / "a" / "0000.png"), "photos/none.png"]
    if heading is None:
        path = tmp_path / "list.txt"
        path.write_text("\n".join([*names, ""]) + "\r\n")
    else:
        path = tmp_path / "list.csv"
        path.write_text("\n".join([heading, *(f"good;{name}" for name in names)]))
    assert [one.path for one in listed(path)] == names
    with opened_reader(path) as read:
        assert read(names[0]) == (folder / "b" / "0003.png").read_bytes()
        assert read(names[1]) == IMAGE
        with refused(Refused, "does not exist; correct the path"):
            read(names[2])
        with refused(Refused, "no ordinary file|damaged or not allowed"):
            read("photos")


@pytest.mark.parametrize("suffix", [".parquet", ".PARQUET"])
def test_a_table_of_parquet_is_a_list_whatever_the_case_of_its_suffix(tmp_path, suffix):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"path": ["a.png", "b.png"]}), tmp_path / f"list{suffix}")
    assert [one.path for one in listed(tmp_path / f"list{suffix}")] == ["a.png", "b.png"]


def test_a_row_without_a_file_keeps_its_place(tmp_path):
    (tmp_path / "list.csv").write_text("path,label\na.png,good\n,bad\nb.png\n")
    first, second, third = listed(tmp_path / "list.csv")
    assert (first.reason, second.path, third.path) == (None, "row 2", "row 3")
    assert "names no file" in str(second.reason)


@pytest.mark.parametrize("count", [1, BLOCK, BLOCK + 1, 3 * BLOCK - 1])
def test_a_long_text_is_cut_into_blocks_wherever_they_start(tmp_path, count):
    names = [f"{number}é.png" for number in range(count)]
    (tmp_path / "list.txt").write_text("\n\n".join(names), encoding="utf-8")
    pile = list_pile(tmp_path / "list.txt")
    assert pile.count == count
    blocks = [[one.path for one in pile.block(number)] for number in reversed(blocks_in(pile))]
    assert [name for block in reversed(blocks) for name in block] == names
    assert all(len(block) == BLOCK for block in blocks[1:])


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_shards_have_each_block_once(tmp_path, of):
    (tmp_path / "list.txt").write_text("x.png\n" * (4 * BLOCK + 1))
    pile = list_pile(tmp_path / "list.txt")
    found = [number for shard in range(1, of + 1) for number in blocks_in(pile, (shard, of))]
    assert sorted(found) == [0, 1, 2, 3, 4]


def test_other_images_have_another_fingerprint(folder, tmp_path):
    before = list_pile(folder).fingerprint
    assert list_pile(folder).fingerprint == before
    (folder / "c.png").write_bytes(IMAGE)
    assert list_pile(folder).fingerprint != before
    arrays = []
    for seed in (0, 1):  # rows of arrays have equal names
        np.save(tmp_path / "images.npy", noisy(3, seed=seed))
        arrays.append(list_pile(tmp_path / "images.npy").fingerprint)
    assert arrays[0] != arrays[1]


def test_nothing_is_told_in_a_sentence(tmp_path):
    with refused(DatasetMissing, "does not exist; give a folder, a zip archive or a list"):
        list_pile(tmp_path / "none")
    with refused(InvalidInput, "There is no image in"):
        list_pile(tmp_path)
    (tmp_path / "list.txt").write_text("\n \n")
    with refused(InvalidInput, "names no file; write one path a line"):
        list_pile(tmp_path / "list.txt")
