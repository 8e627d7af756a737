"""Folders and archives of image files become classes and splits."""

import zlib

import numpy as np
import pytest
from image_files import png, write_tree, write_zip
from PIL import Image
from refused import refused
from some import some

from anomaly_core.datasets import outline_of
from anomaly_core.datasets.image_folder import blank_folder, load_folder
from anomaly_core.datasets.scenario import Scenario, build_scenario
from anomaly_core.errors import DatasetDamaged, DatasetMissing, InvalidInput, InvalidScenario


def grey(value: int, side: int = 20) -> bytes:
    return png(np.full((side, side), value, np.uint8))


def values(dataset) -> list[tuple[str, int]]:
    """Class and first pixel of each image."""
    names = [dataset.names[label] for label in dataset.labels]
    return list(zip(names, dataset.images.reshape(len(names), -1)[:, 0].tolist(), strict=True))


TREE = {"good/2.png": grey(2), "good/10.png": grey(10), "bad/deep/er/1.png": grey(1)}


@pytest.mark.parametrize("wrapped", ["", "download/", "a/b/"])
@pytest.mark.parametrize("write", [write_tree, write_zip], ids=["folder", "zip"])
def test_subfolders_are_classes_however_they_are_wrapped(tmp_path, wrapped, write):
    root = write(tmp_path / "images", {wrapped + path: file for path, file in TREE.items()})
    dataset = load_folder(root, 16)
    assert dataset.names == ("bad", "good")
    assert values(dataset) == [("bad", 1), ("good", 2), ("good", 10)]
    assert dataset.images.shape == (3, 16, 16)
    assert dataset.test_images is None


def test_train_and_test_are_splits_where_both_have_the_classes(tmp_path):
    tree = {
        f"{split}/{name}/{n}.png": grey(n)
        for split in ("train", "test")
        for name, n in (("a", 1), ("b", 2))
    }
    dataset = load_folder(write_tree(tmp_path, tree), 16)
    assert dataset.labels.tolist() == [0, 1]
    assert dataset.test_labels is not None
    assert dataset.test_labels.tolist() == [0, 1]


def test_splits_of_other_classes_are_put_together(tmp_path):
    tree = {"train/good/1.png": grey(1), "test/good/2.png": grey(2), "test/crack/3.png": grey(3)}
    dataset = load_folder(write_tree(tmp_path, tree), 16)
    assert dataset.test_images is None
    assert values(dataset) == [("good", 1), ("crack", 3), ("good", 2)]


def test_a_pattern_chooses_files_and_what_is_hidden_is_left_out(tmp_path):
    tree = {
        "a/1.jpg": png(np.full((20, 20), 200, np.uint8), format="JPEG"),
        "a/1.png": grey(7),
        "a/.2.jpg": b"",
        "__MACOSX/a/1.jpg": b"",
        "a/notes.txt": b"no image",
    }
    dataset = load_folder(write_tree(tmp_path, tree), 16, files="*.jpg")
    assert values(dataset) == [("a", 200)]


def test_one_image_in_colour_makes_all_of_them_so(tmp_path):
    colour = png(np.full((20, 20, 3), (9, 8, 7), np.uint8))
    dataset = load_folder(write_tree(tmp_path, {"a/1.png": grey(5), "b/2.png": colour}), 16)
    assert dataset.images.shape == (2, 16, 16, 3)
    assert dataset.images[:, 0, 0].tolist() == [[5, 5, 5], [9, 8, 7]]


def test_an_outline_is_the_same_with_black_images(tmp_path):
    tree = {
        f"{split}/{name}/{n}.png": grey(n)
        for split in ("train", "test")
        for name in ("a", "b")
        for n in (1, 2)
    }
    root = write_zip(tmp_path / "images.zip", tree)
    whole = load_folder(root, 16)
    for outline in (blank_folder(root, 16), outline_of(Scenario("folder", size=16), root)):
        assert outline.names == whole.names
        assert np.array_equal(outline.labels, whole.labels)
        assert np.array_equal(some(outline.test_labels), some(whole.test_labels))
        assert outline.images.shape == whole.images.shape
        assert not outline.images.any()


def test_normal_classes_are_chosen_by_name(tmp_path):
    tree = {f"{name}/{n}.png": grey(n) for name in ("good", "7") for n in range(40)}
    dataset = load_folder(write_tree(tmp_path, tree), 16)
    data = build_scenario(Scenario("folder", ("good",)), dataset)
    assert set(data.classes[data.truth > 0].tolist()) == {dataset.names.index("good")}
    data = build_scenario(Scenario("folder", (7,)), dataset)
    assert set(data.classes[data.truth > 0].tolist()) == {dataset.names.index("7")}
    with refused(InvalidScenario, "This folder has no class odd; choose from 7, good"):
        build_scenario(Scenario("folder", ("odd",)), dataset)


@pytest.mark.parametrize("size", [15, 513])
def test_sizes_out_of_bounds_are_refused(tmp_path, size):
    with refused(InvalidInput, f"{size} pixels a side cannot be used; give 16 to 512"):
        load_folder(write_tree(tmp_path, TREE), size)


def test_what_is_no_tree_of_images_is_refused(tmp_path):
    with refused(DatasetMissing, "does not exist; give a folder or zip archive"):
        load_folder(tmp_path / "nowhere")
    (tmp_path / "file.zip").write_bytes(b"no archive")
    with refused(DatasetDamaged, "is no zip archive"):
        load_folder(tmp_path / "file.zip")
    (tmp_path / "empty").mkdir()
    with refused(DatasetMissing, "holds no image in a subfolder"):
        load_folder(tmp_path / "empty")
    with refused(
        DatasetMissing, r"No image in .* has a name like \*.jpg, .* example bad/deep/er/1.png"
    ):
        load_folder(write_tree(tmp_path / "others", TREE), files="*.jpg")
    with refused(DatasetMissing, "holds no image in a subfolder"):
        load_folder(tmp_path / "empty", files="*.jpg")
    with refused(DatasetMissing, "loose.png lies in no folder of a class"):
        load_folder(write_tree(tmp_path / "loose", TREE | {"loose.png": grey(1)}))
    with refused(DatasetDamaged, "a/broken.png cannot be read as an image"):
        load_folder(write_tree(tmp_path / "broken", {"a/broken.png": grey(1)[:40]}))


@pytest.mark.parametrize(
    "error",
    [RuntimeError("encrypted"), NotImplementedError, zlib.error, Image.DecompressionBombError],
)
def test_whatever_a_file_is_refused_for_it_is_one_sentence(tmp_path, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr("anomaly_core.datasets.image_folder.read_image", fail)
    with refused(DatasetDamaged, "cannot be read as an image; repair or remove the file"):
        load_folder(write_tree(tmp_path, TREE), 16)


def test_digits_that_are_no_numbers_may_stand_in_names(tmp_path):
    tree = {"\u00b2/1.png": grey(1), "b/\u2460.png": grey(2)}
    assert load_folder(write_tree(tmp_path, tree), 16).names == ("b", "\u00b2")
