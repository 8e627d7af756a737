"""Scenarios of any mixture: no row twice, twins apart, numbers and parameters as promised."""

import hashlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numbered import TEST, numbered_dataset
from refused import refused

from anomaly_core.datasets.base import Dataset
from anomaly_core.datasets.corruptions import rotate
from anomaly_core.datasets.letters import ALPHABET, class_name, render_letters, split_fonts
from anomaly_core.datasets.scenario import (
    ANOMALOUS,
    NORMAL,
    AnomalySource,
    LabeledImages,
    Scenario,
    build_scenario,
)
from anomaly_core.errors import InvalidScenario

OTHERS, NOISE, ROTATION, BOTH, LETTERS = AnomalySource
DISTORTIONS = (NOISE, ROTATION, BOTH)


def parts_of(data):
    pool = LabeledImages(data.pool, data.truth, data.classes, data.provenance)
    return {"pool": pool, "validation": data.validation, "test": data.test}


def types(part):
    return Counter(part.provenance.types.tolist())


def kinds(part):
    return Counter(part.provenance.kinds.tolist())


def share(part):
    return np.mean(part.y == ANOMALOUS)


def fingerprint(data):
    digest = hashlib.sha256()
    arrays = [data.pool, data.truth, data.classes]
    for part in (data.validation, data.test):
        arrays += [part.images, part.y, part.classes]
    for array in arrays:
        digest.update(str((array.dtype.str, array.shape)).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


# Of the time when other classes were the only source; saved projects depend on these.
DIGITS = {
    0: "81227206bef979cff09c7b18e0652fa1c2e95f69181db8fd6bf3cd8aced06762",
    3: "8956ba20325e816f668f702bdd0e277d2f2b968f68a82c2ff2002d2d8ea7b9c9",
}
OWN_TEST = {
    0: "7524e19f90c97d0885ec01b40ed85518303f5d7cc8714a9b338935da36bb1c79",
    3: "1ff89a49a4f14e3293017fecb2da43eed7de67ab403833b58caa78a050f16d34",
}


@pytest.mark.parametrize("seed", [0, 3])
def test_the_default_scenario_gives_what_it_always_gave(mnist_5k, seed):
    assert fingerprint(build_scenario(Scenario(seed=seed), mnist_5k)) == DIGITS[seed]
    dataset = numbered_dataset(200, 200, 200, test=20)
    data = build_scenario(Scenario(normal=(1,), seed=seed), dataset)
    assert fingerprint(data) == OWN_TEST[seed]


def joined(dataset):
    """Images and labels by origin."""
    if dataset.test_images is None:
        return dataset.images, dataset.labels
    return (
        np.concatenate([dataset.images, dataset.test_images]),
        np.concatenate([dataset.labels, dataset.test_labels]),
    )


scenarios = st.builds(
    Scenario,
    normal=st.sampled_from([(0,), (2, 0)]),
    contamination=st.sampled_from([0, 0.01, 0.1, 0.3, 0.5]),
    sources=st.lists(st.sampled_from(AnomalySource), min_size=1, unique=True).map(tuple),
    noise=st.sampled_from([(0.5,), (0.1, 0.2, 0.7)]),
    rotation=st.sampled_from([1.0, 30.0, 180.0]),
    held_out=st.sampled_from([None, 0.0, 0.1, 0.5, 0.75]),
    pooled=st.booleans(),
    seed=st.integers(0, 5),
)
SMALL = {test: numbered_dataset(90, 70, 60, test=test) for test in (0, 40)}


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(scenarios, st.sampled_from([0, 40]))
def test_no_row_is_used_twice_and_truth_is_what_provenance_says(scenario, test):
    dataset = SMALL[test]
    images, labels = joined(dataset)
    data = build_scenario(scenario, dataset)
    origins = []
    for part in parts_of(data).values():
        done = part.provenance
        assert len(done) == len(part.images) == len(part.y) == len(part.classes)
        is_letter = done.kinds == LETTERS.value
        rows = done.origins[~is_letter]
        origins.append(rows)
        assert (done.origins[is_letter] == -1).all()
        assert np.array_equal(part.classes[~is_letter], labels[rows])
        assert (part.classes[is_letter] < 0).all()
        assert np.array_equal(part.y == NORMAL, done.kinds == "clean")
        whole = np.isin(done.kinds, ["clean", OTHERS.value])
        assert np.array_equal(part.images[whole], images[done.origins[whole]])
        is_other = done.kinds == OTHERS.value
        assert np.array_equal(is_other[~is_letter], ~np.isin(labels[rows], scenario.normal))
        assert set(done.kinds) <= {"clean", *(source.value for source in scenario.sources)}
        assert np.array_equal(done.noise > 0, np.isin(done.kinds, [NOISE.value, BOTH.value]))
        turned = np.isin(done.kinds, [ROTATION.value, BOTH.value])
        assert np.array_equal(done.rotation != 0, turned)
        assert (np.abs(done.rotation) <= scenario.rotation).all()
        assert np.array_equal(done.fonts != "", is_letter)
    used = np.concatenate(origins)
    assert len(np.unique(used)) == len(used)  # so that no twins are in one part or in two
    if test and not scenario.pooled:
        assert (origins[2] >= len(dataset.images)).all()
        assert (np.concatenate(origins[:2]) < len(dataset.images)).all()


@pytest.mark.parametrize("test", [0, 40])
def test_seed_alone_decides_every_draw(test):
    first, again, other = (
        build_scenario(Scenario(normal=(0,), sources=tuple(AnomalySource), seed=seed), SMALL[test])
        for seed in (5, 5, 6)
    )
    assert fingerprint(first) == fingerprint(again) != fingerprint(other)
    for name, part in parts_of(first).items():
        records = parts_of(again)[name].provenance.to_records()
        assert np.array_equal(part.provenance.to_records(), records)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(scenarios)
def test_shares_are_exact_within_rounding_and_drawn_equally(scenario):
    data = build_scenario(scenario, numbered_dataset(900, 800, 700, test=200))
    expected = {"pool": scenario.contamination, "validation": scenario.contamination}
    if scenario.held_out is not None:
        expected = expected | {"validation": scenario.held_out, "test": scenario.held_out}
    for name, wanted in expected.items():
        part = parts_of(data)[name]
        rounding = len(scenario.sources) + 1  # each kind is split off on its own
        assert abs(share(part) - wanted) <= rounding / len(part)
        if wanted:
            counts = [kinds(part)[source.value] for source in scenario.sources]
            assert max(counts) - min(counts) <= 1


def test_every_anomaly_is_an_image_of_its_own_where_normals_are_few():
    dataset = Dataset("two", np.zeros((2, 9, 9), np.uint8), np.zeros(2, np.int64))
    data = build_scenario(Scenario(normal=(), sources=(NOISE,)), dataset)
    assert sum(len(part) for part in parts_of(data).values()) <= 2


DISTORTED = Scenario(normal=(), contamination=0.0, sources=DISTORTIONS, noise=(0.2, 0.5))


def test_clean_and_distorted_are_equally_many_in_the_test(mnist_5k):
    data = build_scenario(DISTORTED, mnist_5k)
    assert kinds(data.test) == dict.fromkeys(["clean", *DISTORTIONS], 375)
    assert types(data.test) == {
        "clean": 375,
        "rotation": 375,
        "noise 0.2": 188,
        "noise 0.5": 187,
        "noise 0.2 + rotation": 188,
        "noise 0.5 + rotation": 187,
    }
    assert types(parts_of(data)["pool"]) == {"clean": 3150}
    assert types(data.validation) == {"clean": 350}


def test_rotating_by_the_recorded_angle_gives_the_image(mnist_5k):
    test = build_scenario(DISTORTED, mnist_5k).test
    turned = np.flatnonzero(test.provenance.kinds == ROTATION.value)
    angles = test.provenance.rotation[turned]
    originals = mnist_5k.images[test.provenance.origins[turned]]
    assert np.array_equal(rotate(originals, angles), test.images[turned])
    assert np.abs(angles).max() > 29  # uniform to either side
    assert abs(angles.mean()) < 3 * 30 / np.sqrt(3 * len(angles))


def test_recorded_noise_is_the_noise_there_is(mnist_5k):
    test = build_scenario(DISTORTED, mnist_5k).test
    done = test.provenance
    for kind in (NOISE, BOTH):
        for sigma in (0.2, 0.5):
            rows = np.flatnonzero((done.kinds == kind.value) & np.isclose(done.noise, sigma))
            before = rotate(mnist_5k.images[done.origins[rows]], done.rotation[rows])
            black = test.images[rows][before == 0] / 255
            assert np.median(black[black > 0]) == pytest.approx(0.6745 * sigma, rel=0.02)


def test_letters_come_with_a_font_that_the_test_alone_has_or_has_not(mnist_5k):
    data = build_scenario(Scenario(normal=(), sources=(LETTERS,), seed=4), mnist_5k)
    fonts, test_fonts = map(set, split_fonts(4))
    for name, part in parts_of(data).items():
        is_letter = part.provenance.kinds == LETTERS.value
        assert set(part.provenance.fonts[is_letter]) <= (test_fonts if name == "test" else fonts)
        assert (part.provenance.sizes[is_letter] > 0).all()
        assert {class_name(label) for label in part.classes[is_letter]} == set(ALPHABET)
    assert types(data.test) == {"clean": 1500, "letters": 1500}
    assert set(data.test.provenance.fonts) == {"", *test_fonts}
    every = np.concatenate([p.images[p.classes < 0] for p in parts_of(data).values()])
    assert len(np.unique(every.reshape(len(every), -1), axis=0)) == len(every)


def test_all_letters_of_the_test_are_used_where_digits_are_more():
    dataset = numbered_dataset(30, 30, test=4000)
    test = build_scenario(Scenario(normal=(), sources=(LETTERS,)), dataset).test
    letters = len(render_letters((2, 2), 0, split_fonts(0)[1]))
    assert kinds(test) == {"clean": 8000, "letters": letters}


def test_so_many_of_each_other_class_hide_in_the_pool(mnist_5k):
    data = build_scenario(Scenario(normal=(2,), per_class=10, contamination=0.4), mnist_5k)
    pool = parts_of(data)["pool"]
    assert Counter(pool.classes.tolist()) == {2: 315} | {
        digit: 10 for digit in range(10) if digit != 2
    }
    assert share(data.validation) == pytest.approx(share(pool), abs=1 / len(data.validation))
    assert len(data.test) == 1500


def test_other_sources_give_as_many_as_all_other_classes_together():
    scenario = Scenario(normal=(0,), per_class=10, sources=(OTHERS, NOISE), held_out=0.5)
    data = build_scenario(scenario, numbered_dataset(200, 30, 30, test=30))
    assert kinds(parts_of(data)["pool"]) == {"clean": 160, OTHERS.value: 20, NOISE.value: 20}
    assert share(data.validation) == pytest.approx(0.5, abs=0.05)
    assert share(data.test) == pytest.approx(0.5, abs=0.05)


def test_a_class_that_has_fewer_gives_all_of_them():
    data = build_scenario(Scenario(normal=(0,), per_class=10), numbered_dataset(100, 30, 4, test=9))
    assert Counter(data.classes.tolist()) == {0: 90, 1: 10, 2: 4}
    assert set(data.validation.classes.tolist()) == {0, 1}


@pytest.mark.parametrize(
    ("scenario", "complaint"),
    [
        (Scenario(normal=(0,), per_class=3), "There are only 5 normal images to learn from; add"),
        (
            Scenario(normal=(0,), per_class=25, sources=(OTHERS, NOISE, BOTH)),
            "not enough images for 50 anomalies of each kind",
        ),
    ],
)
def test_more_of_each_class_than_there_are_is_refused(scenario, complaint):
    with refused(InvalidScenario, complaint):
        normals = 5 if scenario.per_class == 3 else 100
        build_scenario(scenario, numbered_dataset(normals, 30, 30, test=30))


def test_a_clean_pool_may_have_a_test_of_any_share(mnist_5k):
    scenario = Scenario(normal=(), contamination=0, sources=(NOISE,), held_out=1 / 11)
    data = build_scenario(scenario, mnist_5k)
    assert set(data.truth.tolist()) == {NORMAL}
    assert share(data.test) == pytest.approx(1 / 11, abs=1 / len(data.test))


def test_pooled_files_are_divided_anew():
    dataset = numbered_dataset(70, 70, test=30)
    data = build_scenario(Scenario(normal=(0,), pooled=True), dataset)
    assert Counter(data.test.classes.tolist()) == {0: 30, 1: 30}
    for part in (data.test, parts_of(data)["pool"]):
        first = part.images[:, 0, 0].astype(int) * 256 + part.images[:, 0, 1]
        assert (first >= TEST).any()
        assert (first < TEST).any()


def test_a_part_can_be_cut_with_all_that_belongs_to_it(mnist_5k):
    test = build_scenario(DISTORTED, mnist_5k).test
    rows = np.random.default_rng(0).permutation(len(test))[:50]
    cut = test.take(rows)
    assert len(cut) == 50
    assert np.array_equal(cut.images, test.images[rows])
    assert np.array_equal(cut.provenance.types, test.provenance.types[rows])
    assert np.array_equal(cut.y, test.y[rows])
    assert np.array_equal(cut.classes, test.classes[rows])
