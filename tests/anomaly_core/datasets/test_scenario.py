"""A scenario draws disjoint, rightly mixed and truthfully labeled images, from its seed alone."""

import numpy as np
import pytest
from numbered import TEST, classes_of, numbered_dataset, rows_of
from some import some

from anomaly_core.datasets.scenario import ANOMALOUS, Scenario, build_scenario


def parts(data):
    """Images, truth and class of each part."""
    yield data.pool, data.truth, data.classes
    for part in (data.validation, data.test):
        yield part.images, part.y, part.classes


def share(y):
    return np.mean(y == ANOMALOUS)


@pytest.mark.parametrize("test", [0, 20])
def test_no_image_is_in_two_parts_or_twice_in_one(test):
    dataset = numbered_dataset(200, 200, 200, test=test)
    data = build_scenario(Scenario(normal=(1,)), dataset)
    rows = np.concatenate([rows_of(images) for images, _, _ in parts(data)])
    assert len(np.unique(rows)) == len(rows)


@pytest.mark.parametrize("normal", [(0,), (0, 2), (3, 1, 2)])
def test_truth_and_class_belong_to_their_image(normal):
    data = build_scenario(Scenario(normal=normal), numbered_dataset(90, 80, 70, 60))
    for images, y, classes in parts(data):
        assert len(images) == len(y) == len(classes) > 0
        assert classes.tolist() == classes_of(images).tolist()
        assert y.tolist() == [1 if label in normal else -1 for label in classes_of(images)]


def test_truth_of_real_digits_is_that_of_their_source(mnist_5k, threes):
    label_of = {
        image.tobytes(): label
        for image, label in zip(mnist_5k.images, mnist_5k.labels, strict=True)
    }
    for images, y, classes in parts(threes):
        source = np.array([label_of[image.tobytes()] for image in images])
        assert np.array_equal(classes, source)
        assert np.array_equal(y, np.where(source == 3, 1, -1))


@pytest.mark.parametrize("contamination", [0.01, 0.05, 0.1, 0.25, 0.5])
@pytest.mark.parametrize(
    ("normal", "counts"),
    [
        pytest.param((0,), (300, 300, 300), id="one class"),
        pytest.param((0, 2), (300, 300, 300, 300), id="two classes"),
        pytest.param((0,), (900, 30), id="anomalies run short"),
    ],
)
def test_contamination_is_exact_within_rounding(normal, counts, contamination):
    dataset = numbered_dataset(*counts, test=5)
    data = build_scenario(Scenario(normal=normal, contamination=contamination), dataset)
    assert abs(share(data.truth) - contamination) <= 1 / len(data.truth)
    assert abs(share(data.validation.y) - contamination) <= 1 / len(data.validation.y)


def test_as_many_images_are_used_as_the_contamination_allows():
    dataset = numbered_dataset(900, 1000, test=5)
    data = build_scenario(Scenario(normal=(0,), contamination=0.1), dataset)
    assert (len(data.pool), len(data.validation)) == (900, 100)  # 900 normal, 100 anomalous
    few = build_scenario(
        Scenario(normal=(0,), contamination=0.5), numbered_dataset(900, 20, test=5)
    )
    assert (len(few.pool), len(few.validation)) == (36, 4)


def test_one_anomaly_hides_even_in_a_small_pool():
    data = build_scenario(
        Scenario(normal=(0,), contamination=0.01), numbered_dataset(20, 20, test=5)
    )
    assert (data.truth == ANOMALOUS).sum() == 1


def test_pool_is_in_no_order():
    truth = build_scenario(Scenario(normal=(0,)), numbered_dataset(900, 100)).truth
    found = np.flatnonzero(truth == ANOMALOUS) / len(truth)
    assert 0.3 < found.mean() < 0.7


def test_test_set_is_the_datasets_own_where_it_has_one():
    dataset = numbered_dataset(100, 100, test=20)
    test = build_scenario(Scenario(normal=(0,)), dataset).test
    assert np.array_equal(test.images, some(dataset.test_images))
    assert np.array_equal(test.classes, some(dataset.test_labels))
    assert rows_of(test.images).min() == TEST


def test_test_set_is_else_three_tenths_of_each_class():
    test = build_scenario(Scenario(normal=(0,)), numbered_dataset(100, 50, 10)).test
    assert np.bincount(test.classes).tolist() == [30, 15, 3]


def drawn(data):
    return [rows_of(images).tolist() for images, _, _ in parts(data)]


@pytest.mark.parametrize("test", [0, 20])
def test_seed_decides_every_draw(test):
    dataset = numbered_dataset(200, 200, test=test)
    first, again, other = (
        build_scenario(Scenario(normal=(0,), seed=seed), dataset) for seed in (5, 5, 6)
    )
    assert drawn(first) == drawn(again)
    assert drawn(first)[:2] != drawn(other)[:2]
    assert (drawn(first)[2] == drawn(other)[2]) == bool(test)


def test_numpys_global_generator_is_left_alone():
    np.random.seed(3)
    expected = np.random.rand()
    np.random.seed(3)
    build_scenario(Scenario(normal=(0,)), numbered_dataset(50, 50))
    assert np.random.rand() == expected
