"""Features are computed once, kept with files or without, and given in the order asked for."""

import numpy as np
import pytest
from counted_features import CountedFeatures, drawn_images, expected

from anomaly_core.errors import Cancelled
from anomaly_core.features import FeatureCache
from anomaly_core.progress import StepReport


@pytest.fixture(params=["files", "memory"])
def cache(request, tmp_path):
    return FeatureCache(tmp_path / "features" if request.param == "files" else None)


@pytest.mark.parametrize("as_map", [False, True])
def test_they_are_those_that_were_computed(cache, as_map):
    images = drawn_images(20)
    features = cache.features(images, CountedFeatures(as_map), "one", block=8)
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features, expected(images, as_map))
    assert not features.flags.writeable


def test_the_second_time_nothing_is_computed(cache):
    images, compute = drawn_images(20), CountedFeatures()
    first = cache.features(images, compute, "one", block=8)
    assert compute.blocks == [8, 8, 4]
    second = cache.features(images, compute, "one")
    assert compute.computed == 20
    np.testing.assert_array_equal(first, second)


def test_a_pool_that_has_grown_costs_what_is_new(cache):
    images, compute = drawn_images(30), CountedFeatures()
    before = cache.features(images[:20], compute, "one")
    after = cache.features(images, compute, "one")
    assert compute.blocks == [20, 10]
    np.testing.assert_array_equal(after, expected(images))
    np.testing.assert_array_equal(before, expected(images[:20]))


def test_each_image_keeps_its_row_in_any_order(cache):
    images, compute = drawn_images(50), CountedFeatures()
    cache.features(images[:25], compute, "one", block=7)
    order = np.random.default_rng(1).integers(0, 50, 120)  # shuffled, with duplicates
    features = cache.features(images[order], compute, "one", block=7)
    np.testing.assert_array_equal(features, expected(images[order]))
    assert compute.computed == 25 + len({*order} - {*range(25)})


def test_equal_images_are_computed_once(cache):
    compute = CountedFeatures()
    features = cache.features(np.zeros((9, 4, 6), np.uint8), compute, "one")
    assert compute.computed == 1
    assert features.shape == (9, 25)


def test_another_network_or_shape_shares_nothing(cache):
    compute = CountedFeatures()
    for fingerprint in ("one", "other"):
        for shape in [(4, 6), (6, 4), (4, 6, 3)]:
            images = np.zeros((2, *shape), np.uint8)
            np.testing.assert_array_equal(
                cache.features(images, compute, fingerprint), expected(images)
            )
    assert compute.computed == 6


def test_without_images_the_shape_is_known(cache):
    compute = CountedFeatures()
    for _ in range(2):
        features = cache.features(drawn_images(0), compute, "one")
        assert (features.shape, features.dtype) == ((0, 25), np.float32)
    assert compute.blocks == [0]


def test_progress_is_told_and_cancelling_keeps_what_is_done(cache):
    told: list[StepReport] = []

    def stop_after_two(report: StepReport) -> None:
        told.append(report)
        if report.step == 2:
            raise Cancelled

    images, compute = drawn_images(20), CountedFeatures()
    with pytest.raises(Cancelled):
        cache.features(images, compute, "one", block=6, callbacks=[stop_after_two])
    assert [(each.stage, each.step, each.steps) for each in told] == [
        ("features", 1, 4),
        ("features", 2, 4),
    ]
    np.testing.assert_array_equal(cache.features(images, compute, "one"), expected(images))
    assert compute.blocks == [6, 6, 8]


def test_features_of_another_shape_under_one_fingerprint_are_refused(cache):
    cache.features(drawn_images(2), CountedFeatures(), "one")
    with pytest.raises(ValueError, match="put into the fingerprint"):
        cache.features(drawn_images(2, seed=1), CountedFeatures(as_map=True), "one")


def test_a_row_too_few_is_refused(cache):
    with pytest.raises(ValueError, match="3 images gave 2 rows"):
        cache.features(drawn_images(3), lambda x: x[1:], "one")


def test_colour_keeps_its_channels(cache):
    images = drawn_images(3, (4, 6, 3))
    np.testing.assert_array_equal(
        cache.features(images, CountedFeatures(), "one"), expected(images)
    )
