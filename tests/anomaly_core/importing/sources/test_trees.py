"""Folders of image files are listed in full, and never left."""

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from image_files import png, write_tree, write_zip
from refused import refused

from anomaly_core.errors import InvalidInput, Refused
from anomaly_core.importing.sources import trees
from anomaly_core.importing.sources.archives import LARGEST_FILE
from anomaly_core.importing.sources.opening import open_source
from anomaly_core.importing.sources.trees import FencedFolder, is_hidden, printable

IMAGE = png(np.arange(120, dtype=np.uint8).reshape(10, 12))


def listed(root: Path):
    with open_source(root) as source:
        return source.listing()


def paths(listing) -> list[str]:
    return [one.path for one in listing.entries]


def reasons(listing) -> dict[str, str]:
    return {one.path: one.reason for one in listing.refusals}


@pytest.mark.parametrize("write", [write_tree, write_zip], ids=["folder", "zip"])
def test_images_are_listed_in_the_order_of_paths_and_read_back(tmp_path, write):
    tree = {f"{name}/{n}.PNG": IMAGE + bytes([n]) for n in (10, 9) for name in ("b", "a")}
    with open_source(write(tmp_path / "images.zip", tree)) as source:
        listing = source.listing()
        assert paths(listing) == ["a/10.PNG", "a/9.PNG", "b/10.PNG", "b/9.PNG"]
        assert [one.label for one in listing.entries] == ["a", "a", "b", "b"]
        assert {path: source.read(path) for path in tree} == tree
        assert (listing.refusals, listing.notes) == ((), ())


@pytest.mark.parametrize("write", [write_tree, write_zip], ids=["folder", "zip"])
def test_other_files_are_refused_and_hidden_ones_left_out(tmp_path, write):
    tree = {
        "a/1.png": IMAGE,
        "a/notes.txt": b"",
        "drawing.svg": b"<svg/>",
        "a/.hidden.png": IMAGE,
        ".git/1.png": IMAGE,
        "__MACOSX/a/1.png": IMAGE,
        "a/Thumbs.db": b"",
    }
    listing = listed(write(tmp_path / "images.zip", tree))
    assert paths(listing) == ["a/1.png"]
    assert reasons(listing) == dict.fromkeys(["a/notes.txt", "drawing.svg"], trees.NO_IMAGE)
    assert trees.NO_IMAGE.startswith("It is no image that can be read: JPEG, PNG, WebP")


@pytest.mark.parametrize(
    ("path", "hidden"),
    [("a.png", False), (".a.png", True), (".a/b.png", True), ("./b.png", False), ("a/..b", True)],
)
def test_what_is_hidden(path, hidden):
    assert is_hidden(path) is hidden


@pytest.mark.parametrize(
    "name",
    ["צילום.png", "صورة.png", "a" * 251 + ".png", "a\nb.png", "<b onclick=x>.png", "'; --.png"],
    ids=["hebrew", "arabic", "255 bytes", "newline", "html", "quotes"],
)
def test_names_are_data(tmp_path, name):
    with open_source(write_tree(tmp_path, {name: IMAGE})) as source:
        assert paths(source.listing()) == [name]
        assert source.read(name) == IMAGE


def test_names_that_are_no_text_are_refused(tmp_path):
    (tmp_path / os.fsdecode(b"\xff.png")).write_bytes(IMAGE)
    listing = listed(tmp_path)
    assert listing.entries == ()
    assert reasons(listing) == {"?.png": "Its name is no valid text; give it another."}
    assert printable("é") == "é"


@pytest.mark.parametrize("write", [write_tree, write_zip], ids=["folder", "zip"])
def test_names_that_differ_only_in_their_accents_are_both_kept_and_told_of(tmp_path, write):
    names = [unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD")]
    tree = {name: IMAGE + bytes([n]) for n, name in enumerate(names)}
    with open_source(write(tmp_path / "images.zip", tree)) as source:
        listing = source.listing()
        assert sorted(paths(listing)) == sorted(names)
        assert listing.notes[0].startswith("1 name looks like another")
        assert {name: source.read(name) for name in names} == tree


def test_links_out_of_the_folder_are_refused_when_listed_and_when_read(tmp_path):
    write_tree(tmp_path, {"inside/1.png": IMAGE, "secret.png": IMAGE, "outside/2.png": IMAGE})
    inside = tmp_path / "inside"
    (inside / "link.png").symlink_to(tmp_path / "secret.png")
    (inside / "folder").symlink_to(tmp_path / "outside")
    with open_source(inside) as source:
        listing = source.listing()
        assert paths(listing) == ["1.png"]
        assert set(reasons(listing)) == {"link.png", "folder"}
        assert all("link out of the folder" in reason for reason in reasons(listing).values())
        for path in ("link.png", "folder/2.png", "../secret.png", str(tmp_path / "secret.png")):
            with refused(Refused, "no ordinary file in this folder"):
                source.read(path)


def test_loops_and_dead_links_are_refused_and_links_within_are_files(tmp_path):
    write_tree(tmp_path, {"a/1.png": IMAGE})
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/self.png").symlink_to(tmp_path / "a/self.png")
    (tmp_path / "a/dead.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "a/2.png").symlink_to(tmp_path / "a/1.png")
    with open_source(tmp_path) as source:
        listing = source.listing()
        assert paths(listing) == ["a/1.png", "a/2.png"]
        assert set(reasons(listing)) == {"a/up", "a/self.png", "a/dead.png"}
        assert source.read("a/2.png") == IMAGE


def test_devices_are_refused_without_waiting_for_them(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with open_source(tmp_path) as source:
        assert reasons(source.listing()) == {
            "pipe.png": "It is neither file nor folder; leave it out."
        }
        with refused(Refused, "no ordinary file"):
            source.read("pipe.png")


def test_folders_that_cannot_be_opened_are_told_of(tmp_path, monkeypatch):
    write_tree(tmp_path, {"open/1.png": IMAGE, "shut/2.png": IMAGE})
    scandir = os.scandir

    def guarded(folder):
        if Path(folder).name == "shut":
            raise PermissionError
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    listing = listed(tmp_path)
    assert paths(listing) == ["open/1.png"]
    assert reasons(listing) == {"shut": "The folder cannot be opened; allow it."}
    with refused(InvalidInput, "shut cannot be opened"):
        listed(tmp_path / "shut")


def test_a_file_that_vanishes_is_refused_when_it_is_read(tmp_path):
    write_tree(tmp_path, {"1.png": IMAGE})
    with open_source(tmp_path) as source:
        source.listing()
        (tmp_path / "1.png").unlink()
        with refused(Refused, "cannot be read any more"):
            source.read("1.png")


def test_giants_are_refused_before_they_are_read(tmp_path):
    with (tmp_path / "1.png").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with refused(Refused, "larger than 500 MB"):
        FencedFolder(tmp_path).open("1.png")


def test_folders_of_too_many_files_are_refused(tmp_path, monkeypatch):
    write_tree(tmp_path, {f"{n}.png": b"" for n in range(4)})
    monkeypatch.setattr(trees, "MOST_FILES", 4)
    assert len(listed(tmp_path).entries) == 4
    monkeypatch.setattr(trees, "MOST_FILES", 3)
    with refused(InvalidInput, "more than .* files; divide it"):
        listed(tmp_path)


def test_a_single_image_is_a_source_of_one(tmp_path):
    write_tree(tmp_path, {"a.jpg": IMAGE, "b.jpg": IMAGE})
    with open_source(tmp_path / "a.jpg") as source:
        assert paths(source.listing()) == ["a.jpg"]
        assert source.read("a.jpg") == IMAGE
        with refused(Refused, "cannot be read any more"):
            source.read("b.jpg")


def test_masks_and_the_ground_truth_of_mvtec_are_left_out(tmp_path):
    mask = png(np.eye(10, dtype=np.uint8) * 255)
    tree = {f"train/good/{n}.png": IMAGE for n in range(3)}
    tree |= {f"test/{name}/{n}.png": IMAGE for name in ("good", "crack") for n in range(2)}
    tree |= {f"ground_truth/crack/{n}_mask.png": mask for n in range(2)}
    listing = listed(write_tree(tmp_path, tree))
    assert len(listing.entries) == 7
    assert listing.notes == (
        "2 files in ground_truth, beside the splits, are masks and were left out.",
    )


def test_the_whole_of_mvtec_comes_with_its_splits_labels_and_categories(tmp_path):
    mask = png(np.eye(10, dtype=np.uint8) * 255)
    tree = {"license.txt": b"CC BY-NC-SA 4.0"}
    for category, defect in (("bottle", "broken_large"), ("screw", "thread_side")):
        tree |= {f"{category}/train/good/{n:03}.png": IMAGE for n in range(3)}
        tree |= {f"{category}/test/{kind}/000.png": IMAGE for kind in ("good", defect)}
        tree |= {f"{category}/ground_truth/{defect}/000_mask.png": mask}
    listing = listed(write_tree(tmp_path, tree))
    told = [(one.group, one.split, one.label) for one in listing.entries]
    assert told[:2] == [("bottle", "test", "broken_large"), ("bottle", "test", "good")]
    assert told[5:7] == [("screw", "test", "good"), ("screw", "test", "thread_side")]
    assert told[2:5] == [("bottle", "train", "good")] * 3
    assert told[7:] == [("screw", "train", "good")] * 3
    assert listing.notes == (
        "2 files in ground_truth, beside the splits, are masks and were left out.",
    )
