"""What the detector refuses, and what it does with pools that tell it nothing."""

import numpy as np
import pytest
from refused import assert_plain_sentence, refused

from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.errors import CollapseWarning, InvalidInput, NotFitted
from anomaly_core.networks import NETWORKS

pytestmark = pytest.mark.trains

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 8, 8), dtype=np.uint8)
Y = np.zeros(30, np.int64)


def quick(network: str = "mlp") -> DeepSVDD:
    return DeepSVDD(network=network, pretrain_steps=20, fit_steps=10, update_steps=10)


@pytest.fixture(scope="module")
def fitted() -> DeepSVDD:
    return quick().fit(IMAGES)


@pytest.mark.parametrize(
    "use",
    [
        lambda detector: detector.decision_function(IMAGES),
        lambda detector: detector.embed(IMAGES),
        lambda detector: detector.reconstruct(IMAGES),
        lambda detector: detector.update(IMAGES, Y),
        lambda detector: detector.tensors(),
    ],
    ids=["decision_function", "embed", "reconstruct", "update", "tensors"],
)
def test_nothing_can_be_asked_before_fit(use):
    with refused(NotFitted, "not been fitted yet; call fit first"):
        use(quick())


@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        (IMAGES.astype(np.float32), r"shape \(30, 8, 8\) and type float32 cannot be used"),
        (IMAGES.astype(np.int64), "type int64 cannot be used"),
        (IMAGES[0], r"shape \(8, 8\)"),
        (IMAGES[:, :, :, None], r"shape \(30, 8, 8, 1\)"),
        (IMAGES[:1], "A pool of 1 image is too small; give at least 2"),
        (IMAGES[:0], "A pool of 0 image"),
    ],
    ids=["float", "int64", "2-d", "4-d", "one image", "no image"],
)
def test_images_that_make_no_pool_are_refused(fitted, images, complaint):
    with refused(InvalidInput, complaint):
        quick().fit(images)
    with refused(InvalidInput, complaint):
        fitted.update(images, Y[: len(images)])


@pytest.mark.parametrize(
    "y",
    [Y[:-1], np.zeros((30, 1), np.int64), np.full(30, 2), np.full(30, 0.5)],
    ids=["too short", "2-d", "value 2", "value 0.5"],
)
def test_labels_that_do_not_fit_the_images_are_refused(fitted, y):
    rounds = fitted.rounds_
    with refused(InvalidInput, "30 images need as many labels of"):
        fitted.update(IMAGES, y)
    assert fitted.rounds_ == rounds


def test_an_unknown_network_is_refused():
    with refused(InvalidInput, "There is no network 'huge'"):
        quick("huge").fit(IMAGES)


@pytest.mark.parametrize("centers", [0, 31])
def test_centers_without_an_image_each_are_refused(centers):
    with refused(InvalidInput, f"{centers} centers cannot be placed by 30 images; give 1 to 30"):
        DeepSVDD(centers=centers).fit(IMAGES)


@pytest.mark.parametrize("shade", [0, 7, 255])
@pytest.mark.parametrize("network", NETWORKS)
def test_equal_images_get_equal_scores_and_a_warning(network, shade):
    images = np.full((20, 8, 8), shade, np.uint8)
    with pytest.warns(CollapseWarning, match="20 images have only 1 distinct scores") as caught:
        detector = quick(network).fit(images)
    assert_plain_sentence(str(caught[0].message))
    assert caught[0].filename == __file__
    scores = detector.decision_function(images)
    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) == 1


def test_copies_of_two_images_get_two_scores_and_a_warning():
    images = np.repeat(IMAGES[:2], 30, axis=0)
    with pytest.warns(CollapseWarning, match="60 images have only 2 distinct scores"):
        detector = quick().fit(images)
    scores = detector.decision_function(images)
    assert np.isfinite(scores).all()
    assert np.allclose(scores[:30], scores[0], rtol=1e-5)
    assert not np.isclose(scores[0], scores[30], rtol=1e-5)


def test_an_update_warns_of_collapse_as_well():
    images = np.full((20, 8, 8), 9, np.uint8)
    with pytest.warns(CollapseWarning):
        detector = quick().fit(images)
    with pytest.warns(CollapseWarning):
        detector.update(images, np.zeros(20, np.int64))


def test_two_images_are_enough():
    assert np.isfinite(quick().fit(IMAGES[:2]).decision_function(IMAGES)).all()


@pytest.mark.parametrize("network", NETWORKS)
def test_images_need_not_be_square(network):
    images = IMAGES.reshape(30, 16, 4)
    assert quick(network).fit(images).reconstruct(images).shape == (30, 16, 4)
