"""The example of ten lines, where there is no torch."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from onnx_models import facts_about, fitted, pieces, pool_of

from anomaly_core.detectors.base import Family
from anomaly_core.onnx import OnnxScorer
from anomaly_core.onnx.parity import onnx_file

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "score_onnx.py"
pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.trains]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The Python of a new environment with onnxruntime and numpy alone."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    wanted = [f"{name}=={version(name)}" for name in ("onnxruntime", "numpy")]
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip("onnxruntime and numpy cannot be installed anew here")
    told = subprocess.run(
        [python, "-c", "import torch"], capture_output=True, text=True, check=False
    )
    assert "No module named 'torch'" in told.stderr
    return python


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
def test_it_tells_scores_and_verdicts(bare, tmp_path, colour):
    detector = fitted(Family.JOINT, colour)
    content, _ = onnx_file(detector, facts_about(detector), pool_of(colour)[:100])
    (tmp_path / "belt.onnx").write_bytes(content)
    images = pieces(7, 90, 120) if colour else pool_of(False)[:7]
    np.save(tmp_path / "images.npy", images)
    scorer = OnnxScorer(tmp_path / "belt.onnx")
    scores = scorer.decision_function(images)
    for given, threshold in (((), scorer.threshold), ((str(scores[3]),), scores[3])):
        words = [str(bare), str(EXAMPLE), "belt.onnx", "images.npy", *given]
        ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
        told = [line.split("\t") for line in ended.stdout.splitlines()]
        np.testing.assert_allclose([float(score) for score, _ in told], scores, rtol=1e-5)
        sure = np.abs(scores / threshold - 1) > 1e-4
        odd = np.array([word == "anomalous" for _, word in told])
        np.testing.assert_array_equal(odd[sure], scores[sure] > threshold)
