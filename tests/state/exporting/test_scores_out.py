"""Scores leave with the verdict that counts everywhere, and the label beside it."""

import json

import numpy as np
import pandas as pd
import pytest
from every_label import LABELS

from anomaly_core.cli import call
from anomaly_core.errors import NotFitted
from ringfence.__main__ import ringfence
from state.exporting.scores import COLUMNS, export_scores
from state.store.audit_log import Deed
from state.store.people import MACHINE
from state.store.schema import Answer


@pytest.fixture
def scores(labeled, tmp_path):
    """The table as it was written, and what was told of it."""
    path, project = tmp_path / "scores.parquet", labeled.store.projects.get(labeled.id)
    made = export_scores(labeled.store, project, MACHINE, "parquet", path)
    return pd.read_parquet(path).set_index("item", drop=False), made


def test_every_image_has_the_score_of_the_model_in_use(labeled, scores):
    table, made = scores
    assert list(table.columns) == list(COLUMNS)
    expected = labeled.array("models/1/scores")
    assert np.array_equal(table["score"].to_numpy(np.float32), expected[table["item"]])
    assert (made.images, made.model_version) == (len(expected), 1)
    own = labeled.desk().gallery.own
    assert [own.path(item) for item in table["item"]] == table["file"].tolist()
    order = table.sort_values("score")["percentile"]
    assert order.is_monotonic_increasing
    assert order.between(0, 1).all()


def test_the_verdict_is_that_of_the_threshold_in_use(labeled, scores):
    table, made = scores
    rule = labeled.desk().rule
    assert set(table["threshold"]) == {rule.threshold}
    odd = table["verdict"] == Answer.ANOMALOUS
    assert odd.tolist() == [rule.flags(score) for score in table["score"]]
    assert 0 < made.flagged == odd.sum() < len(table)


def test_labels_stand_beside_the_scores(scores):
    table, _ = scores
    known = table[table["label"].notna()]
    assert dict(zip(known["file"], known["label"], strict=True)) == LABELS


def test_it_is_written_down_who_took_them(labeled, scores):
    row = labeled.store.audit_log.newest(1)[0]
    assert row.what == Deed.EXPORTED_IMAGES
    assert "scores, model 1" in row.subject


def test_before_the_first_model_there_is_nothing_to_take(tiny_workshop, tmp_path):
    project = tiny_workshop.store.projects.get(tiny_workshop.id)
    with pytest.raises(NotFitted, match="being prepared"):
        export_scores(tiny_workshop.store, project, MACHINE, "csv", tmp_path / "scores.csv")
    assert not list(tmp_path.glob("*scores*"))


def test_the_command_tells_the_format_from_the_ending(labeled, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RINGFENCE_DATA_DIR", str(labeled.settings.data_dir))
    given = ["export", "scores", "--project", "Belt", "--output"]
    assert call(ringfence, [*given, str(tmp_path / "a.jsonl"), "--json"], "ringfence") == 0
    told = json.loads(capsys.readouterr().out)
    lines = (tmp_path / "a.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == told["images"]
    assert call(ringfence, [*given, str(tmp_path / "a.xls")], "ringfence") == 2
    assert "an ending of csv, jsonl, parquet" in capsys.readouterr().err
