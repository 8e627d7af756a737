"""Labels as a table: CSV, lines of JSON, or Parquet."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from state.exporting.labels import ProjectLabels, iso
from state.files.sheet import pieces
from state.store.history import Event

EVENT_COLUMNS = {
    "seq": "Int64",
    "uuid": "string",
    "item": "Int64",
    "file": "string",
    "annotator": "string",
    "kind": "string",
    "answer": "string",
    "undoes": "string",
    "model_version": "Int64",
    "round": "Int64",
    "strategy": "string",
    "score": "Float64",
    "shown_at": "string",
    "pressed_at": "string",
    "received_at": "string",
    "note": "string",
}
LABEL_COLUMNS = {
    "item": "Int64",
    "file": "string",
    "label": "string",
    "answers": "Int64",
    "score": "Float64",
}


@dataclass(frozen=True)
class ExportTable:
    """Rows, and the pandas type of each column by its name; `None` where nothing is known."""

    columns: dict[str, str]
    rows: Sequence[tuple[Any, ...]]


def events_table(labels: ProjectLabels) -> ExportTable:
    """The whole history, one row an event."""
    return ExportTable(EVENT_COLUMNS, [event_row(labels, event) for event in labels.events])


def event_row(labels: ProjectLabels, event: Event) -> tuple[Any, ...]:
    """One event; times are ISO 8601 in UTC, the score is by the model in use."""
    return (
        event.seq,
        event.uuid,
        event.item,
        labels.path(event.item) or None,
        labels.people[event.annotator_id],
        str(event.kind),
        None if event.answer is None else str(event.answer),
        event.undoes,
        event.model_version,
        event.round,
        event.strategy,
        labels.score(event.item),
        iso(event.shown_at),
        iso(event.pressed_at),
        iso(event.received_at),
        event.note,
    )


def labels_table(labels: ProjectLabels) -> ExportTable:
    """The labels that stand, one row an item; `answers` are those that were paid for."""
    rows = [
        (
            item,
            labels.path(item) or None,
            str(label),
            labels.history.votes(item),
            labels.score(item),
        )
        for item, label in labels.standing.items()
    ]
    return ExportTable(LABEL_COLUMNS, rows)


def to_csv(table: ExportTable, path: Path) -> None:
    """Write a table for spreadsheets, in which no cell is run."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces(list(table.columns), table.rows))


def to_jsonl(table: ExportTable, path: Path) -> None:
    """Write each row as one line of JSON."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines(table))


def lines(table: ExportTable) -> Iterator[str]:
    """Each row as one line of JSON."""
    for row in table.rows:
        told = dict(zip(table.columns, row, strict=True))
        yield json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n"


def to_parquet(table: ExportTable, path: Path) -> None:
    """Write a table with typed columns."""
    frame = pd.DataFrame(table.rows, columns=list(table.columns), dtype=object)
    frame.astype(table.columns).to_parquet(path, engine="pyarrow", index=False)
