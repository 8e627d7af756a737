"""Rows of arrays are images."""

import gzip
import io
import zipfile

import numpy as np
import pytest
from idx_files import idx_bytes
from refused import refused

from anomaly_core.errors import DatasetDamaged, InvalidInput, Refused
from anomaly_core.importing.examining import decode
from anomaly_core.importing.sources import arrays
from anomaly_core.importing.sources.opening import open_source

GREY = np.arange(12 * 4 * 5, dtype=np.uint8).reshape(12, 4, 5)
COLOUR = np.stack([GREY, GREY[::-1], GREY * 3], axis=3)


def everything(path):
    """Listing and decoded images of a source."""
    with open_source(path) as source:
        listing = source.listing()
        return listing, [decode(source.read(one.path)).pixels for one in listing.entries]


def saved(path, array):
    np.save(path, array)
    return path


@pytest.mark.parametrize("images", [GREY, COLOUR, GREY[..., None]], ids=["grey", "rgb", "one"])
def test_rows_of_an_array_are_png_files_under_their_numbers(tmp_path, images):
    listing, read = everything(saved(tmp_path / "a.npy", images))
    assert [one.path for one in listing.entries] == [f"{row:02}.png" for row in range(12)]
    assert {one.label for one in listing.entries} == {None}
    assert np.array_equal(read, images.squeeze())
    assert listing.notes == ()


def test_arrays_stay_on_disk(tmp_path):
    with open_source(saved(tmp_path / "a.npy", GREY)) as source:
        assert isinstance(source.images, np.memmap)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("array", "expected", "note"),
    [
        (GREY / 255, GREY, "Numbers from 0 to 1 were scaled"),
        ((GREY / 255).astype(np.float32), GREY, "Numbers from 0 to 1 were scaled"),
        (GREY > 100, (GREY > 100) * 255, "Numbers from 0 to 1 were scaled"),
        (GREY + 0.25, GREY, "Numbers up to 255 were rounded"),
        (GREY.astype(np.int64), GREY, None),
        (GREY.astype(np.uint16) * 256 + 255, GREY, "Numbers of 16 bits were made"),
        (GREY.astype(">i4") * 256, GREY, "Numbers of 16 bits were made"),
    ],
    ids=["floats", "float32", "bools", "fractions", "int64", "uint16", "big-endian"],
)
def test_other_numbers_are_brought_to_grey_values_by_one_range(tmp_path, array, expected, note):
    listing, read = everything(saved(tmp_path / "a.npy", array))
    assert np.array_equal(read, expected)
    assert [one[: len(note or "")] for one in listing.notes] == ([note] if note else [])


def test_the_range_is_that_of_all_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "AT_ONCE", 20)  # a row at a time
    array = np.zeros((3, 4, 5))
    array[1] = 200
    assert np.array_equal(everything(saved(tmp_path / "a.npy", array))[1], array)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (GREY - 1.0, "numbers from -1 to 238"),
        (GREY * 2.0, "numbers from 0 to 478"),
        (np.full((1, 4, 5), np.nan), "numbers from nan to nan"),
        (np.full((1, 4, 5), np.inf), "numbers from inf to inf"),
        (GREY * 1j, "holds no numbers"),
        (GREY.astype(str), "holds no numbers"),
        (GREY[0], "an array of 4 x 5; give images x height x width"),
        (np.zeros((2, 3, 4, 5), np.uint8), "an array of 2 x 3 x 4 x 5"),
        (GREY[:0], "holds no image"),
        (GREY[:, :0], "holds no image"),
        (np.uint8(3), "an array of no rows"),
        (np.broadcast_to(np.uint8(0), (1, 1, 100_000_001)), "images of 100,000,001 x 1 pixels"),
    ],
)
def test_what_is_no_array_of_images_is_refused(array, reason):
    with refused(InvalidInput, reason):
        arrays.array_source(np.asarray(array), None, "a.npy")


def npy_of(header: str) -> bytes:
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode()


def claims(shape: tuple[int, ...]) -> bytes:
    return npy_of(f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n") + bytes(64)


def pickled() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}], object), allow_pickle=True)
    return file.getvalue()


DAMAGED = {
    "objects": pickled(),
    "cut off": claims((1000, 28, 28)),
    "beyond any disk": claims((2**40, 2**20, 28)),
    "no header": npy_of("{"),
    "text": b"no array",
    "empty of all": b"\x93NUMPY",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_damaged_arrays_and_objects_are_refused(tmp_path, data, suffix):
    path = tmp_path / f"a{suffix}"
    if suffix == ".npz":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("x.npy", data)
    else:
        path.write_bytes(data)
    with refused(DatasetDamaged, f"a{suffix} is no array of numbers"), open_source(path):
        pass


@pytest.mark.parametrize("path", ["12.png", "-1.png", "x.png", "²", ".png", "1.png.png"])
def test_rows_that_are_not_there_are_refused(tmp_path, path):
    with open_source(saved(tmp_path / "a.npy", GREY)) as source, refused(Refused, "no such row"):
        source.read(path)


@pytest.mark.parametrize(
    "names", [("images", "labels"), ("X", "Y"), ("x", "labels"), ("anything", "y")]
)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_of_arrays_give_images_and_labels(tmp_path, names, save):
    labels = np.array(["good", "odd"] * 6)
    others = {"a": np.zeros(3)} if names[0] != "anything" else {}
    save(tmp_path / "a.npz", **others, **dict(zip(names, (GREY, labels), strict=True)))
    listing, read = everything(tmp_path / "a.npz")
    assert np.array_equal(read, GREY)
    assert [one.label for one in listing.entries] == labels.tolist()


@pytest.mark.parametrize(
    "labels", [np.arange(12), np.arange(12)[:, None], np.arange(12).astype("S")]
)
def test_labels_become_text(labels):
    assert arrays.names_of(labels, 12, "a") == tuple(map(str, range(12)))


@pytest.mark.parametrize("labels", [np.arange(11), np.zeros((12, 2)), np.array(3)])
def test_labels_of_another_number_are_refused(tmp_path, labels):
    np.savez(tmp_path / "a.npz", x=GREY, y=labels)
    with refused(InvalidInput, "12 images but .* labels"), open_source(tmp_path / "a.npz"):
        pass


def test_archives_of_arrays_that_swell_are_refused(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((60, 1024, 1024), np.uint8))
    with refused(DatasetDamaged, "unpacks to 62,914,688 bytes"), open_source(tmp_path / "a.npz"):
        pass


def test_what_is_no_archive_of_arrays_is_refused(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"no archive")
    with refused(DatasetDamaged, "is no .npz file"), open_source(tmp_path / "a.npz"):
        pass
    np.savez(tmp_path / "b.npz")
    with refused(InvalidInput, "b.npz holds no array"), open_source(tmp_path / "b.npz"):
        pass


def pack(path, values):
    data = idx_bytes(values)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("images", ["", ".gz"])
@pytest.mark.parametrize("labels", ["", ".gz"])
def test_idx_files_give_images_and_the_labels_beside_them(tmp_path, images, labels):
    path = pack(tmp_path / f"train-images-idx3-ubyte{images}", GREY)
    pack(tmp_path / f"train-labels-idx1-ubyte{labels}", np.arange(12))
    listing, read = everything(path)
    assert np.array_equal(read, GREY)
    assert [one.label for one in listing.entries] == [str(n) for n in range(12)]


@pytest.mark.parametrize("name", ["t10k-images.idx3-ubyte", "mine.idx", "mine.gz"])
def test_idx_files_may_come_without_labels(tmp_path, name):
    listing, read = everything(pack(tmp_path / name, GREY))
    assert np.array_equal(read, GREY)
    assert {one.label for one in listing.entries} == {None}


def test_idx_files_that_do_not_agree_are_refused(tmp_path):
    path = pack(tmp_path / "train-images-idx3-ubyte", GREY)
    labels = pack(tmp_path / "train-labels-idx1-ubyte", np.arange(11))
    with refused(DatasetDamaged, "12 images but 11 labels"), open_source(path):
        pass
    with refused(DatasetDamaged, "not an IDX file of 3-dimensional"), open_source(labels):
        pass


def test_packed_idx_files_that_swell_are_refused(tmp_path):
    path = pack(tmp_path / "images.gz", np.zeros((60, 1024, 1024), np.uint8))
    with refused(DatasetDamaged, "should hold 62,914,560 bytes"), open_source(path):
        pass
