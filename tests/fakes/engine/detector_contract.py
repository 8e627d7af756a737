"""What every detector promises; a new one is tested by inheriting `DetectorContract`."""

import copy
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from refused import refused

from anomaly_core.checkpoint import load_detector, save_detector
from anomaly_core.errors import Cancelled, CollapseWarning, InvalidInput, NotFitted
from anomaly_core.progress import EpochLosses, StepReport

SHAPE = (13, 10)


def small_digits(dataset):
    """90 small images of three classes: pixels, and their classes."""
    rows = np.flatnonzero(np.isin(dataset.labels, (2, 4, 7)))[::8][:90]
    images = dataset.images[rows][:, 2::2, 4:24:2]
    assert images.shape == (90, *SHAPE)
    return images, dataset.labels[rows]


def maps_of(detector, images):
    """What a detector explains of images: distances, one for each of their places."""
    maps = detector.explain(images)
    assert (maps.shape, maps.dtype) == (images.shape[:3], np.float32)
    assert np.isfinite(maps).all()
    assert maps.min() >= 0
    return maps


class DetectorContract:
    """Subclasses give `make(**parameters)`, a detector that fits small images in a moment.

    `stages` names the stages of its first fit that have losses, and `reported`, where it differs,
    those whose steps are reported. `draws` is whether a first fit draws at random at all.
    """

    stages: tuple[str, ...] = ("training",)
    reported: tuple[str, ...] | None = None
    draws = True
    fitted_once: Any

    def make(self, **parameters):
        raise NotImplementedError

    @pytest.fixture
    def fitted(self, digits):
        """Fitted once for all tests of the class, and copied for each."""
        if "fitted_once" not in vars(type(self)):
            images, classes = digits
            type(self).fitted_once = self.make().fit(
                images[:70],
                classes=classes[:70],
                validation=images[70:],
                validation_classes=classes[70:],
            )
        return copy.deepcopy(self.fitted_once)

    @pytest.fixture
    def y(self):
        return np.repeat([0, 1, -1, 0], [60, 10, 10, 10])

    def test_scores_and_codes_are_given_for_each_image(self, fitted, digits):
        scores, z = fitted.score(digits[0])
        assert (scores.shape, scores.dtype, z.dtype) == ((90,), np.float32, np.float32)
        assert z.ndim == 2
        assert len(z) == 90
        assert np.isfinite(scores).all()
        assert np.isfinite(z).all()
        assert np.allclose(fitted.decision_function(digits[0]), scores, rtol=1e-4, atol=1e-6)
        assert np.allclose(fitted.embed(digits[0]), z, rtol=1e-4, atol=1e-6)
        assert len(np.unique(scores)) > 80

    def test_the_first_reading_is_the_score(self, fitted, digits):
        readings = fitted.readings(digits[0])
        first = next(iter(readings.values()))
        assert np.array_equal(first, fitted.decision_function(digits[0]))
        assert all(scores.shape == (90,) for scores in readings.values())

    def test_the_same_seed_gives_the_same_scores(self, digits):
        images, classes = digits
        scores = []
        for noise, seed in ((1, 0), (2, 0), (3, 1)):
            torch.manual_seed(noise)  # what else a program drew must not matter
            detector = self.make(seed=seed).fit(images, classes=classes)
            scores.append(detector.decision_function(images))
        first, again, other = scores
        assert np.array_equal(first, again)
        assert np.allclose(first, other) is not self.draws

    def test_the_global_generator_is_left_alone(self, fitted, digits, y):
        before = torch.get_rng_state()
        self.make().fit(digits[0], classes=digits[1])
        fitted.update(digits[0], y)
        assert torch.equal(torch.get_rng_state(), before)

    def test_scores_follow_their_images_when_these_are_shuffled(self, fitted, digits):
        images = digits[0]
        order = np.random.default_rng(0).permutation(len(images))
        for function in (fitted.decision_function, fitted.embed):
            plain = function(images)
            assert np.allclose(function(images[order]), plain[order], rtol=1e-3, atol=1e-5)
            assert np.allclose(function(images[7:8]), plain[7:8], rtol=1e-3, atol=1e-5)

    def test_an_empty_block_has_empty_scores(self, fitted, digits):
        scores, z = fitted.score(digits[0][:0])
        assert scores.shape == (0,)
        assert z.shape == (0, fitted.embed(digits[0][:2]).shape[1])
        assert all(len(part) == 0 for part in fitted.readings(digits[0][:0]).values())

    def test_saved_and_loaded_it_scores_and_goes_on_the_same(self, fitted, digits, y, tmp_path):
        images = digits[0]
        save_detector(fitted, tmp_path)
        loaded = load_detector(tmp_path, type(fitted))
        assert loaded.history_ == fitted.history_
        assert loaded.parameter_count == fitted.parameter_count
        for _ in range(2):
            first, second = loaded.readings(images), fitted.readings(images)
            assert list(first) == list(second)
            assert all(np.array_equal(first[name], second[name]) for name in first)
            assert np.array_equal(loaded.embed(images), fitted.embed(images))
            loaded.update(images, y)
            fitted.update(images, y)

    def test_it_says_what_it_is(self, fitted):
        assert fitted.kind
        assert fitted.parameter_count > 0
        assert fitted.tensors()

    @pytest.mark.parametrize("shape", [(8, 8), (9, 15), (28, 17), (16, 16, 3), (17, 33, 3)])
    def test_other_image_sizes_will_do_grey_or_in_colour(self, shape):
        images = np.random.default_rng(0).integers(0, 256, (30, *shape), dtype=np.uint8)
        detector = self.make().fit(images, classes=np.arange(30) % 3)
        assert np.isfinite(detector.decision_function(images)).all()
        if detector.reconstructs:
            assert detector.reconstruct(images).shape == images.shape
        if detector.explains:
            maps_of(detector, images)

    @pytest.mark.parametrize("value", [0, 128, 255])
    def test_a_pool_without_any_difference_breaks_nothing(self, value):
        images = np.full((20, *SHAPE, 3), value, np.uint8)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CollapseWarning)
            detector = self.make().fit(images, classes=np.arange(20) % 3)
            detector.update(images, np.repeat([0, 1, -1], [10, 5, 5]))
        assert np.isfinite(detector.decision_function(images)).all()
        if detector.explains:
            maps = maps_of(detector, images)
            np.testing.assert_allclose(maps, maps[:1].repeat(20, axis=0), rtol=1e-3, atol=1e-5)

    def test_labels_that_are_all_wrong_or_of_one_kind_break_nothing(self, fitted, digits):
        for y in (np.full(90, -1), np.ones(90, np.int64), np.repeat([-1, 1], 45)):
            fitted.update(digits[0], y)
            assert np.isfinite(fitted.decision_function(digits[0])).all()

    def test_colour_does_not_fit_a_model_of_grey_images(self, fitted, digits):
        colour = np.repeat(digits[0][..., None], 3, axis=3)
        with refused(InvalidInput, "13 x 10 pixels in colour cannot be scored by a model of 13 x"):
            fitted.score(colour)

    def test_reconstructions_are_images_or_refused(self, fitted, digits):
        if not fitted.reconstructs:
            with refused(InvalidInput, "reconstructs no images"):
                fitted.reconstruct(digits[0])
            return
        x_hat = fitted.reconstruct(digits[0])
        assert (x_hat.shape, x_hat.dtype) == (digits[0].shape, np.float32)
        assert 0 <= x_hat.min() <= x_hat.max() <= 1

    def test_each_image_has_its_map_of_distances_or_is_refused(self, fitted, digits):
        images = digits[0]
        if not fitted.explains:
            with refused(InvalidInput, "explains no images"):
                fitted.explain(images)
            return
        maps = maps_of(fitted, images)
        order = np.random.default_rng(0).permutation(len(images))
        np.testing.assert_allclose(fitted.explain(images[order]), maps[order], rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(fitted.explain(images[7:8]), maps[7:8], rtol=1e-3, atol=1e-5)
        assert fitted.explain(images[:0]).shape == (0, *SHAPE)
        assert len(np.unique(maps)) > 80
        with refused(NotFitted, "not been fitted"):
            self.make().explain(images)
        with refused(InvalidInput, "cannot be scored by a model of"):
            fitted.explain(images[:, 1:])

    def test_classes_are_predicted_or_refused(self, fitted, digits):
        if not fitted.needs_classes:
            with refused(InvalidInput, "predicts no classes"):
                fitted.predict(digits[0])
            return
        assert set(fitted.predict(digits[0])) <= set(digits[1])

    def test_each_epoch_has_its_losses(self, fitted):
        assert tuple(dict.fromkeys(row.stage for row in fitted.history_)) == self.stages
        for stage in self.stages:
            rows = [row for row in fitted.history_ if row.stage == stage]
            assert [row.epoch for row in rows] == list(range(1, len(rows) + 1))
            assert all(np.isfinite([row.training, row.validation]).all() for row in rows)
        for stage in self.stages[:1]:
            first = [row.training for row in fitted.history_ if row.stage == stage]
            assert first[0] > first[-1]

    def test_validation_changes_nothing_but_the_history(self, digits):
        images, classes = digits
        plain = self.make().fit(images[:70], classes=classes[:70])
        watched = self.make().fit(
            images[:70],
            classes=classes[:70],
            validation=images[70:],
            validation_classes=classes[70:],
        )
        assert np.array_equal(plain.decision_function(images), watched.decision_function(images))
        assert [row.training for row in plain.history_] == [
            row.training for row in watched.history_
        ]
        assert all(isinstance(row, EpochLosses) for row in plain.history_)
        assert all(row.validation is None for row in plain.history_)

    def test_steps_are_reported_and_can_be_cancelled(self, digits):
        images, classes = digits
        reports: list[StepReport] = []
        self.make().fit(images, [reports.append], classes=classes)
        assert tuple(dict.fromkeys(report.stage for report in reports)) == (
            self.stages if self.reported is None else self.reported
        )
        assert reports[-1].share == 1

        def stop(report) -> None:
            raise Cancelled("Stopped.")

        with pytest.raises(Cancelled):
            self.make().fit(images, [stop], classes=classes)

    def test_an_update_without_anomalies_changes_no_score(self, fitted, digits, y):
        before = fitted.decision_function(digits[0])
        fitted.update(digits[0], np.abs(y))
        assert np.array_equal(fitted.decision_function(digits[0]), before)
        assert fitted.rounds_ == 1

    def test_an_update_leaves_images_and_labels_as_they_are(self, fitted, digits, y):
        images, labels = digits[0].copy(), y.copy()
        fitted.update(images, labels)
        assert np.array_equal(images, digits[0])
        assert np.array_equal(labels, y)
        assert fitted.rounds_ == 1

    @pytest.mark.parametrize(
        ("spoil", "complaint"),
        [
            (lambda x: x.astype(np.float32), "type float32 cannot be used"),
            (lambda x: x[0], r"shape \(13, 10\)"),
            (lambda x: x[:, 1:], "12 x 10 pixels cannot be scored by a model of 13 x 10"),
        ],
        ids=["float", "2-d", "other size"],
    )
    def test_images_of_another_kind_are_refused(self, fitted, digits, spoil, complaint):
        images = spoil(digits[0])
        for use in (fitted.decision_function, fitted.embed, fitted.readings):
            with refused(InvalidInput, complaint):
                use(images)
        with refused(InvalidInput, complaint):
            fitted.update(images, np.zeros(90, np.int64))

    def test_what_it_cannot_learn_from_is_refused(self, digits):
        images, classes = digits
        with refused(InvalidInput, "A pool of 1 image is too small"):
            self.make().fit(images[:1], classes=classes[:1])
        with refused(InvalidInput, "type float64 cannot be used"):
            self.make().fit(images / 255, classes=classes)
        with refused(InvalidInput, "Validation images of 12 x 10 pixels do not match"):
            self.make().fit(images, classes=classes, validation=images[:, 1:])

    def test_labels_that_fit_no_image_are_refused(self, fitted, digits, y):
        for labels in (y[1:], y * 2):
            with refused(InvalidInput, "90 images need as many labels"):
                fitted.update(digits[0], labels)
        assert fitted.rounds_ == 0

    def test_classes_are_asked_for_only_where_they_are_needed(self, digits):
        images, classes = digits
        if not self.make().needs_classes:
            self.make().fit(images)
            return
        with refused(InvalidInput, "learns from classes; give the class of each image"):
            self.make().fit(images)
        with refused(InvalidInput, "90 images need as many whole numbers for classes"):
            self.make().fit(images, classes=classes[1:])

    def test_nothing_can_be_asked_before_fit(self, digits, y):
        detector = self.make()
        for use in (
            lambda: detector.decision_function(digits[0]),
            lambda: detector.score(digits[0]),
            lambda: detector.readings(digits[0]),
            lambda: detector.update(digits[0], y),
            lambda: detector.parameter_count,
            detector.tensors,
        ):
            with refused(NotFitted, "not been fitted yet; call fit first"):
                use()


class EpochDetectorContract(DetectorContract):
    """What those promise besides that pass over their images epoch by epoch."""

    def test_there_is_a_row_for_each_epoch(self, digits):
        detector = self.make(epochs=4).fit(digits[0], classes=digits[1])
        assert [row.epoch for row in detector.history_] == [1, 2, 3, 4]

    def test_an_update_leaves_anomalies_out(self, fitted, digits, y):
        images = digits[0]
        others = images.copy()
        others[y < 0] = 255 - others[y < 0]
        second = copy.deepcopy(fitted)
        fitted.update(images, y)
        second.update(others, y)
        assert np.array_equal(fitted.decision_function(images), second.decision_function(images))

    def test_an_update_of_anomalies_alone_changes_no_score(self, fitted, digits):
        before = fitted.decision_function(digits[0])
        fitted.update(digits[0], np.full(90, -1))
        assert np.array_equal(fitted.decision_function(digits[0]), before)

    def test_images_too_small_to_halve_are_refused(self):
        images = np.zeros((10, 8, 7), np.uint8)
        with refused(InvalidInput, "8 x 7 pixels are too small; give at least 8 x 8"):
            self.make().fit(images, classes=np.arange(10))
