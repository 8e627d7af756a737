"""A file scores 1,000 real images as torch does, whatever their size, or there is none."""

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
from made_weights import saved
from onnx_models import SIDE, facts_about, fitted, pieces, pool_of
from PIL import Image
from refused import refused
from torchvision.models import get_model

from anomaly_core.detectors.base import Family
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.detectors.tensors import seeded
from anomaly_core.errors import ExportRefused
from anomaly_core.importing.fitting import Fit
from anomaly_core.importing.fitting import fitted as seen_as
from anomaly_core.onnx import OnnxScorer
from anomaly_core.onnx.parity import MOST, TOLERANCE, onnx_file, parity_of

pytestmark = [pytest.mark.trains, pytest.mark.slow]
COLOURS = pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
FAMILIES = pytest.mark.parametrize("family", Family)
MADE: dict[tuple[Family, bool], bytes] = {}


def file_of(family, colour):
    """The file of a detector with its facts, made once."""
    if (family, colour) not in MADE:
        detector = fitted(family, colour)
        MADE[family, colour], _ = onnx_file(detector, facts_about(detector), pool_of(colour))
    return MADE[family, colour]


@COLOURS
@FAMILIES
def test_it_scores_a_thousand_real_images_as_torch_does(family, colour):
    scorer, images, detector = (
        OnnxScorer(file_of(family, colour)),
        pool_of(colour),
        fitted(family, colour),
    )
    assert len(images) == MOST
    scores, z = detector.score(images)
    made, embeddings = scorer.score(images)
    assert np.abs(made / scores - 1).max() <= TOLERANCE
    assert np.abs(embeddings - z).max() <= TOLERANCE * np.abs(z).max()
    parity = scorer.facts.parity
    assert parity is not None
    assert parity.images == MOST
    assert (
        parity.median <= parity.largest == pytest.approx(np.abs(made / scores - 1).max(), rel=0.06)
    )
    assert parity.verdicts == ((made > scorer.threshold) != (scores > scorer.threshold)).sum()


@COLOURS
@FAMILIES
@pytest.mark.parametrize("size", [(SIDE, SIDE), (80, 80), (200, 130)], ids=str)
def test_images_of_other_sizes_score_as_the_app_would_score_them(family, colour, size):
    images = pieces(60, *size)
    side = fitted(family, colour).image_shape_[0]
    shown = np.stack([seen_as(Image.fromarray(one), side, Fit.STRETCH, colour) for one in images])
    scores = fitted(family, colour).decision_function(shown)
    made = OnnxScorer(file_of(family, colour)).decision_function(images)
    if side == size[0]:
        assert np.abs(made / scores - 1).max() <= TOLERANCE
    else:  # a grey level here and there, where Pillow's fixed-point weights break a tie
        assert np.abs(made / scores - 1).max() <= 0.02
        assert np.median(np.abs(made / scores - 1)) <= 0.002


def test_a_network_of_torchvision_comes_as_near(tmp_path):
    with seeded(0):
        begun = get_model("resnet18").state_dict()
    weights = saved({key: one.clone() for key, one in begun.items()}, tmp_path / "r.safetensors")
    pool = pool_of(True)[:100]
    detector = FeatureSVDD(backbone="resnet18", weights=str(weights)).fit(pool)
    content, facts = onnx_file(detector, facts_about(detector), pool)
    assert facts.parity is not None
    assert facts.parity.largest <= TOLERANCE
    maps = detector.explain(pool[:4])
    np.testing.assert_allclose(
        OnnxScorer(content).explain(pool[:4]), maps, rtol=1e-3, atol=1e-4 * maps.max()
    )


@FAMILIES
def test_the_same_version_gives_the_same_bytes(family):
    detector = fitted(family, False)
    again, _ = onnx_file(detector, facts_about(detector), pool_of(False))
    assert again == file_of(family, False)


@FAMILIES
def test_it_is_sound_and_tells_nothing_of_the_machine(family):
    model = onnx.load_from_string(file_of(family, False))
    onnx.checker.check_model(model, full_check=True)
    (opset,) = model.opset_import
    assert opset.version == 18
    assert __file__.split("/tests/")[0].encode() not in file_of(family, False)
    assert all(not node.metadata_props for node in model.graph.node)
    told = {one.key: one.value for one in model.metadata_props}
    assert told["project"] == "Belt"
    assert json.loads(told["thresholds"]).keys() == {"radius", "half"}
    assert json.loads(told["weights"]) == {"model.safetensors": "ab12"}


def test_only_the_number_of_images_and_their_size_are_open():
    model = onnx.load_from_string(file_of(Family.FCDD, True))
    dims = {
        one.name: [each.dim_param or each.dim_value for each in one.type.tensor_type.shape.dim]
        for one in (*model.graph.input, *model.graph.output)
    }
    assert dims == {
        "images": ["n", "height", "width", "channels"],
        "explain": [],
        "threshold": [],
        "score": ["n"],
        "embedding": ["n", 16],
        "map": ["maps", SIDE, SIDE],
        "verdict": ["n"],
    }


def test_maps_are_drawn_where_they_are_asked_for():
    for family, usually in ((Family.FCDD, True), (Family.FEATURES, False)):
        scorer, images = OnnxScorer(file_of(family, True)), pool_of(True)[:4]
        (plain,) = scorer.session.run(["map"], {"images": images})
        assert plain.shape == (4 * usually, SIDE, SIDE)
        maps = scorer.explain(images)
        np.testing.assert_allclose(
            maps, fitted(family, True).explain(images), rtol=1e-4, atol=1e-4 * maps.max()
        )


def test_another_threshold_may_be_given():
    scorer, images = OnnxScorer(file_of(Family.FEATURES, False)), pool_of(False)[:200, ..., None]
    session = scorer.session
    score, verdict = session.run(["score", "verdict"], {"images": images})
    np.testing.assert_array_equal(verdict, score > scorer.threshold)
    assert scorer.threshold == scorer.thresholds["radius"]
    given = {"images": images, "threshold": np.array(scorer.thresholds["half"], np.float32)}
    (other,) = session.run(["verdict"], given)
    np.testing.assert_array_equal(other, score > scorer.thresholds["half"])
    assert other.sum() > verdict.sum() > 0


def test_scores_that_differ_are_refused_in_a_sentence():
    scores = np.array([1, 2, 3], np.float32)
    with refused(ExportRefused, r"differ from torch's by up to 5.0e-04 .* train one more round"):
        parity_of(scores, scores * np.float32(1.0005), 2.0)
    with refused(ExportRefused, "by up to nan"):
        parity_of(scores, np.array([1, np.nan, 3], np.float32), 2.0)


def test_what_is_as_good_as_no_distance_is_held_against_the_usual_one():
    scores = np.array([1, 2, 1e-9], np.float32)
    parity = parity_of(scores, scores + np.float32(1e-8), 1.5)
    assert (parity.images, parity.largest, parity.verdicts) == (3, 1e-5, 0)


def test_a_file_is_known_by_what_it_says_of_itself():
    scorer = OnnxScorer(file_of(Family.JOINT, True))
    detector = fitted(Family.JOINT, True)
    assert replace(scorer.facts, parity=None) == facts_about(detector)
