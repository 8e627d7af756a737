"""IDX files are read under every usual name, and no kind of damage gets through."""

import gzip

import numpy as np
import pytest
from idx_files import NAMES, idx_bytes, small_arrays, write_idx
from refused import refused

from anomaly_core.datasets.idx import load_idx
from anomaly_core.errors import DatasetDamaged, DatasetMissing

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = NAMES


@pytest.fixture
def folder(tmp_path):
    return write_idx(tmp_path, small_arrays())


@pytest.mark.parametrize("gz", ["", ".gz"])
@pytest.mark.parametrize("dash", ["-", "."])
@pytest.mark.parametrize("nested", [".", "raw", "MNIST/raw"])
def test_files_are_found_under_every_usual_name(tmp_path, nested, dash, gz):
    arrays = small_arrays()
    write_idx(tmp_path / nested, arrays, dash, gz)
    dataset = load_idx(tmp_path)
    names = ("images", "labels", "test_images", "test_labels")
    for name, source in zip(names, arrays, strict=True):
        assert np.array_equal(getattr(dataset, name), source), name


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda data: data[:-1], "should hold 1,440 bytes of data but holds 1,439"),
        (lambda data: data + b"x", "should hold 1,440 bytes of data but holds 1,441"),
        (lambda data: data[:10], "is not an IDX file of 3-dimensional bytes"),
        (lambda data: b"", "is not an IDX file"),
        (lambda data: b"\1" + data[1:], "is not an IDX file"),
        (lambda data: data[:2] + b"\x0d" + data[3:], "is not an IDX file"),
        (lambda data: data[:3] + b"\1" + data[4:], "is not an IDX file"),
        (lambda data: data[:4] + bytes(12), "should hold 0 bytes"),
        (lambda data: data[:4] + b"\x80\0\0\0\x80\0\0\0\0\0\0\4", "should hold 18,446,744,073"),
    ],
    ids=[
        "truncated",
        "too long",
        "half a header",
        "empty",
        "wrong magic",
        "floats",
        "labels",
        "no images",
        "size beyond 64 bits",
    ],
)
@pytest.mark.parametrize("gz", ["", ".gz"])
def test_a_damaged_file_is_named(folder, damage, complaint, gz):
    damaged = damage((folder / IMAGES).read_bytes())
    (folder / IMAGES).unlink()
    (folder / (IMAGES + gz)).write_bytes(gzip.compress(damaged) if gz else damaged)
    with refused(DatasetDamaged, f"{IMAGES}{gz} .*{complaint}.*fetch the file again"):
        load_idx(folder)


@pytest.mark.parametrize("name", NAMES)
def test_all_four_files_are_checked(folder, name):
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with refused(DatasetDamaged, f"{name} should hold"):
        load_idx(folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[: len(packed) // 2],
        lambda packed: packed[:40] + b"\xff\xff\xff\xff" + packed[44:],
        lambda packed: packed[:-8] + bytes(8),
        lambda packed: b"not gzip at all",
    ],
    ids=["truncated", "altered", "wrong checksum", "not gzip"],
)
def test_a_corrupt_gz_is_named(tmp_path, damage):
    write_idx(tmp_path, small_arrays(), gz=".gz")
    path = tmp_path / f"{IMAGES}.gz"
    path.write_bytes(damage(path.read_bytes()))
    with refused(DatasetDamaged, f"{IMAGES}.gz cannot be read"):
        load_idx(tmp_path)


@pytest.mark.parametrize(
    ("name", "labels", "complaint"),
    [
        (LABELS, 39, "train-images in .* has 40 images but 39 labels"),
        (TEST_LABELS, 21, "t10k-images in .* has 20 images but 21 labels"),
    ],
)
def test_images_and_labels_must_be_as_many(folder, name, labels, complaint):
    (folder / name).write_bytes(idx_bytes(np.zeros(labels)))
    with refused(DatasetDamaged, complaint):
        load_idx(folder)


def test_training_and_test_images_must_have_one_size(folder):
    (folder / TEST_IMAGES).write_bytes(idx_bytes(np.zeros((20, 6, 7))))
    with refused(DatasetDamaged, "differ in size"):
        load_idx(folder)


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with refused(DatasetMissing, f"{name} \\(or .gz\\) is missing in"):
        load_idx(folder)


def test_a_folder_without_idx_files_is_refused(tmp_path):
    with refused(DatasetMissing, "No train-images-idx3-ubyte"):
        load_idx(tmp_path)


def test_a_missing_folder_is_refused(tmp_path):
    with refused(DatasetMissing, "nowhere does not exist"):
        load_idx(tmp_path / "nowhere")
