"""What is given is opened by its name, or refused in a sentence."""

import pytest
from refused import refused

from anomaly_core.errors import DatasetDamaged, DatasetMissing, InvalidInput
from anomaly_core.importing import open_source
from anomaly_core.importing.sources.opening import holds_pixels

SUFFIXES = (".zip", ".csv", ".tsv", ".parquet", ".npy", ".npz", ".gz", ".png", "-idx3-ubyte")


def test_what_is_not_there_is_refused(tmp_path):
    with (
        refused(DatasetMissing, "nowhere.zip does not exist"),
        open_source(tmp_path / "nowhere.zip"),
    ):
        pass


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_empty_files_are_refused(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.touch()
    with refused(DatasetDamaged, "holds 0 bytes; copy the file again"), open_source(path):
        pass


@pytest.mark.parametrize("suffix", SUFFIXES[:-2])
def test_files_of_nonsense_are_refused(tmp_path, suffix):
    path = tmp_path / f"a{suffix.upper()}"
    path.write_bytes(b"\x80\x04nonsense\0")
    with pytest.raises(DatasetDamaged), open_source(path):
        pass


@pytest.mark.parametrize("name", ["a.txt", "a.pkl", "a", "a.svg"])
def test_other_kinds_of_files_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with refused(InvalidInput, f"{name} is nothing that images are imported from"):
        open_source(tmp_path / name).__enter__()


def test_an_empty_folder_has_no_images(tmp_path):
    with open_source(tmp_path) as source:
        assert source.listing().entries == ()


@pytest.mark.parametrize(
    ("name", "content", "pixels"),
    [
        ("a.npy", "", True),
        ("a.npz", "", True),
        ("train-images-idx3-ubyte", "", True),
        ("train-images-idx3-ubyte.gz", "", True),
        ("a.csv", "label,0,1,2\n3,0,0,0\n", True),
        ("a.csv", "path,label\na.jpg,good\n", False),
        ("a.tsv", "filename\tlabel\na.jpg\tgood\n", False),
        ("a.csv", "", False),
        ("a.parquet", "", False),
        ("a.zip", "", False),
        ("a.jpg", "", False),
    ],
)
def test_what_holds_pixels_is_known_by_its_name_or_heading(tmp_path, name, content, pixels):
    (tmp_path / name).write_text(content)
    assert holds_pixels(tmp_path / name) == pixels


def test_a_folder_holds_files(tmp_path):
    assert not holds_pixels(tmp_path)
