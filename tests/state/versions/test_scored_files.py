"""Files of a person's own get the score in the app that they get by what is taken away of it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from own_pile import write_pile
from workshop import Workshop

from anomaly_core.scoring.models import read_card
from anomaly_core.scoring.piles import list_pile
from anomaly_core.scoring.rows import ScoreRow, arrow, rows_of
from anomaly_core.scoring.run import Request, Run
from state.labeling.rule import rule_of
from state.versions.lineage import Lineage

pytest.importorskip("pyarrow")


@pytest.fixture
def belt(tmp_path, prepared_own):
    """A project of a person's own images, and the version that it has as two files."""
    shutil.copytree(prepared_own, tmp_path / "data")
    write_pile(tmp_path / "pile")
    with Workshop(tmp_path / "data") as shop:
        lineage = Lineage(shop.projects, shop.store.projects.get(shop.id))
        (tmp_path / "model.zip").write_bytes(lineage.bundle(1, shop.me))
        yield shop, lineage


def in_the_app(shop):
    """Score and verdict of each file as the pages tell them."""
    desk = shop.desk()
    rule = rule_of(shop.store, desk.project, desk.gallery)
    return {
        desk.gallery.own.path(item): (float(score), rule.flags(score))
        for item, score in enumerate(desk.gallery.scores)
    }


def read(rows):
    told: dict[str, ScoreRow] = {row.file: row for row in rows}
    return {
        path: (row.score, row.verdict == "anomalous") for path, row in told.items() if not row.error
    }


def scored(images: Path, model: Path, output: Path):
    Run(Request(images, model, output, workers=1), list_pile(images)).score()
    return read(rows_of(arrow().parquet.read_table(output)))


def assert_equal(found, expected, rtol):
    assert found.keys() == expected.keys()
    one, other = (np.array([told[path] for path in expected]) for told in (found, expected))
    np.testing.assert_allclose(one[:, 0], other[:, 0], rtol=rtol)
    np.testing.assert_array_equal(one[:, 1], other[:, 1])
    assert 0 < other[:, 1].sum() < len(other)


def test_the_app_the_bundle_and_the_command_agree(belt, tmp_path):
    shop, _ = belt
    expected = in_the_app(shop)
    assert_equal(
        scored(tmp_path / "pile", tmp_path / "model.zip", tmp_path / "a.parquet"), expected, 1e-5
    )
    desk = shop.desk()
    card = read_card(tmp_path / "model.zip")
    assert card.usual == rule_of(shop.store, desk.project, desk.gallery).threshold
    rows = rows_of(arrow().parquet.read_table(tmp_path / "a.parquet"))
    reasons = {row.file: row.error for row in rows if row.error}
    assert [*reasons] == ["good/broken.jpg"]


def test_a_saved_threshold_holds_by_its_name_and_by_default(belt, tmp_path):
    shop, lineage = belt
    scores = shop.desk().gallery.scores
    for reason, threshold in (("Nightly", float(np.median(scores))), ("Strict", 0.5)):
        shop.store.models.save_operating_point(
            project_id=shop.id,
            model_version=1,
            threshold=threshold,
            author="you",
            reason=reason,
        )
    (tmp_path / "model.zip").write_bytes(lineage.bundle(1, shop.me))
    card = read_card(tmp_path / "model.zip")
    assert card.threshold("saved-1") == float(np.median(scores))
    assert card.threshold(None) == card.threshold("saved") == 0.5


@pytest.mark.slow
def test_the_file_of_onnx_agrees(belt, tmp_path):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    shop, lineage = belt
    (tmp_path / "model.onnx").write_bytes(lineage.onnx(1, shop.me)[0])
    found = scored(tmp_path / "pile", tmp_path / "model.onnx", tmp_path / "b.parquet")
    assert_equal(found, in_the_app(shop), 1e-4)
