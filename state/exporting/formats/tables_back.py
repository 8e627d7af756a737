"""Tables of labels read back: what `state.exporting.formats.tables` writes, or the same columns."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from state.exporting.formats.statements import (
    Annotation,
    Task,
    answer_of,
    item_of,
    moment,
    person_called,
    read_all,
)
from state.files.sheet import is_run
from state.store.schema import EventKind

NOBODY = "Imported table"  # who has said what names nobody
NO_TABLE = "{} is no such table; it has to name item or file, and answer or label, in its header."
SAID = (EventKind.ANSWER, EventKind.SKIP, EventKind.ADJUDICATION)
ESCAPED = re.compile(r"(?:(?<=^)|(?<=[;\t]))'")

TableRow = Mapping[str, Any]


def rows_of_csv(path: Path) -> Iterator[TableRow]:
    """The rows of a CSV file; what was escaped for spreadsheets is as it was."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: plain(cell) or None for name, cell in row.items() if name is not None}


def plain(cell: str | None) -> str:
    """A cell without the apostrophes that kept it from being run."""
    told = cell or ""
    return ESCAPED.sub(lambda found: "" if is_run(told[found.end() :]) else "'", told)


def rows_of_jsonl(path: Path) -> Iterator[TableRow]:
    """The rows of a file with one JSON object a line."""
    with path.open(encoding="utf-8") as file:
        for line in filter(str.strip, file):
            yield dict(json.loads(line))


def rows_of_parquet(path: Path) -> Iterator[TableRow]:
    """The rows of a Parquet file."""
    frame = pd.read_parquet(path).astype(object)
    yield from frame.where(frame.notna(), None).to_dict("records")  # type: ignore[misc]


def entries(
    rows_of: Callable[[Path], Iterator[TableRow]], path: Path
) -> list[tuple[TableRow, bool]]:
    """The rows, and of each whether it stands: whether no other takes it back."""
    rows = [*rows_of(path)]
    undone = {row["undoes"] for row in rows if row.get("undoes")}
    return [(row, row.get("uuid") not in undone) for row in rows]


def task_of(entry: tuple[TableRow, bool]) -> Task | None:
    """One row; `None` where it says nothing that stands."""
    row, stands = entry
    if not {"answer", "label"} & row.keys() or not {"item", "file"} & row.keys():
        raise ValueError(row)
    said = statement(row) if stands else None
    if said is None:
        return None
    return Task(item_of(row.get("item")), (str(row["file"]),) if row.get("file") else (), (said,))


def statement(row: TableRow) -> Annotation | None:
    """What somebody said; `None` for what is neither an answer, nor a skip, nor a verdict."""
    kind = EventKind(row.get("kind") or EventKind.ANSWER)
    word = row.get("answer") or row.get("label")
    if kind not in SAID or (kind is not EventKind.SKIP and not word):
        return None
    return Annotation(
        person_called(str(row.get("annotator") or NOBODY)),
        None if kind is EventKind.SKIP else answer_of([str(word)]),
        moment(row.get("pressed_at")),
        str(row.get("uuid") or ""),
        ground_truth=kind is EventKind.ADJUDICATION,
        shown_at=moment(row.get("shown_at")),
        note=noted(row.get("note")),
    )


def noted(told: Any) -> str | None:
    """A note; raises TypeError for what is no text."""
    if told is not None and not isinstance(told, str):
        raise TypeError(told)
    return told


def reader(rows_of: Callable[[Path], Iterator[TableRow]]) -> Callable[[Path], list[Task]]:
    """A reader of files with such rows."""

    def read(path: Path) -> list[Task]:
        return read_all(path, partial(entries, rows_of), task_of, NO_TABLE, "Row")

    return read


read_csv, read_jsonl, read_parquet = map(reader, (rows_of_csv, rows_of_jsonl, rows_of_parquet))
