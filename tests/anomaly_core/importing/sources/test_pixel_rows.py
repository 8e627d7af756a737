"""Rows of pixels in a table are images."""

import csv

import numpy as np
import pytest
from refused import refused

from anomaly_core.errors import DatasetDamaged, InvalidInput, Refused
from anomaly_core.importing.examining import decode
from anomaly_core.importing.sources.opening import open_source

IMAGES = np.arange(1, 6 * 64 + 1).reshape(6, 64) % 250
NAMES = list("abcabc")
DIGITS = ["3", "1", "4", "1", "5", "9"]
PIXELS = [f"pixel{n}" for n in range(64)]


def written(path, rows, delimiter=","):
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def everything(path):
    with open_source(path) as source:
        listing = source.listing()
        return listing, [decode(source.read(one.path)).pixels for one in listing.entries]


def rows(labels=None, at=0):
    made = [[str(value) for value in image] for image in IMAGES]
    for row, label in zip(made, labels or [], strict=False):
        row.insert(at, label)
    return made


HEADINGS = {
    "none": ([], None, 0),
    "names": ([PIXELS], None, 0),
    "numbers": ([[str(n) for n in range(64)]], None, 0),
    "label first": ([["label", *PIXELS]], DIGITS, 0),
    "label last": ([[*PIXELS, "Class"]], DIGITS, 64),
    "words": ([["what", *PIXELS]], NAMES, 0),
    "words last": ([[*PIXELS, "what"]], NAMES, 64),
    "label without heading": ([], DIGITS, 0),
    "words without heading": ([], NAMES, 64),
    "label over numbers": ([["label", *map(str, range(64))]], DIGITS, 0),
}


@pytest.mark.parametrize(("heading", "labels", "at"), HEADINGS.values(), ids=HEADINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_of_pixels_are_read_with_and_without_headings(
    tmp_path, heading, labels, at, delimiter
):
    path = written(tmp_path / "a.csv", heading + rows(labels, at), delimiter)
    listing, read = everything(path)
    assert np.array_equal(read, IMAGES.reshape(6, 8, 8))
    assert [one.label for one in listing.entries] == (labels or [None] * 6)
    assert [one.path for one in listing.entries] == [f"{n}.png" for n in range(6)]
    assert listing.refusals == ()


def test_real_digits_come_back(tmp_path, mnist_5k):
    few = slice(0, 5_000, 500)
    images, labels = mnist_5k.images[few], mnist_5k.labels[few]
    table = [[label, *image.ravel()] for label, image in zip(labels, images, strict=True)]
    listing, read = everything(written(tmp_path / "a.csv", table))
    assert np.array_equal(read, images)
    assert [one.label for one in listing.entries] == [str(label) for label in labels]


def test_fractions_are_scaled_and_told_of(tmp_path):
    listing, read = everything(written(tmp_path / "a.csv", IMAGES / 255))
    assert np.array_equal(read, IMAGES.reshape(6, 8, 8))
    assert listing.notes[0].startswith("Numbers from 0 to 1 were scaled")


def test_ragged_rows_are_refused_and_the_others_kept_in_step(tmp_path):
    table = rows(NAMES)
    table[1] = table[1][:-1]
    table[2].append("5")
    table[3][7] = "x"
    table[4][7] = "nan"
    listing, read = everything(written(tmp_path / "a.csv", table))
    assert np.array_equal(read, IMAGES[[0, 5]].reshape(2, 8, 8))
    assert [one.label for one in listing.entries] == ["a", "c"]
    assert [one.path for one in listing.refusals] == [f"row {n}" for n in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([PIXELS[:1]], "its 1 columns"),
        ([[1] * 63], "63 columns are no square of 8 x 8"),
        ([[1] * 49], "49 columns are no square"),
        ([["a", "b"] + [1] * 64], "66 columns"),
        ([PIXELS], "no column path, file, filename or image"),
        ([[300] * 64], "numbers from 300 to 300"),
        ([PIXELS, [-1] * 64], "numbers from -1 to -1"),
        ([PIXELS, [1] * 63 + ["nan"]], "holds no image"),
    ],
)
def test_what_is_no_table_of_pixels_is_refused(tmp_path, table, reason):
    path = written(tmp_path / "a.csv", table)
    with refused(InvalidInput, reason), open_source(path):
        pass


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"1,2\n\xff\xfe")
    with refused(DatasetDamaged, "no UTF-8 text"), open_source(tmp_path / "a.csv"):
        pass


def test_a_row_that_is_not_there_is_refused(tmp_path):
    with (
        open_source(written(tmp_path / "a.csv", rows())) as source,
        refused(Refused, "no such row"),
    ):
        source.read("6.png")
