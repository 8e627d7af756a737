"""`ringfence export model`: a file that scores as the version has, and what it says of itself."""

import io
import json
import re
import shutil
import zipfile

import numpy as np
import pytest
import yaml
from workshop import Workshop

from anomaly_core.cli import call
from anomaly_core.importing.fitting import Fit
from anomaly_core.onnx import OnnxScorer
from ringfence import __version__
from ringfence.__main__ import ringfence
from state.store.people import MACHINE
from state.versions.lineage import Lineage

pytestmark = pytest.mark.slow


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command at the data directory of a project; returns exit code, output, complaint."""

    def run_(shop, *words):
        monkeypatch.setenv("RINGFENCE_DATA_DIR", str(shop.settings.data_dir))
        words = ("export", "model", "--project", 1, *words)
        code = call(ringfence, [str(word) for word in words], "ringfence")
        return code, *capsys.readouterr()

    return run_


def test_onnx_scores_the_pool_as_the_version_has(workshop, run, tmp_path):
    path = tmp_path / "out" / "belt.onnx"
    code, said, _ = run(workshop, "--format", "onnx", "--output", path, "--json")
    told = json.loads(said)
    assert (code, told["version"], told["file"]) == (0, 1, str(path))
    assert [file.name for file in path.parent.iterdir()] == ["belt.onnx"]
    scorer = OnnxScorer(path)
    scores = workshop.array("models/1/scores")
    made = scorer.decision_function(workshop.array("pool"))
    np.testing.assert_allclose(made, scores, rtol=1e-4)
    assert told["parity"]["largest"] <= 1e-4
    assert told["parity"]["images"] == min(1000, len(scores))


def test_the_file_says_what_it_is(workshop, run, tmp_path):
    path = tmp_path / "belt.onnx"
    model = workshop.store.models.active(workshop.id)
    for number, threshold in enumerate((3.0, 5.0)):
        workshop.store.models.save_operating_point(
            project_id=workshop.id,
            model_version=1,
            threshold=threshold,
            author="ada",
            reason=f"for shift {number}",
        )
    assert run(workshop, "--format", "onnx", "--output", path)[0] == 0
    facts = OnnxScorer(path).facts
    assert (facts.version, facts.detector, facts.ringfence) == (1, "deep-svdd", __version__)
    assert facts.weights == {
        name: model.files[name] for name in ("model.safetensors", "model.json")
    }
    expected = np.quantile(workshop.array("models/1/scores"), 0.9)
    assert facts.thresholds == {
        "radius": model.metrics["R"] ** 2,
        "expected": expected,
        "saved-1": 3.0,
        "saved": 5.0,
    }
    assert facts.threshold == "saved"
    assert (facts.preprocessing.fit, facts.preprocessing.shape) == (
        Fit.STRETCH,
        workshop.array("pool").shape[1:],
    )


def test_of_own_images_it_prepares_them_as_the_app_does(prepared_own, tmp_path):
    shutil.copytree(prepared_own, tmp_path / "data")
    with Workshop(tmp_path / "data") as shop:
        lineage = Lineage(shop.projects, shop.store.projects.get(shop.id))
        content, facts = lineage.onnx(1, MACHINE)
        seen = facts.preprocessing
        assert seen.shape == shop.array("pool").shape[1:]
        made = OnnxScorer(content).decision_function(shop.array("pool"))
        np.testing.assert_allclose(made, shop.array("models/1/scores"), rtol=1e-4)


def test_the_zip_file_has_it_on_request_and_the_card_tells_of_it(workshop, run, tmp_path):
    path = tmp_path / "belt.zip"
    assert run(workshop, "--format", "onnx", "--output", path)[0] == 0
    with zipfile.ZipFile(path) as archive:
        names = {name.split("/")[1] for name in archive.namelist()}
        (folder,) = {name.split("/")[0] for name in archive.namelist()}
        card = archive.read(f"{folder}/README.md").decode()
        content = archive.read(f"{folder}/model.onnx")
    assert {"model.onnx", "model.safetensors", "README.md"} <= names
    assert all(f"{name}" in card for name in names - {"README.md"})
    assert re.search(r"On [\d,]+ images of the pool its scores differ .* 0 verdicts differ\.", card)
    assert OnnxScorer(content).facts.version == 1
    header = yaml.safe_load(card.split("---")[1])
    assert header["library_name"] == "ringfence"
    assert {"onnx", "safetensors", "deep-svdd"} < set(header["tags"])


def test_the_card_claims_what_was_measured_on_held_out_images(workshop):
    lineage = Lineage(workshop.projects, workshop.store.projects.get(workshop.id))
    packed = zipfile.ZipFile(io.BytesIO(lineage.bundle(1, MACHINE)))
    card = packed.read(f"ringfence-{workshop.id}-model-1/README.md").decode()
    metrics = workshop.store.models.active(workshop.id).metrics
    header = yaml.safe_load(card.split("---")[1])
    assert "model.onnx" not in card
    assert "onnx" not in header["tags"]
    ((result,),) = [entry["results"] for entry in header["model-index"]]
    told = {one["type"]: one["value"] for one in result["metrics"]}
    assert told["roc_auc"] == round(metrics["auroc"], 4)
    assert f"on {metrics['held_out']:,} held-out images" in card


def test_safetensors_is_the_zip_file_of_the_page(workshop, run, tmp_path):
    path = tmp_path / "belt.zip"
    code, said, _ = run(workshop, "--format", "safetensors", "--output", path, "--version", 1)
    assert code == 0
    assert "model 1 of" in said
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert not any(name.endswith("model.onnx") for name in archive.namelist())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--format", "onnx", "--version", 7), "There is no model version 7"),
        (("--format", "tflite"), "see ringfence export model --help"),
    ],
)
def test_what_cannot_be_taken_is_one_sentence(workshop, run, tmp_path, words, sentence):
    path = tmp_path / "out" / "belt.onnx"
    code, said, complaint = run(workshop, *words, "--output", path)
    assert (code, said) == (2, "")
    assert sentence in complaint
    assert not path.exists()
