"""Files of features survive killed processes, damage, and others that write as well."""

import os
import threading
from contextlib import closing

import numpy as np
import pytest
from counted_features import CountedFeatures, drawn_images, expected

from anomaly_core.features import FeatureCache
from anomaly_core.features.files import RECORD, FileRows

IMAGES = drawn_images(40)


def the(folder, suffix):
    (file,) = folder.glob(f"*.{suffix}")
    return file


def fill(folder, images=IMAGES):
    """How many images were computed, all of them being right."""
    compute = CountedFeatures()
    features = FeatureCache(folder).features(images, compute, "one", block=16)
    np.testing.assert_array_equal(features, expected(images))
    return compute.computed


def test_another_process_finds_them(tmp_path):
    assert fill(tmp_path) == 40
    assert fill(tmp_path) == 0


@pytest.mark.parametrize("suffix", ["rows", "index"])
@pytest.mark.parametrize("torn", [1, 7, 50, 333])
def test_a_torn_tail_is_computed_again(tmp_path, suffix, torn):
    fill(tmp_path, IMAGES[:32])
    file = the(tmp_path, suffix)
    os.truncate(file, file.stat().st_size - torn)
    lost = -(-torn // (100 if suffix == "rows" else RECORD.itemsize))
    assert fill(tmp_path) == 8 + lost
    assert fill(tmp_path) == 0
    assert the(tmp_path, "rows").stat().st_size == 40 * 100
    assert the(tmp_path, "index").read_bytes().count(b"\n") >= 1


def test_rows_without_records_are_written_over(tmp_path):
    fill(tmp_path, IMAGES[:32])
    with the(tmp_path, "rows").open("ab") as rows:  # killed between the two
        rows.write(b"x" * 333)
    assert fill(tmp_path) == 8
    assert fill(tmp_path) == 0


@pytest.mark.parametrize(
    ("suffix", "at", "content"),
    [
        ("rows", 0, b"damage"),
        ("rows", 1999, b"\x01"),
        ("index", 0, b"x"),
        ("index", 0, b"{}\n"),
        ("index", 0, b'{"format": 2, "shape": [95],'),
        ("index", -1, b"\xff"),
    ],
)
def test_damaged_files_are_made_anew(tmp_path, suffix, at, content):
    fill(tmp_path)
    with the(tmp_path, suffix).open("r+b") as file:
        file.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
        file.write(content)
    assert fill(tmp_path) == 40
    assert fill(tmp_path) == 0


@pytest.mark.parametrize("suffix", ["rows", "index", "lock"])
def test_a_file_that_is_gone_is_made_anew(tmp_path, suffix):
    fill(tmp_path)
    the(tmp_path, suffix).unlink()
    assert fill(tmp_path) == (0 if suffix == "lock" else 40)


def test_who_has_mapped_damaged_files_keeps_them(tmp_path):
    features = FeatureCache(tmp_path).features(IMAGES, CountedFeatures(), "one")
    the(tmp_path, "index").write_bytes(b"")
    assert fill(tmp_path, drawn_images(5, seed=1)) == 5
    np.testing.assert_array_equal(features, expected(IMAGES))


def test_each_fingerprint_has_files_of_its_own(tmp_path):
    for fingerprint in ("one", "other"):
        FeatureCache(tmp_path).features(IMAGES, CountedFeatures(), fingerprint)
    assert len([*tmp_path.glob("*.rows")]) == len([*tmp_path.glob("*.index")]) == 2


def test_many_rows_stay_in_their_file(tmp_path):
    images = np.arange(50_000, dtype="<u4").view(np.uint8).reshape(-1, 2, 2)
    compute = CountedFeatures()
    cache = FeatureCache(tmp_path)
    features = cache.features(images, compute, "one", block=10_000)
    assert isinstance(features, np.memmap)
    assert features.filename == the(tmp_path, "rows")
    np.testing.assert_array_equal(features, expected(images))
    shuffled = np.random.default_rng(0).permutation(50_000)
    other = cache.features(images[shuffled], compute, "one")
    assert isinstance(other, np.memmap)
    np.testing.assert_array_equal(other, features[shuffled])
    assert compute.computed == 50_000
    assert len([*tmp_path.iterdir()]) == 3


@pytest.mark.parametrize(("row", "noticed"), [(0, True), (1, False), (35, True), (39, True)])
def test_of_a_large_file_the_end_and_samples_are_checked(tmp_path, row, noticed):
    keys = [bytes([number]) * 16 for number in range(40)]
    with closing(FileRows(tmp_path, "rows")) as rows:
        rows.add(keys, np.ones((40, 25), np.float32))
    with the(tmp_path, "rows").open("r+b") as file:
        file.seek(row * 100)
        file.write(b"torn")
    with closing(FileRows(tmp_path, "rows", checked=10 * 100)) as rows:  # ten rows of forty
        assert rows.missing(keys) == (keys if noticed else [])


def test_two_that_write_at_once_share_the_file(tmp_path):
    failed: list[BaseException] = []

    def work(seed: int) -> None:
        try:
            order = np.random.default_rng(seed).permutation(200)
            images = drawn_images(200)[order]
            compute = CountedFeatures()
            features = FeatureCache(tmp_path).features(images, compute, "one", block=3)
            np.testing.assert_array_equal(features, expected(images))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert the(tmp_path, "rows").stat().st_size == 200 * 100
    assert fill(tmp_path, drawn_images(200)) == 0


def test_what_another_has_begun_anew_is_noticed(tmp_path):
    keys = [bytes([number]) * 16 for number in range(4)]
    values = np.arange(8, dtype=np.float32).reshape(4, 2)
    one, other, third = (FileRows(tmp_path, "rows") for _ in range(3))
    with closing(one), closing(other), closing(third):
        one.add(keys[:2], values[:2])
        assert other.missing(keys) == keys[2:]
        the(tmp_path, "index").unlink()
        third.add(keys[3:], values[3:])
        for rows in (one, other):
            assert rows.missing(keys) == keys[:3]
        one.add(keys[:3], values[:3])
        np.testing.assert_array_equal(other.take(keys), values)


def test_checksums_are_compared_once_by_each_process(tmp_path):
    fill(tmp_path)
    cache, compute = FeatureCache(tmp_path), CountedFeatures()
    cache.features(IMAGES, compute, "one")
    with the(tmp_path, "rows").open("r+b") as file:
        file.seek(100)
        file.write(b"torn")
    cache.features(IMAGES, compute, "one")
    assert compute.computed == 0
    assert fill(tmp_path) == 40  # another process looks itself
