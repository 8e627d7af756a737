"""A model file is opened and asked without torch, and refuses what it cannot score."""

import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx_models import facts_about, fitted, pool_of
from refused import refused

from anomaly_core.detectors.base import Family
from anomaly_core.errors import CheckpointError, InvalidInput
from anomaly_core.onnx import OnnxScorer
from anomaly_core.onnx.asking import below
from anomaly_core.onnx.parity import onnx_file
from anomaly_core.onnx.scorer import BLOCK


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    detector = fitted(Family.FEATURES, False)
    path = tmp_path_factory.mktemp("model") / "belt.onnx"
    path.write_bytes(onnx_file(detector, facts_about(detector), pool_of(False)[:50])[0])
    return path


@pytest.fixture(scope="module")
def scorer(file):
    return OnnxScorer(file)


def test_any_number_of_images_is_scored_in_their_order(scorer):
    images = pool_of(False)[: 2 * BLOCK + 5]
    scores, z = scorer.score(images)
    assert (scores.shape, z.shape) == ((len(images),), (len(images), 448))
    np.testing.assert_allclose(scorer.decision_function(images[::-1])[::-1], scores, rtol=1e-5)
    assert scorer.decision_function(images[:0]).shape == (0,)


def test_grey_images_and_the_same_in_colour_score_alike(scorer):
    images = pool_of(False)[:20]
    colour = np.repeat(images[..., None], 3, axis=3)
    for same in (images[..., None], colour):
        np.testing.assert_array_equal(scorer.decision_function(same), scorer.score(images)[0])


def test_maps_have_the_size_of_the_model(scorer):
    assert scorer.explains
    assert scorer.explain(pool_of(False)[:3]).shape == (3, 28, 28)


@pytest.mark.trains
def test_a_family_without_maps_says_so():
    detector = fitted(Family.DEEP_SVDD, False)
    made, _ = onnx_file(detector, facts_about(detector), pool_of(False)[:50])
    assert not OnnxScorer(made).explains
    with refused(InvalidInput, "draws no maps"):
        OnnxScorer(made).explain(pool_of(False)[:3])


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 28, 28), np.float32),
        np.zeros((28, 28), np.uint8),
        np.zeros((2, 28, 28, 4), np.uint8),
    ],
    ids=["float", "one image", "four channels"],
)
def test_what_are_no_images_is_refused(scorer, images):
    with refused(InvalidInput, "must be"):
        scorer.score(images)


def test_a_file_that_is_damaged_missing_or_anothers_is_refused(file, tmp_path):
    torn = tmp_path / "torn.onnx"
    torn.write_bytes(file.read_bytes()[:5000])
    with refused(CheckpointError, "torn.onnx is damaged"):
        OnnxScorer(torn)
    model = onnx.load(file)
    del model.metadata_props[:]
    with refused(CheckpointError, "The file is damaged or no model of Ringfence"):
        OnnxScorer(model.SerializeToString())
    with refused(CheckpointError, "There is no file gone.onnx"):
        OnnxScorer(tmp_path / "gone.onnx")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("thresholds", "[1.5]"),
        ("thresholds", '{"saved": NaN}'),
        ("threshold", "none of them"),
        ("preprocessing", "[" * 200_000),
    ],
)
def test_facts_that_are_damaged_are_refused(file, name, value):
    model = onnx.load(file)
    (prop,) = (one for one in model.metadata_props if one.key == name)
    prop.value = value
    with refused(CheckpointError, "The file is damaged or no model of Ringfence"):
        OnnxScorer(model.SerializeToString())


@pytest.mark.parametrize("threshold", [0.1, 1 / 3, 2.5, 1e-9, 7.1])
def test_a_score_is_above_the_rounded_threshold_only_if_above_the_exact_one(threshold):
    rounded = np.float32(below(threshold))
    assert float(rounded) <= threshold < float(np.nextafter(rounded, np.float32(np.inf)))


@pytest.mark.process
def test_it_loads_no_torch(file):
    code = (
        "import sys, numpy; from pathlib import Path; from anomaly_core.onnx import OnnxScorer;"
        f"print(OnnxScorer(Path({str(file)!r})).score(numpy.zeros((1, 9, 9), 'uint8'))[0].shape);"
        "print('torch' in sys.modules, 'onnx' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "(1,)\nFalse False\n"
