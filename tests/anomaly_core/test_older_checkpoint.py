"""A model that an earlier engine saved scores as it did there.

The archive holds the script that made it, `make.py`: a Deep SVDD as projects had it then, fitted to
60 tiny images and updated once; 20 images with the scores, embeddings and reconstructions that it
gave them. Its weights are rounded so that the archive is small.
"""

import tarfile
from pathlib import Path

import numpy as np
import pytest

from anomaly_core.checkpoint import load_detector, load_hypersphere, save_detector
from anomaly_core.detectors.deep_svdd import DeepSVDD

ARCHIVE = Path(__file__).parents[1] / "data" / "deep-svdd-of-0.1.tar.xz"


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    folder = tmp_path_factory.mktemp("older")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def seen(older):
    with np.load(older / "seen.npz") as arrays:
        return dict(arrays)


def test_it_scores_as_before(older, seen):
    scores, z = load_hypersphere(older).score(seen["images"])
    np.testing.assert_allclose(scores, seen["scores"], rtol=1e-3)
    np.testing.assert_allclose(z, seen["z"], rtol=1e-3, atol=1e-4)


def test_it_reconstructs_as_before(older, seen):
    made = load_hypersphere(older).reconstruct(seen["images"])
    np.testing.assert_allclose(made, seen["reconstructions"], atol=2e-3)


def test_it_is_what_it_was(older, seen):
    detector = load_detector(older, DeepSVDD)
    assert (detector.network, detector.objective, detector.rounds_) == ("conv", "one-class", 1)
    assert detector.image_shape_ == seen["images"].shape[1:]
    assert pytest.approx(2.5112950801849365) == detector.R_
    assert [row.stage for row in detector.history_] == ["pretraining"] * 20 + ["updating"]


def test_saved_anew_it_is_still_the_same(older, seen, tmp_path):
    save_detector(load_hypersphere(older), tmp_path)
    scores = load_hypersphere(tmp_path).decision_function(seen["images"])
    np.testing.assert_allclose(scores, seen["scores"], rtol=1e-3)


@pytest.mark.trains
def test_it_can_be_taught_on(older, seen):
    detector, images = load_hypersphere(older), seen["images"]
    y = np.repeat([1, -1], 10)
    after = detector.update(images, y).decision_function(images)
    assert detector.rounds_ == 2
    assert after[10:].min() > after[:10].max()
