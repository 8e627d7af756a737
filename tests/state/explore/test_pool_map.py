"""The map's parts agree with the published arrays, and each goes to the browser by its key."""

import base64
from itertools import pairwise

import numpy as np
import pytest
from answering import answer
from some import some

from state.explore.pool_map import BANDS, PoolMap, by_round, class_name
from state.explore.truth import reveal
from state.store.schema import Answer


def array(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype)


@pytest.fixture(scope="module")
def taught_once(grow):
    """A project with two models; nine of its answers were right."""

    def steps(workshop) -> None:
        workshop.answer(10)
        workshop.rounds().update([])

    return grow(steps)


@pytest.fixture
def taught(open_workshop, taught_once):
    return open_workshop(copy_of=taught_once)


def test_places_are_the_true_distances_to_the_center(taught):
    pool = PoolMap(taught.desk())
    for version in (1, 2):
        part = pool.places(version)
        xy = array(part["places"], "<i2").reshape(-1, 2) * part["step"]
        distances = np.sqrt(taught.array(f"models/{version}/scores"))
        np.testing.assert_allclose(np.hypot(*xy.T), distances, atol=part["step"])


def test_places_are_those_that_were_published(taught):
    pool = PoolMap(taught.desk())
    for version in (1, 2):
        distance, angle = taught.array(f"models/{version}/map").T
        expected = distance[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        np.testing.assert_allclose(pool.xy(version), expected, atol=1e-5)


def test_the_part_of_a_version_counts_what_lies_outside(taught):
    pool = PoolMap(taught.desk())
    catalogue = pool.catalogue()
    assert [row["version"] for row in catalogue["versions"]] == [1, 2]
    for row, model in zip(catalogue["versions"], taught.store.models.all(taught.id), strict=True):
        scores = taught.array(f"models/{row['version']}/scores")
        assert row["R"] == model.metrics["R"]
        assert some(pool.part(row["key"]))["outside"] == np.sum(np.sqrt(scores) > row["R"])
        assert row["labels"] == model.label_count
    farthest = max(np.sqrt(taught.array(f"models/{v}/scores").max()) for v in (1, 2))
    assert catalogue["reach"] == pytest.approx(farthest)


def test_scores_are_coloured_by_their_percentile(taught):
    scores = taught.array("models/2/scores")
    bands = PoolMap(taught.desk()).bands(2)
    edges = [-np.inf, *np.percentile(scores, BANDS), np.inf]
    expected = [int(np.sum((scores > low) & (scores <= high))) for low, high in pairwise(edges)]
    assert bands.counts == expected
    assert len(bands.names) == len(expected)


def test_labels_are_those_that_stand_and_rounds_those_of_the_answers(taught):
    desk = taught.desk()
    for item in desk.queue[:5].tolist():
        answer(desk, item, Answer.NORMAL)
    pool = PoolMap(taught.desk())
    labels = taught.desk().labels
    assert pool.labels.counts == [
        len(pool.labels.codes) - len(labels.items),
        np.sum(labels.y > 0),
        np.sum(labels.y < 0),
    ]
    assert (pool.labels.codes[labels.items] == np.where(labels.y > 0, 1, 2)).all()
    assert pool.rounds.names == ("unlabeled", "round 1", "round 2")
    assert pool.rounds.counts[1:] == [10, 5]


def test_classes_are_the_true_ones(taught):
    reveal(taught.desk())
    classes = some(PoolMap(taught.desk()).classes)
    truth = taught.array("truth/pool-classes")
    names = np.array(classes.names)[classes.codes]
    assert (names == [f"class {number}" for number in truth]).all()


def test_a_project_that_nobody_knows_the_truth_of_has_no_classes(taught):
    (taught.folder / "truth" / "pool-classes.npy").unlink()
    pool = PoolMap(taught.desk())
    assert pool.classes is None
    assert set(pool.colourings) == {"label", "round"}


def test_parts_are_found_by_the_keys_of_the_catalogue(taught):
    pool = PoolMap(taught.desk())
    catalogue = pool.catalogue()
    for row in catalogue["versions"]:
        assert pool.part(row["key"]) == pool.places(row["version"])
    for name, colouring in catalogue["colourings"].items():
        assert (
            array(some(pool.part(colouring["key"]))["codes"], "u1")
            == pool.colourings[name][1].codes
        ).all()
    assert pool.part("places-1-0") is None


def test_another_answer_is_another_part(taught):
    before = PoolMap(taught.desk()).catalogue()["colourings"]["label"]
    taught.answer(1)
    after = PoolMap(taught.desk()).catalogue()["colourings"]["label"]
    assert before["key"] != after["key"]
    assert sum(before["counts"][1:]) + 1 == sum(after["counts"][1:])


def test_many_rounds_share_kinds_and_lose_nothing():
    colouring = by_round(np.arange(50), np.arange(50) // 2, 60)
    assert [int(code) for code in colouring.codes[[0, 5, 6, 49]]] == [1, 1, 2, 9]
    assert colouring.counts[0] == 10
    assert sum(colouring.counts) == 60
    assert len(colouring.names) == 10
    assert colouring.names[1] == "rounds 1 to 3"
    assert by_round(np.array([], int), np.array([], int), 3).names == ("unlabeled",)


def test_classes_below_zero_are_letters():
    assert [class_name(number) for number in (7, -1, -26)] == ["class 7", "letter A", "letter Z"]


def test_unsure_is_no_label(taught):
    desk = taught.desk()
    answer(desk, int(desk.queue[0]), Answer.UNSURE)
    assert sum(PoolMap(taught.desk()).rounds.counts[1:]) == 10
