"""A version scores and flags alike in the app, its zip file, ONNX, `ringfence score` and on Ray."""

import importlib.util
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from workshop import Workshop

from anomaly_core.checkpoint import load_detector
from anomaly_core.cli import call
from anomaly_core.onnx import OnnxScorer
from ringfence.__main__ import ringfence
from state.exporting.scores import export_scores
from state.quality.tuning import Basis, Tuning
from state.store.people import MACHINE
from state.versions.lineage import Lineage

pytestmark = [
    pytest.mark.trains,
    pytest.mark.process,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Ray's of itself
]
TOLERANCE = 1e-4
RAY = pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="Ray is not installed")


@pytest.fixture(scope="module")
def taken(tmp_path_factory, prepared):
    """A version with a saved threshold, and everything that can be taken away of it."""
    home = tmp_path_factory.mktemp("everywhere")
    shutil.copytree(prepared, home / "data")
    with Workshop(home / "data") as shop:
        rounds = shop.rounds()
        shop.answer(20)
        rounds.update([])
        save_threshold(shop)
        lineage = Lineage(shop.projects, shop.store.projects.get(shop.id))
        assert lineage.serving is not None
        version = lineage.serving.version
        export_scores(shop.store, lineage.project, MACHINE, "parquet", home / "app.parquet")
        (home / "model.zip").write_bytes(lineage.bundle(version, MACHINE))
        (home / "model.onnx").write_bytes(lineage.onnx(version, MACHINE)[0])
        np.save(home / "pool.npy", shop.array("pool"))
        with zipfile.ZipFile(home / "model.zip") as archive:
            archive.extractall(home)
    return home


def save_threshold(shop: Workshop) -> None:
    """Save a threshold that flags more than the model would by itself."""
    desk = shop.desk()
    assert desk.gallery is not None
    assert desk.rule is not None
    tuning = Tuning(desk, desk.gallery)
    threshold = float(np.quantile(desk.gallery.scores, 0.7))
    assert threshold < desk.rule.threshold
    tuning.save(threshold, "Rather look twice.", "by hand", tuning.evidence(Basis.HELD_OUT))


def scored(home: Path, model: str, *options: str) -> pd.DataFrame:
    """What `ringfence score` makes of the pool."""
    output = home / f"{model}-{'-'.join(options)}.parquet"
    output.unlink(missing_ok=True)
    given = ["score", str(home / "pool.npy"), "--model", str(home / model), "--output", str(output)]
    assert call(ringfence, [*given, *options], "ringfence") == 0
    return pd.read_parquet(output)


def by_bundle(home: Path) -> pd.DataFrame:
    """What the unpacked zip file makes of the pool, by the lines of its model card."""
    (folder,) = home.glob("ringfence-*-model-*")
    facts = json.loads((folder / "metrics.json").read_text("utf-8"))
    scores = load_detector(folder).decision_function(np.load(home / "pool.npy"))
    return frame(scores, facts["threshold"])


def by_onnx(home: Path) -> pd.DataFrame:
    """What the file of ONNX makes of the pool."""
    scorer = OnnxScorer((home / "model.onnx").read_bytes())
    return frame(scorer.decision_function(np.load(home / "pool.npy")), scorer.threshold)


def frame(scores: np.ndarray, threshold: float) -> pd.DataFrame:
    verdicts = np.where(scores > threshold, "anomalous", "normal")
    return pd.DataFrame({"score": scores, "threshold": threshold, "verdict": verdicts})


WAYS = {
    "bundle": by_bundle,
    "onnx": by_onnx,
    "score": lambda home: scored(home, "model.zip"),
    "score by onnx": lambda home: scored(home, "model.onnx"),
    "ray": lambda home: scored(home, "model.zip", "--ray", "--workers", "2"),
}


@pytest.mark.parametrize(
    "way", [name if name != "ray" else pytest.param(name, marks=RAY) for name in WAYS]
)
def test_score_verdict_and_threshold_are_those_of_the_app(taken, way):
    app, other = pd.read_parquet(taken / "app.parquet"), WAYS[way](taken)
    assert len(app) == len(other)
    np.testing.assert_allclose(other["score"], app["score"], rtol=TOLERANCE)
    np.testing.assert_allclose(other["threshold"], app["threshold"], rtol=1e-6)
    near = np.abs(app["score"] / app["threshold"] - 1) < TOLERANCE  # where a bit may decide
    assert near.mean() < 0.02
    assert (other["verdict"] == app["verdict"])[~near].all()
    assert 0.25 < (app["verdict"] == "anomalous").mean() < 0.35  # by the saved threshold


@RAY
def test_ray_gives_the_same_bits_as_one_process(taken):
    one = scored(taken, "model.zip", "--workers", "1")
    ray = WAYS["ray"](taken)
    assert one["score"].to_numpy().tobytes() == ray["score"].to_numpy().tobytes()


def test_a_threshold_is_taken_by_its_name(taken):
    radius = scored(taken, "model.zip", "--threshold", "radius")
    by_graph = scored(taken, "model.onnx", "--threshold", "radius")
    assert set(radius["threshold"]) != set(pd.read_parquet(taken / "app.parquet")["threshold"])
    assert (radius["verdict"] == by_graph["verdict"]).mean() > 0.98
