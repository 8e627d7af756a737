"""Tables name image files, their labels, splits and groups."""

import importlib.util

import numpy as np
import pandas as pd
import pytest
from image_files import png, write_tree
from refused import refused

from anomaly_core.errors import DatasetDamaged, InvalidInput, Refused
from anomaly_core.importing.base import ImageEntry
from anomaly_core.importing.sources.opening import open_source
from anomaly_core.importing.sources.tables import text_of

IMAGE = png(np.arange(120, dtype=np.uint8).reshape(10, 12))


@pytest.fixture
def folder(tmp_path):
    tree = {f"images/{n}.png": IMAGE for n in (1, 2, 10)} | {
        "notes.txt": b"",
        "../secret.png": IMAGE,
    }
    return write_tree(tmp_path / "in", tree)


def listed(folder, text: str, name: str = "table.csv"):
    (folder / name).write_text(text, "utf-8")
    with open_source(folder / name) as source:
        return source.listing()


def reasons(listing) -> list[tuple[str, str]]:
    return [(one.path, one.reason) for one in listing.refusals]


def test_every_column_is_taken_and_files_are_in_natural_order(folder):
    text = "Split,File,GROUP,extra,Class\ntrain,images/10.png,g1,x,good\ntest,images/2.png,,x,\n"
    with open_source(write_tree(folder, {"t.csv": text.encode()}) / "t.csv") as source:
        listing = source.listing()
        assert listing.entries == (
            ImageEntry("images/2.png", None, "test", None),
            ImageEntry("images/10.png", "good", "train", "g1"),
        )
        assert listing.refusals == ()
        assert source.read("images/2.png") == IMAGE


@pytest.mark.parametrize("column", ["path", "file", "filename", "image"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_and_separators_may_be_any_of_the_usual(folder, column, separator):
    text = separator.join([column, "label"]) + "\n" + separator.join(["images/1.png", "a"])
    assert listed(folder, text).entries == (ImageEntry("images/1.png", "a"),)
    assert listed(folder, "\ufeff" + text, "t.tsv").entries == (ImageEntry("images/1.png", "a"),)


def test_paths_are_written_one_way(folder):
    text = "path\n./images//1.png\nimages\\2.png\n images/../images/10.png \nimages/1.png\n"
    listing = listed(folder, text)
    assert [one.path for one in listing.entries] == [f"images/{n}.png" for n in (1, 2, 10)]
    assert reasons(listing) == [("images/1.png", "The table names it twice; the first row counts.")]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("../secret.png", "lies outside the folder of the table"),
        ("images/../../secret.png", "lies outside the folder of the table"),
        ("/etc/passwd", "lies outside the folder of the table"),
        ("C:\\secret.png", "lies outside the folder of the table"),
        ("images/3.png", "does not exist"),
        ("images", "is no image that can be read"),
        ("notes.txt", "is no image that can be read"),
        ("", "names no file"),
    ],
)
def test_rows_that_name_no_image_are_refused(folder, cell, reason):
    listing = listed(folder, f"path,label\n{cell},a\nimages/1.png,b\n")
    assert [one.path for one in listing.entries] == ["images/1.png"]
    assert [reason in said for _, said in reasons(listing)] == [True]


def test_links_out_of_the_folder_are_refused_and_so_are_folders_named_like_images(folder):
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "folder.png").mkdir()
    listing = listed(folder, "path\nlink.png\nfolder.png\n")
    assert [path for path, _ in reasons(listing)] == ["link.png", "folder.png"]
    with open_source(folder / "table.csv") as source:
        for path in ("link.png", "../secret.png"):
            with refused(Refused, "no ordinary file in this folder"):
                source.read(path)


def test_ragged_rows_are_refused_and_empty_ones_left_out(folder):
    listing = listed(folder, "path,label\nimages/1.png\n\nimages/2.png,a,b\nimages/10.png,a\n")
    assert [one.path for one in listing.entries] == ["images/10.png"]
    assert [where for where, _ in reasons(listing)] == ["row 1", "row 3"]


def test_cells_are_data(folder):
    text = 'path,label\nimages/1.png,"<b>, ""x""\n=1+1"\n'
    assert listed(folder, text).entries[0].label == '<b>, "x"\n=1+1'


def test_parquet_says_the_same(folder):
    frame = pd.DataFrame(
        {"image": ["images/1.png", "images/2.png", None], "class": [3.0, None, 1.0]}
    )
    frame.to_parquet(folder / "t.parquet")
    with open_source(folder / "t.parquet") as source:
        listing = source.listing()
    assert listing.entries == (ImageEntry("images/1.png", "3"), ImageEntry("images/2.png"))
    assert [path for path, _ in reasons(listing)] == ["row 3"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (3.0, "3"),
        (0.5, "0.5"),
        (7, "7"),
        ("x", "x"),
        (True, "True"),
    ],
)
def test_cells_become_text(cell, text):
    assert text_of(cell) == text


def test_without_its_package_parquet_is_refused(folder, monkeypatch):
    (folder / "t.parquet").write_bytes(b"x")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with refused(InvalidInput, "need the package pyarrow"), open_source(folder / "t.parquet"):
        pass


@pytest.mark.parametrize(
    ("name", "data", "kind", "reason"),
    [
        ("t.csv", "path\né.png".encode("latin-1"), DatasetDamaged, "no UTF-8 text"),
        ("t.csv", b"\n", DatasetDamaged, "is empty"),
        ("t.csv", b"path\n" + b"a" * 200_000, DatasetDamaged, "cannot be read as a table"),
        ("t.csv", b"name,label\na.png,b\n", InvalidInput, "has no column path, file, filename"),
        ("t.parquet", b"PAR1", DatasetDamaged, "is no Parquet file"),
    ],
)
def test_what_is_no_table_of_paths_is_refused(tmp_path, name, data, kind, reason):
    (tmp_path / name).write_bytes(data)
    with refused(kind, reason), open_source(tmp_path / name):
        pass


def test_a_parquet_file_without_paths_is_refused(tmp_path):
    pd.DataFrame({"label": ["a"]}).to_parquet(tmp_path / "t.parquet")
    with refused(InvalidInput, "has no column path"), open_source(tmp_path / "t.parquet"):
        pass
