"""Two-step rescoring: who is scored at once, and where the others are put meanwhile."""

import numpy as np
import pytest
from spy_detector import SpyDetector, shades

from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.loop.rescoring import Candidates, carry_over, choose_candidates, draw_probe
from anomaly_core.query import strategy_named

PROBE, KNOWN = np.array([7, 70, 700]), np.array([1, 2, 3, 4])
SCORES = np.random.default_rng(0).permutation(1000).astype(np.float32)


def choose(count: int = 100, contamination: float = 0.1, seed: int = 0) -> Candidates:
    rng = np.random.default_rng(seed)
    return choose_candidates(SCORES, contamination, count, rng, PROBE, KNOWN)


def test_candidates_are_distinct_and_as_many_as_fit():
    chosen = choose()
    assert len(set(chosen.items.tolist())) == len(chosen.items) <= 107
    assert 40 <= chosen.drawn <= 43


def test_candidates_hold_what_every_model_must_score():
    chosen = choose()
    assert set(PROBE) <= set(chosen.sample)
    assert set(KNOWN) <= set(chosen.items)


def test_candidates_hold_the_top_and_the_margin():
    scores = set(SCORES[choose().items].tolist())
    assert set(range(980, 1000)) <= scores
    assert set(range(885, 915)) <= scores


def test_the_random_part_is_drawn_from_everywhere():
    drawn = np.concatenate([choose(seed=seed).sample for seed in range(200)])
    counts = np.bincount(drawn, minlength=1000)
    counts[PROBE] = 0
    assert abs(counts[SCORES < 500].sum() - 4000) < 300
    assert not np.array_equal(choose(seed=1).sample, choose(seed=2).sample)


def test_scores_are_carried_over_by_rank():
    chosen = Candidates(np.arange(0, 1000, 10), 100)
    fresh = 5 * SCORES[chosen.items] ** 2  # another scale, the same ranking
    carried = carry_over(SCORES, chosen, fresh)
    assert carried.dtype == np.float32
    assert np.array_equal(carried[chosen.items], fresh)
    rest = np.setdiff1d(np.arange(1000), chosen.items)
    inside = (SCORES[rest] > SCORES[chosen.items].min()) & (
        SCORES[rest] < SCORES[chosen.items].max()
    )
    expected = 5 * SCORES[rest][inside] ** 2
    assert np.abs(carried[rest][inside] - expected).max() < 0.06 * fresh.max()
    assert (np.diff(carried[np.argsort(SCORES)]) >= 0).all()


@pytest.fixture
def learner():
    """A pool of 200 shades of which 50 are scored at once."""
    pool, strategy = shades(200), strategy_named("top")
    return ActiveLearner(SpyDetector(), pool, strategy, 0.1, candidates=50).fit()


def answer(learner, *items: int):
    return learner.update(np.array(items), np.ones(len(items), np.int64))


def test_the_first_fit_scores_everything(learner):
    assert not learner.stale.any()
    assert np.array_equal(learner.scores, shades(200)[:, 0, 0])


def test_an_update_scores_the_candidates_alone(learner):
    answer(learner, 3)
    assert 140 <= learner.stale.sum() <= 165
    assert not learner.stale[learner.probe].any()
    assert not learner.stale[3]
    fresh = ~learner.stale
    assert np.array_equal(learner.scores[fresh], shades(200)[fresh, 0, 0] + 1)
    assert np.array_equal(learner.embeddings[:, 0], shades(200)[:, 0, 0])


def test_only_what_is_fresh_is_asked(learner):
    answer(learner, 3)
    assert not learner.stale[learner.query(20).items].any()
    assert not learner.stale[learner.queue(5, 200).items].any()
    exclude = learner.query(5).items
    assert not set(exclude) & set(learner.query(20, exclude).items.tolist())


def test_catching_up_makes_every_score_fresh(learner, monkeypatch):
    monkeypatch.setattr("anomaly_core.loop.learner.BLOCK", 40)
    answer(learner, 3, 4)
    left = list(learner.catch_up())
    assert left == sorted(left, reverse=True)
    assert len(left) == 4
    assert left[-1] == 0
    assert np.array_equal(learner.scores, shades(200)[:, 0, 0] + 2)
    assert list(learner.catch_up()) == []


def test_an_update_in_between_starts_over(learner, monkeypatch):
    monkeypatch.setattr("anomaly_core.loop.learner.BLOCK", 40)
    answer(learner, 3)
    next(learner.catch_up())
    before = learner.stale.sum()
    answer(learner, 5)
    assert learner.stale.sum() > before


def test_a_pool_of_all_candidates_is_scored_whole():
    learner = ActiveLearner(SpyDetector(), shades(50), strategy_named("top"), candidates=50).fit()
    answer(learner, 3)
    assert not learner.stale.any()


def test_a_probe_is_drawn_once_for_all_models(learner):
    probe = learner.probe.copy()
    assert len(probe) == 7
    answer(learner, 3)
    assert np.array_equal(learner.probe, probe)
    assert draw_probe(50, 50, 0).tolist() == list(range(50))


def test_watched_items_are_scored_at_once(learner):
    learner.watched = np.flatnonzero(shades(200)[:, 0, 0] < 20)
    answer(learner, 3)
    assert not learner.stale[learner.watched].any()


def test_random_stays_random_where_only_likely_items_have_scores():
    scores = []
    for seed in range(60):
        learner = ActiveLearner(
            SpyDetector(), shades(200), strategy_named("random"), 0.1, seed, candidates=50
        ).fit()
        answer(learner, 3)
        scores += shades(200)[learner.query(5).items, 0, 0].tolist()
    assert 85 < np.mean(scores) < 115  # the top and the margin would lie above
