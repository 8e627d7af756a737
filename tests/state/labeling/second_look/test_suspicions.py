"""Mistakes among many labels are found by a bounded sample of them, which rarely changes."""

from pathlib import Path

import numpy as np
import pytest
from workshop import Workshop

from anomaly_core.suspicion import SUSPECT, suspicion
from state.files.gallery import Gallery
from state.labeling.second_look import suspicions
from state.labeling.second_look.review import Review
from state.labeling.second_look.suspicions import Doubt, Suspicions, judge_of, sampled
from state.store.history import Event
from state.store.incremental.history import History
from state.store.incremental.indices import item_of
from state.store.models import Model
from state.store.schema import Answer, EventKind

POOL = 1_500


class Cloud:
    """A pool of two clouds whose labels are known, and what a model published of it."""

    def __init__(self, folder: Path) -> None:
        rng = np.random.default_rng(0)
        self.truth = np.where(rng.random(POOL) < 0.3, -1, 1)
        z = rng.normal(size=(POOL, 4)) + 4.0 * (self.truth < 0)[:, None]
        np.save(folder / "embeddings.npy", z.astype(np.float16))
        np.save(folder / "scores.npy", np.ones(POOL, np.float32))  # the sphere knows nothing
        model = Model(1, 1, 1, None, ".", "", {"R": 1.0}, 0, 0, 0, True, 0.0)
        self.gallery = Gallery(folder, 1, model)
        self.wrong = set(rng.choice(POOL, 60, replace=False).tolist())

    def label(self, item: int) -> int:
        return int(self.truth[item]) * (-1 if item in self.wrong else 1)

    def history(self, items, before: History | None = None) -> History:
        known = before or History()
        return known.after(
            [answer(known.last_seq + n, item, self.label(item)) for n, item in enumerate(items, 1)]
        )

    def suspicions(self, history: History) -> Suspicions:
        return Suspicions(history, self.gallery, self.gallery)


def answer(seq: int, item: int, y: int) -> Event:
    word = Answer.NORMAL if y > 0 else Answer.ANOMALOUS
    values = (f"u{seq}", 1, item, 1, 1, EventKind.ANSWER, word, None, None, 0, None, None)
    return Event(seq, *values, None, 1.0, 1.0)


@pytest.fixture
def cloud(tmp_path) -> Cloud:
    return Cloud(tmp_path)


def suspects(found: Suspicions) -> set[int]:
    items, values = found.lately()
    return set(items[values > SUSPECT].tolist())


def test_few_labels_are_judged_as_the_engine_does(cloud):
    history = cloud.history(range(90))
    items = np.arange(90)
    y = np.array([cloud.label(item) for item in range(90)])
    expected = suspicion(y, np.ones(90, np.float32), 1.0, cloud.gallery.embeddings[items])
    assert np.array_equal(cloud.suspicions(history).of(items), expected)


def test_mistakes_are_found_within_and_without_the_sample(cloud):
    history = cloud.history(range(POOL))
    found = suspects(cloud.suspicions(history))
    assert len(found & cloud.wrong) > 0.9 * len(cloud.wrong)
    assert len(found - cloud.wrong) < 0.02 * POOL
    within = {
        item_of(key)
        for y in (1, -1)
        for key in list(history.index(sampled, y))[: suspicions.SAMPLE]
    }
    assert cloud.wrong & found & within
    assert cloud.wrong & found - within


def test_the_sample_is_bounded_and_of_both_kinds(cloud, monkeypatch):
    asked = []

    def listening(*of):
        asked.append(of)
        return judge_of(*of)

    monkeypatch.setattr(suspicions, "judge_of", listening)
    cloud.suspicions(cloud.history(range(POOL))).lately()
    ((_, labels),) = asked
    assert sorted(y for _, y in labels) == [-1] * suspicions.SAMPLE + [1] * suspicions.SAMPLE
    assert all(y == cloud.label(item) for item, y in labels)


def test_another_label_asks_the_less_for_another_judge_the_more_there_are(cloud, monkeypatch):
    monkeypatch.setattr(suspicions, "SAMPLE", 20)
    asked = []
    for many in (12, 1_400):
        history = cloud.history(range(many))
        cloud.suspicions(history).lately()
        before = judge_of.cache_info().misses
        for item in range(many, many + 20):
            history = cloud.history([item], history)
            cloud.suspicions(history).of(np.array([item]))
        asked.append(judge_of.cache_info().misses - before)
    assert asked[0] > 15
    assert asked[1] < 5


def test_only_the_newest_labels_are_looked_through(cloud, monkeypatch):
    monkeypatch.setattr(suspicions, "NEWEST", 100)
    history = cloud.history(range(1_000))
    items, _ = cloud.suspicions(history).lately()
    normal = [item for item in range(1_000) if cloud.label(item) > 0]
    anomalous = [item for item in range(1_000) if cloud.label(item) < 0]
    assert set(items.tolist()) == {*normal[-100:], *anomalous[-100:]}


def test_one_kind_of_labels_leaves_the_sphere_to_judge(cloud):
    normal = [item for item in range(50) if cloud.label(item) > 0]
    found = cloud.suspicions(cloud.history(normal))
    assert found.of(np.array(normal)).tolist() == [0.5] * len(normal)


def test_without_embeddings_the_sphere_judges_alone(cloud):
    (cloud.gallery.version / "embeddings.npy").unlink()
    items = np.arange(90)
    assert set(cloud.suspicions(cloud.history(items.tolist())).of(items).tolist()) == {0.5}


@pytest.mark.parametrize(
    ("doubt", "reason"),
    [
        (
            Doubt(1, 0.9, 0.87),
            "It is labeled normal, but images that look like it are labeled anomalous (87 % sure) "
            "and it lies outside the sphere.",
        ),
        (Doubt(-1, 0.2, None), "It is labeled anomalous, but it lies inside the sphere."),
        (Doubt(1, 0.1, 0.2), ""),
    ],
)
def test_a_doubt_says_what_contradicts_the_label(doubt: Doubt, reason: str):
    assert doubt.reason == reason


def test_the_doubt_of_a_wrong_label_is_what_makes_it_suspected(workshop: Workshop):
    workshop.answer(10)
    (wrong,) = workshop.answer(1, wrong=True)
    review = Review(workshop.desk())
    normals, anomalies = review.alike(wrong)
    assert wrong not in [*normals, *anomalies]
    assert {workshop.desk().history.of(item).y for item in normals} <= {1}
    assert {workshop.desk().history.of(item).y for item in anomalies} <= {-1}
    assert normals or anomalies
    doubted = review.case(wrong).suspicion
    assert doubted is not None
    assert (review.reason(wrong) != "") >= (doubted > 0.5)
    bare = next(item for item in range(400) if not workshop.desk().history.of(item).y)
    assert review.reason(bare) == ""
