"""What differs between two versions equals what scipy and plain loops find."""

import numpy as np
import pytest
from answering import answer, undo
from scipy.stats import rankdata, spearmanr

from anomaly_core.datasets.scenario import UNLABELED
from state.store.schema import Answer
from state.versions.differences import Change, Drift, changes

CONTAMINATION = 0.1


@pytest.fixture
def drift():
    rng = np.random.default_rng(0)
    first = rng.exponential(size=200).astype(np.float32)
    second = (first * 30 + rng.exponential(size=200) * 20).astype(np.float32)  # another scale
    return Drift(first, second, CONTAMINATION)


def test_percentiles_are_the_shares_that_score_lower(drift):
    for scores, percentiles in zip((drift.first, drift.second), drift.percentiles, strict=True):
        expected = [(scores < score).mean() for score in scores]
        np.testing.assert_allclose(percentiles, expected)
        np.testing.assert_allclose(percentiles, (rankdata(scores) - 1) / len(scores))


def test_flips_are_between_each_versions_own_thresholds(drift):
    one, other = (s > np.quantile(s, 1 - CONTAMINATION) for s in (drift.first, drift.second))
    assert one.sum() == other.sum() == 20
    only_first, only_second = drift.flips.first.tolist(), drift.flips.second.tolist()
    assert set(only_first) == {i for i in range(200) if one[i] and not other[i]}
    assert set(only_second) == {i for i in range(200) if other[i] and not one[i]}
    assert len(only_first) > 3
    before, after = drift.percentiles
    falls = (before - after)[only_first]
    rises = (after - before)[only_second]
    assert (np.diff(falls) <= 0).all()
    assert (np.diff(rises) <= 0).all()


def test_correlation_is_that_of_the_ranks(drift):
    expected = np.corrcoef(rankdata(drift.first), rankdata(drift.second))[0, 1]
    assert drift.correlation == pytest.approx(expected)
    assert drift.correlation == pytest.approx(spearmanr(drift.first, drift.second)[0])
    assert 0 < drift.correlation < 1


def test_a_change_of_scale_is_no_drift():
    scores = np.arange(50, dtype=np.float32)
    same = Drift(scores, np.exp(scores / 10), CONTAMINATION)
    assert same.correlation == pytest.approx(1)
    assert not len(same.flips.first)
    assert not len(same.flips.second)
    assert not same.gain.any()
    reverse = Drift(scores, -scores, CONTAMINATION)
    assert reverse.correlation == pytest.approx(-1)


def test_what_moved_most_moved_most(drift):
    before, after = drift.percentiles
    far = np.abs(after - before)
    moved = drift.moved(12)
    assert len(set(moved.tolist())) == 12
    assert far[moved].min() >= np.delete(far, moved).max()
    assert (np.diff(far[moved]) <= 0).all()
    assert len(drift.moved(500)) == 200


def test_correlation_of_a_collapsed_version_is_undefined():
    assert (
        Drift(np.ones(9, np.float32), np.arange(9, dtype=np.float32), CONTAMINATION).correlation
        is None
    )


def between(workshop, first, second, audit=()):
    models = {model.version: model for model in workshop.store.models.all(workshop.id)}
    history = workshop.store.events.history(workshop.id)
    return changes(history, models[first], models[second], np.array(audit, np.int64))


def test_changes_are_what_the_trainer_learned_in_between(workshop):
    rounds, known = workshop.rounds(), {1: np.zeros(350, int)}
    for version in (2, 3):
        workshop.answer(6)
        if version == 3:
            desk = workshop.desk()
            undo(desk)
            undo(desk)
        rounds.update([])
        known[version] = rounds.learner.y.copy()
    for first, second in ((1, 2), (2, 3), (3, 1)):
        expected = [
            Change(item, int(known[first][item]), int(known[second][item]))
            for item in np.flatnonzero(known[first] != known[second]).tolist()
        ]
        assert between(workshop, first, second) == expected
        assert len(expected) >= 4
    assert between(workshop, 2, 2) == []


def test_a_changed_label_is_a_change_and_an_audited_one_is_none(workshop):
    rounds = workshop.rounds()
    item, audited = workshop.answer(2)
    rounds.update([])
    before = int(rounds.learner.y[item])
    desk = workshop.desk()
    undo(desk)
    undo(desk)
    answer(desk, item, Answer.ANOMALOUS if before > 0 else Answer.NORMAL)
    rounds.update([])
    assert between(workshop, 2, 3, [audited]) == [Change(item, before, -before)]
    gone = next(change for change in between(workshop, 2, 3) if change.item == audited)
    assert gone.second == UNLABELED
    assert between(workshop, 1, 2, [item, audited]) == []


def test_a_chart_shows_what_flips_first_then_what_moved_most():
    rng = np.random.default_rng(0)
    scores = rng.random((2, 3_000), dtype=np.float32)
    drift = Drift(scores[0], scores[1], 0.1)
    items, pictured = drift.shown()
    flipped = set(drift.flips.first.tolist() + drift.flips.second.tolist())
    assert len(items) == len(set(items.tolist())) == 2_000
    assert set(items[: len(flipped)].tolist()) == flipped
    away = np.abs(drift.gain[items[len(flipped) :]])
    assert (np.diff(away) <= 0).all()
    assert set(range(100)) <= set(pictured.tolist())
