"""Tables that name image files: what each column says, and which of the files are there."""

import csv
import importlib.util
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from anomaly_core.datasets.image_folder import natural
from anomaly_core.errors import DatasetDamaged, InvalidInput
from anomaly_core.importing.base import ImageEntry, Listing
from anomaly_core.importing.sources.archives import leads_out
from anomaly_core.importing.sources.trees import NO_IMAGE, FencedFolder, Walk, is_image, read_from

COLUMNS = {  # what a column says, by the names it may have, the first that is there
    "path": ("path", "file", "filename", "image"),
    "label": ("label", "class"),
    "split": ("split",),
    "group": ("group",),
}
SEPARATORS = ",;\t"

Cells = Mapping[str, str]  # by what they say
NumberedRow = tuple[str, Cells | None]  # where it stands, for people; None for one that is ragged


@dataclass(frozen=True)
class TableSource:
    """Image files named by the rows of a table, relative to its folder."""

    root: Path
    rows: tuple[NumberedRow, ...]

    def listing(self) -> Listing:
        """The files that are there, in natural order; every other row is refused."""
        walk, entries = Walk(), {}
        for where, cells in self.rows:
            if cells is None:
                walk.refuse(where, "The row has more or fewer cells than the heading; mend it.")
                continue
            path = self.normal(cells["path"])
            if reason := self.why_not(path, path in entries):
                walk.refuse(path or where, reason)
            else:
                label, split, group = (
                    cells.get(key) or None for key in ("label", "split", "group")
                )
                entries[path] = ImageEntry(path, label, split, group)
        found = sorted(entries.values(), key=lambda one: natural(one.path))
        return Listing(tuple(found), tuple(walk.refusals))

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises `Refused`, also for one outside the folder."""
        return read_from(FencedFolder(self.root), path)

    def normal(self, path: str) -> str:
        """The one way to write a path: without detours, and with forward slashes."""
        path = path.strip()
        if "\\" in path and not (self.root / path).is_file():
            path = path.replace("\\", "/")
        return os.path.normpath(path).replace(os.sep, "/") if path else ""

    def why_not(self, path: str, again: bool) -> str | None:
        """Say why a file is not taken, or None where it may be."""
        if not path:
            return "The row names no file; fill in its path."
        if leads_out(path) or "\0" in path:
            return "It lies outside the folder of the table; move it there."
        if again:
            return "The table names it twice; the first row counts."
        if not is_image(path):
            return NO_IMAGE
        try:
            place = (self.root / path).resolve(strict=True)
        except (OSError, RuntimeError):
            return "It does not exist; correct the path, which starts at the folder of the table."
        if not place.is_relative_to(self.root.resolve()) or not place.is_file():
            return "It leads out of the folder of the table or is no file; put the file there."
        return None


@contextmanager
def opened_text(path: Path) -> Iterator[TextIO]:
    """Open a table as text; raises `DatasetDamaged` for what is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError as error:
        raise DatasetDamaged(f"{path.name} is no UTF-8 text; save the table as UTF-8.") from error
    except (OSError, csv.Error) as error:
        raise DatasetDamaged(f"{path.name} cannot be read as a table; save it again.") from error


def separator_of(heading: str) -> str:
    """The sign between cells: the most frequent in the first line."""
    return max(SEPARATORS, key=heading.count)


def names_files(heading: Sequence[str]) -> bool:
    """Whether a table with these columns names image files."""
    return bool(set(COLUMNS["path"]) & {name.strip().lower() for name in heading})


def heading_of(path: Path) -> list[str]:
    """The cells of the first line of a CSV file; raises `DatasetDamaged`."""
    with opened_text(path) as file:
        line = file.readline()
        heading: list[str] = next(csv.reader([line], delimiter=separator_of(line)), [])
    if not heading:
        raise DatasetDamaged(f"{path.name} is empty; give a table with a heading.")
    return heading


def open_csv(path: Path) -> TableSource:
    """Read a CSV file of paths; raises `DatasetDamaged` or `InvalidInput`."""
    places = places_of(heading_of(path), path.name)
    with opened_text(path) as file:
        line = file.readline()
        file.seek(0)
        reader = csv.reader(file, delimiter=separator_of(line))
        width = len(next(reader))
        rows = [
            (
                f"row {number:,}",
                {key: row[place].strip() for key, place in places.items()}
                if len(row) == width
                else None,
            )
            for number, row in enumerate(reader, 1)
            if any(row)
        ]
    return TableSource(path.parent, tuple(rows))


def open_parquet(path: Path) -> TableSource:
    """Read a Parquet file of paths; raises `DatasetDamaged` or `InvalidInput`."""
    if importlib.util.find_spec("pyarrow") is None:
        raise InvalidInput(
            "Parquet files need the package pyarrow; install it, or give a CSV file."
        )
    import pandas as pd

    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DatasetDamaged(f"{path.name} is no Parquet file; write it again.") from error
    places = places_of([str(name) for name in table.columns], path.name)
    columns = {
        key: [text_of(cell) for cell in table.iloc[:, place]] for key, place in places.items()
    }
    rows = zip(*columns.values(), strict=True)
    cells = [dict(zip(columns, row, strict=True)) for row in rows]
    return TableSource(path.parent, tuple((f"row {n:,}", row) for n, row in enumerate(cells, 1)))


def text_of(cell: object) -> str:
    """A cell as text; empty where there is none, a whole number without its fraction."""
    if cell is None or cell != cell:  # what is missing is not equal to itself
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def places_of(heading: Iterable[str], name: str) -> dict[str, int]:
    """Where each of `COLUMNS` that is there stands; raises `InvalidInput` without one of paths."""
    names = [one.strip().lower() for one in heading]
    places = {
        key: next((names.index(one) for one in usual if one in names), -1)
        for key, usual in COLUMNS.items()
    }
    if places["path"] < 0:
        raise InvalidInput(
            f"{name} has no column path, file, filename or image; name that of the files so."
        )
    return {key: place for key, place in places.items() if place >= 0}
