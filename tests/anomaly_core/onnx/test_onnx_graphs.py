"""The module that is exported scores, embeds and explains as the detector does."""

import copy
import json
from functools import partial

import numpy as np
import pytest
import torch
from onnx_models import facts_about, fitted, pool_of
from refused import refused

from anomaly_core.checkpoint import DESCRIPTION, load_detector, save_detector
from anomaly_core.detectors.base import Family
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.pretrained.detector import FeatureSVDD, Precision
from anomaly_core.detectors.reconstruction import AutoencoderDetector
from anomaly_core.errors import ExportRefused
from anomaly_core.onnx.graphs import graph_of
from anomaly_core.onnx.writing import onnx_model

near = partial(np.testing.assert_allclose, rtol=2e-5, atol=1e-6)


def made_of(detector, images):
    with torch.inference_mode():
        return [one.numpy() for one in graph_of(detector)(torch.from_numpy(images).float())]


@pytest.mark.trains
@pytest.mark.slow
@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
@pytest.mark.parametrize("family", Family)
def test_it_gives_what_the_detector_gives(family, colour):
    detector, images = fitted(family, colour), pool_of(colour)[:50]
    score, embedding, *maps = made_of(detector, images)
    scores, z = detector.score(images)
    near(score, scores)
    np.testing.assert_allclose(embedding, z, rtol=1e-4, atol=1e-4)
    assert bool(maps) == (family is not Family.DEEP_SVDD)  # whose maps cost 50 embeddings each
    for one in maps:
        np.testing.assert_allclose(one, detector.explain(images), rtol=1e-4, atol=1e-4)


def test_a_joint_sphere_that_the_pool_has_not_taught_yet():
    images = pool_of(False)[:60]
    detector = JointSVDD(at_once=False).fit(images)
    near(made_of(detector, images)[0], detector.score(images)[0])


@pytest.mark.trains
def test_of_several_centers_the_nearest_counts():
    images = pool_of(False)[:200]
    detector = DeepSVDD(network="mlp", centers=3, pretrain_steps=10).fit(images)
    near(made_of(detector, images)[0], detector.score(images)[0])


def test_an_older_model_keeps_its_rounded_features(tmp_path):
    images = pool_of(False)[:60]
    save_detector(FeatureSVDD().fit(images), tmp_path)
    described = json.loads((tmp_path / DESCRIPTION).read_text())
    del described["precision"]
    (tmp_path / DESCRIPTION).write_text(json.dumps(described))
    with refused(ExportRefused, "train one more round"):
        graph_of(load_detector(tmp_path))


@pytest.mark.trains
@pytest.mark.slow
def test_an_older_joint_model_is_refused_too():
    detector = copy.deepcopy(fitted(Family.JOINT, True))
    assert isinstance(detector, JointSVDD)
    detector.first_.precision_ = Precision.HALF
    with refused(ExportRefused, "train one more round"):
        graph_of(detector)


def test_another_family_is_refused_in_a_sentence():
    with refused(ExportRefused, "kind autoencoder cannot be written as ONNX; these can: deep-svdd"):
        graph_of(AutoencoderDetector())


def test_images_of_another_size_than_the_models_are_refused():
    detector = FeatureSVDD().fit(pool_of(False)[:40])
    seen = facts_about(fitted(Family.FEATURES, True)).preprocessing
    with refused(ExportRefused, "another size"):
        onnx_model(detector, seen, 1.0)
