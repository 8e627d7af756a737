"""The bundled digits are the published ones; full MNIST is checked before it is believed."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from idx_files import NAMES, idx_bytes, small_arrays, write_idx
from refused import refused

from anomaly_core.datasets.mnist import RAW_MD5, load_mnist
from anomaly_core.errors import DatasetDamaged, DatasetMissing

ARRAYS = small_arrays(side=28)


@pytest.fixture
def _small_is_true(monkeypatch):
    """Take the checksums of a small stand-in for those of MNIST."""
    for name, values in zip(NAMES, ARRAYS, strict=True):
        monkeypatch.setitem(RAW_MD5, name, hashlib.md5(idx_bytes(values)).hexdigest())


def test_mnist_5k_has_500_of_each_digit(mnist_5k):
    assert np.bincount(mnist_5k.labels).tolist() == [500] * 10


def test_without_files_or_download_mnist_is_missing(tmp_path):
    with refused(DatasetMissing, "MNIST is not in .*allow download"):
        load_mnist(tmp_path, download=False)


@pytest.mark.parametrize("name", NAMES)
def test_mnist_without_one_of_its_files_is_missing(tmp_path, name):
    raw = write_idx(tmp_path / "MNIST" / "raw", ARRAYS)
    (raw / name).unlink()
    with refused(DatasetMissing, "MNIST is not in"):
        load_mnist(tmp_path, download=False)


def test_other_digits_do_not_pass_for_mnist(tmp_path):
    write_idx(tmp_path / "MNIST" / "raw", ARRAYS)
    with refused(DatasetDamaged, "train-images-idx3-ubyte of MNIST is damaged"):
        load_mnist(tmp_path, download=False)


@pytest.mark.usefixtures("_small_is_true")
@pytest.mark.parametrize("name", NAMES)
def test_an_altered_file_is_named(tmp_path, name):
    raw = write_idx(tmp_path / "MNIST" / "raw", ARRAYS)
    data = (raw / name).read_bytes()
    (raw / name).write_bytes(data[:-1] + bytes((data[-1] ^ 1,)))
    with refused(DatasetDamaged, f"{name} of MNIST is damaged; delete it"):
        load_mnist(tmp_path, download=False)


@pytest.mark.usefixtures("_small_is_true")
def test_mnist_is_downloaded_once_and_says_so(tmp_path, monkeypatch):
    downloads, said = [], []

    def fetch(root: str, download: bool) -> None:
        downloads.append(root)
        write_idx(Path(root) / "MNIST" / "raw", ARRAYS)

    monkeypatch.setattr("torchvision.datasets.MNIST", fetch)
    for _ in range(2):
        dataset = load_mnist(tmp_path, download=True, progress=lambda *report: said.append(report))
        assert np.array_equal(dataset.images, ARRAYS[0])
    assert len(downloads) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["MNIST"]  # nothing unfinished is left
    assert said == [(0.0, "Downloading MNIST (11 MB)")]


def test_a_download_that_fails_is_one_sentence(tmp_path, monkeypatch):
    nobody_listens = "http://127.0.0.1:9/"
    monkeypatch.setattr("torchvision.datasets.MNIST.mirrors", [nobody_listens])
    with refused(DatasetMissing, "could not be downloaded; check the internet connection"):
        load_mnist(tmp_path, download=True)
