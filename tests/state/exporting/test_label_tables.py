"""CSV, lines of JSON and Parquet hold every event, or every label that stands."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from every_label import LABELS, RUN, item_called

from state.exporting.formats.tables import EVENT_COLUMNS, LABEL_COLUMNS
from state.exporting.leaving import export_labels
from state.store.people import MACHINE


def read_csv(path: Path):
    with path.open(newline="", encoding="utf-8") as file:
        return [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]


def read_jsonl(path: Path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def read_parquet(path: Path):
    frame = pd.read_parquet(path).astype(object)
    return frame.where(frame.notna(), None).to_dict("records")


READ: dict[str, Callable[[Path], list[dict[str, object]]]] = {
    "csv": read_csv,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
}


@pytest.fixture
def table(labeled, tmp_path):
    def write(name, labels_only=False):
        project = labeled.store.projects.get(labeled.id)
        path = tmp_path / f"out.{name}"
        export_labels(labeled.store, project, MACHINE, name, path, labels_only)
        return READ[name](path)

    return write


@pytest.mark.parametrize("name", READ)
def test_every_event_is_in_it_once_and_in_order(labeled, table, name):
    rows, events = table(name), labeled.store.events.since(labeled.id)
    assert [row["uuid"] for row in rows] == [event.uuid for event in events]
    assert list(rows[0]) == list(EVENT_COLUMNS)
    people = {one.id: one.name for one in labeled.store.people.all()}
    for row, event in zip(rows, events, strict=True):
        assert int(row["item"]) == event.item
        assert row["annotator"] == people[event.annotator_id]
        assert (row["kind"], row["answer"]) == (event.kind, event.answer)
        assert row["undoes"] == event.undoes
        pressed = datetime.fromisoformat(row["pressed_at"])
        assert pressed.tzinfo == UTC
        assert pressed.timestamp() == pytest.approx(event.pressed_at, abs=1e-6)


@pytest.mark.parametrize("name", READ)
def test_each_row_tells_the_file_and_the_score_of_its_item(labeled, table, name):
    own, scores = labeled.desk().gallery.own, labeled.array("models/1/scores")
    for row in table(name):
        assert row["file"] == own.path(int(row["item"]))
        assert float(row["score"]) == pytest.approx(float(scores[int(row["item"])]))


def test_a_spreadsheet_runs_no_cell_and_the_others_hold_what_was_said(table):
    assert table("csv")[0]["note"] == f"'{RUN}"
    assert table("jsonl")[0]["note"] == table("parquet")[0]["note"] == RUN


@pytest.mark.parametrize("name", READ)
def test_of_labels_only_it_has_what_stands(labeled, table, name):
    rows = table(name, labels_only=True)
    assert list(rows[0]) == list(LABEL_COLUMNS)
    assert {row["file"]: row["label"] for row in rows} == LABELS
    assert all(item_called(labeled, row["file"]) == int(row["item"]) for row in rows)
    assert sorted(int(row["answers"]) for row in rows) == [1, 1, 2, 2]


def test_parquet_has_types_also_of_columns_without_a_value(labeled, table, tmp_path):
    table("parquet")
    frame = pd.read_parquet(tmp_path / "out.parquet")
    assert frame["model_version"].dtype == "Int64"
    assert frame["undoes"].notna().sum() == 1
    assert frame["score"].dtype == "Float64"


@pytest.mark.parametrize("name", READ)
def test_a_project_without_any_event_is_a_table_without_rows(open_own, tmp_path, name):
    shop = open_own()
    path = tmp_path / f"none.{name}"
    made = export_labels(shop.store, shop.store.projects.get(shop.id), MACHINE, name, path)
    assert (made.labels, made.events, READ[name](path)) == (0, 0, [])
