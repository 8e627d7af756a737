"""A hypersphere on the features of a frozen backbone: its distances, labels, cache and maps."""

import copy
import json

import numpy as np
import pytest
import torch
from refused import refused
from sklearn.covariance import ledoit_wolf
from waves import crossed, waves

from anomaly_core.checkpoint import DESCRIPTION, load_detector, save_detector
from anomaly_core.detectors.pretrained import detector as detector_module
from anomaly_core.detectors.pretrained.detector import FLOOR, FeatureSVDD
from anomaly_core.detectors.pretrained.pooling import place_features, pooled_features
from anomaly_core.errors import CheckpointError
from anomaly_core.evaluation import auroc
from anomaly_core.features import FeatureCache

IMAGES = np.concatenate([waves(80, 0), crossed(20, 1)])
Y = np.repeat([0, 1, 0, -1], [70, 10, 10, 10])


class CountingCache(FeatureCache):
    """Remembers how many images the backbone was given."""

    computed = 0

    def features(self, images, compute, *others, **named):
        def counted(x):
            self.computed += len(x)
            return compute(x)

        return super().features(images, counted, *others, **named)


@pytest.fixture(scope="module")
def once_drawn():
    return FeatureSVDD().fit(IMAGES)


@pytest.fixture
def drawn(once_drawn):
    return copy.deepcopy(once_drawn)


def test_scores_are_squared_distances_to_the_center(drawn):
    scores, z = drawn.score(IMAGES)
    assert drawn.c_.shape == z.shape[1:] == (drawn.latent,)
    assert not drawn.c_.any()
    np.testing.assert_allclose(np.square(z).sum(axis=1), scores, rtol=1e-5)


def test_the_distance_is_that_of_mahalanobis():
    images = waves(100, 0)
    detector = FeatureSVDD(contamination=0).fit(images)
    x = torch.from_numpy(images).float().to(detector.device) / 255
    f = pooled_features(detector.backbone_, x).cpu().double().numpy()
    spread = f.std(axis=0)
    f = (f - f.mean(axis=0)) / np.maximum(spread, FLOOR * np.median(spread))
    covariance = ledoit_wolf(f, assume_centered=True)[0]
    squared = np.einsum("ni,ij,nj->n", f, np.linalg.inv(covariance), f) / f.shape[1]
    np.testing.assert_allclose(detector.decision_function(images), squared, rtol=1e-2)


def test_what_is_normal_lies_at_a_mean_squared_distance_of_about_1():
    detector = FeatureSVDD(contamination=0).fit(waves(800, 0))
    assert detector.decision_function(waves(200, 9)).mean() == pytest.approx(1, abs=0.2)


def test_what_is_not_normal_is_seen_before_any_label(drawn):
    images = np.concatenate([waves(40, 5), crossed(40, 6)])
    ranked = auroc(np.repeat([1, -1], 40), drawn.decision_function(images))
    assert ranked is not None
    assert ranked > 0.8


def test_the_radius_leaves_a_share_outside(drawn):
    outside = np.sqrt(drawn.decision_function(IMAGES)) > drawn.R_
    assert np.mean(outside) == pytest.approx(drawn.nu, abs=0.02)


def test_anomalous_answers_move_outwards_and_normal_ones_inwards(drawn):
    y = np.zeros(100, np.int64)
    farthest = np.argsort(-drawn.decision_function(IMAGES[:80]))[:5]
    y[farthest[:3]] = -1
    y[farthest[3:]] = 1
    before = drawn.decision_function(IMAGES)
    moved = drawn.update(IMAGES, y).decision_function(IMAGES) / before
    assert moved[y < 0].min() > 1 > moved[y > 0].max()
    assert drawn.stretched


def test_what_is_like_an_answered_image_moves_with_it():
    more = np.concatenate([waves(40, 5), crossed(40, 6)])
    detector = FeatureSVDD().fit(IMAGES)
    before = detector.decision_function(more)
    moved = detector.update(IMAGES, Y).decision_function(more) / before
    assert np.median(moved[40:]) > 1.2 * np.median(moved[:40])


@pytest.mark.trains
def test_forgetting_goes_back_to_before_any_answer(drawn):
    before = drawn.decision_function(IMAGES)
    drawn.update(IMAGES, Y)
    assert not np.allclose(drawn.decision_function(IMAGES), before)
    drawn.forget()
    assert not drawn.stretched
    np.testing.assert_array_equal(drawn.decision_function(IMAGES), before)


@pytest.mark.trains
def test_answers_that_were_withdrawn_leave_no_trace(drawn):
    before, radius = drawn.decision_function(IMAGES), drawn.R_
    drawn.update(IMAGES, Y).update(IMAGES, np.maximum(Y, 0))
    np.testing.assert_array_equal(drawn.decision_function(IMAGES), before)
    assert (drawn.R_, drawn.rounds_) == (radius, 2)


def test_an_update_without_anomalies_leaves_the_scores(drawn):
    before = drawn.decision_function(IMAGES)
    drawn.update(IMAGES, np.maximum(Y, 0))
    np.testing.assert_array_equal(drawn.decision_function(IMAGES), before)
    assert not drawn.stretched


def test_an_older_model_keeps_its_half_precision_until_it_is_updated(drawn, tmp_path):
    save_detector(drawn, tmp_path)
    described = json.loads((tmp_path / DESCRIPTION).read_text())
    del described["precision"]  # older ones name none
    (tmp_path / DESCRIPTION).write_text(json.dumps(described))
    older = load_detector(tmp_path, FeatureSVDD)
    seen = older.look_at(IMAGES)
    np.testing.assert_array_equal(seen, drawn.look_at(IMAGES).astype(np.float16))
    assert not np.array_equal(seen, drawn.look_at(IMAGES))
    older.update(IMAGES, np.maximum(Y, 0))
    np.testing.assert_array_equal(older.decision_function(IMAGES), drawn.decision_function(IMAGES))


@pytest.mark.trains
def test_features_are_computed_once_for_each_image():
    detector = FeatureSVDD()
    detector.cache = cache = CountingCache(None)
    detector.fit(IMAGES)
    assert cache.computed == 100
    detector.update(IMAGES, Y)
    detector.score(IMAGES[::-1])
    assert cache.computed == 100
    detector.score(np.concatenate([IMAGES, waves(7, 30)]))
    assert cache.computed == 107


def test_features_kept_in_a_folder_serve_another_detector(tmp_path):
    first = FeatureSVDD()
    first.keep_features(tmp_path / "kept")
    first.fit(IMAGES)
    second = FeatureSVDD(seed=1)
    second.cache = cache = CountingCache(tmp_path / "kept")
    second.fit(IMAGES)
    assert cache.computed == 0
    np.testing.assert_array_equal(first.decision_function(IMAGES), second.decision_function(IMAGES))


def test_a_checkpoint_on_other_weights_is_one_sentence(drawn, tmp_path):
    save_detector(drawn, tmp_path)
    description = json.loads((tmp_path / DESCRIPTION).read_text())
    description["backbone"]["fingerprint"] = "0" * 64
    (tmp_path / DESCRIPTION).write_text(json.dumps(description))
    with refused(CheckpointError, "backbone drawn has other weights than when this model was"):
        FeatureSVDD.restore(description, drawn.tensors())
    with refused(CheckpointError, "backbone drawn has other weights than when this model was"):
        load_detector(tmp_path)


@pytest.mark.parametrize("shape", [(16, 16), (24, 17), (16, 16, 3)])
def test_an_image_lies_at_the_mean_of_its_places(shape):
    images = waves(30, 0, shape)
    detector = FeatureSVDD().fit(images)
    with torch.inference_mode():
        x = torch.from_numpy(images).float() / 255
        places = place_features(detector.backbone_, x.to(detector.device)).movedim(1, -1)
        z = detector.head_.whiten(places)  # (n, rows, columns, latent)
    error = z.mean(dim=(1, 2)).cpu().numpy() - detector.embed(images)
    assert np.abs(error).mean() < 0.02 * np.abs(detector.embed(images)).mean()
    maps = detector.explain(images)
    assert maps.shape == images.shape[:3]
    farthest = z.square().sum(dim=-1).sqrt().amax(dim=(1, 2)).cpu().numpy()
    assert (maps.max(axis=(1, 2)) <= farthest * 1.001).all()
    assert (maps.mean(axis=(1, 2)) ** 2 >= 0.9 * detector.decision_function(images)).all()


def test_the_map_is_farther_out_where_the_image_is_odd():
    normal = waves(200, 0, (32, 32))
    spotted = waves(20, 3, (32, 32))
    spotted[:, 20:26, 4:10] = 10
    maps = FeatureSVDD().fit(normal).explain(spotted)
    assert maps[:, 16:30, :14].mean() > 1.5 * maps[:, :12, 18:].mean()


def test_grey_images_and_the_same_in_colour_lie_alike():
    colour = np.repeat(IMAGES[..., None], 3, axis=3)
    grey, coloured = (FeatureSVDD().fit(x).decision_function(x) for x in (IMAGES, colour))
    np.testing.assert_allclose(grey, coloured, rtol=1e-3)


def test_of_very_many_answers_the_anomalous_ones_are_not_lost(monkeypatch):
    monkeypatch.setattr(detector_module, "MOST_ANSWERS", 20)
    y = np.array([1] * 100 + [-1] * 7 + [0] * 10)
    for count in (5, 50, 100):
        answered = detector_module.answers_of(np.where(np.arange(117) < 100 - count, 0, y), 0)
        assert np.count_nonzero(y[answered] < 0) == 7
        assert len(answered) == min(20, count + 7)
    many = detector_module.answers_of(-y, 0)
    assert np.bincount((y[many] < 0).astype(int)).tolist() == [10, 7]
