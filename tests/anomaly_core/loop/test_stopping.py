"""When to stop: agreement of models, and what the next answers would find."""

import numpy as np
import pytest
from scipy.stats import betabinom
from sklearn.metrics import cohen_kappa_score
from some import some

from anomaly_core.loop.stopping import WINDOW, advise, agreement, foretell

SCORES = np.random.default_rng(0).gamma(2.0, size=500).astype(np.float32)


def test_the_same_ranking_agrees_fully_whatever_its_scale():
    assert agreement(SCORES, 100 * SCORES**3, 0.1) == 1.0


def test_unrelated_rankings_agree_no_more_than_chance():
    assert abs(some(agreement(SCORES, np.random.default_rng(1).permutation(SCORES), 0.1))) < 0.15


def test_agreement_is_cohens_kappa_of_the_flags():
    other = SCORES + np.random.default_rng(2).normal(0, 1, 500).astype(np.float32)
    flags = [s > np.quantile(s, 0.8) for s in (SCORES, other)]
    assert agreement(SCORES, other, 0.2) == pytest.approx(cohen_kappa_score(*flags))


def test_collapsed_models_agree_on_nothing():
    constant = np.ones(50, np.float32)
    assert agreement(constant, constant, 0.1) is None


def test_nothing_is_foretold_before_an_answer():
    advice = advise([], np.empty(0, np.int64), 10)
    assert advice.expected is None
    assert advice.sentence().startswith("Go on: nothing has been answered yet")


def test_the_next_answers_are_foretold_from_the_latest():
    old, latest = np.full(100, -1), np.repeat([1, -1], [WINDOW - 6, 6])
    expected = foretell(np.concatenate([old, latest]), 10)
    assert expected.value == pytest.approx(10 * 6.5 / (WINDOW + 1))
    low, high = betabinom(10, 6.5, WINDOW - 5.5).interval(0.9)
    assert (expected.low, expected.high) == (low, high)


def test_without_answers_anything_may_come():
    assert foretell(np.empty(0, np.int64), 10).value == 5
    assert (foretell(np.empty(0, np.int64), 10).low, foretell(np.empty(0, np.int64), 10).high) == (
        0,
        10,
    )


def test_foretold_ranges_cover_what_comes_as_often_as_promised():
    covered = []
    for seed in range(500):
        rng = np.random.default_rng(seed)
        share = rng.random()
        answers = np.where(rng.random(WINDOW) < share, -1, 1)
        expected = foretell(answers, 10)
        covered.append(expected.low <= rng.binomial(10, share) <= expected.high)
    assert np.mean(covered) > 0.87


@pytest.mark.parametrize(
    ("agreements", "words", "stable"),
    [
        ([], "too early to tell", False),
        ([1.0, 1.0], "too early to tell", False),
        ([0.2, 0.9, 0.85, 0.8], "Go on: the last models still disagree", False),
        ([0.2, 0.97, 0.99, 0.96], "You could stop: the last models agree", True),
    ],
)
def test_advice_follows_the_last_three_agreements(agreements, words, stable):
    advice = advise(agreements, np.array([1, 1, -1]), 10)
    assert words in advice.sentence()
    assert advice.stable is stable
    assert "about 4 of the next 10 answers should be anomalous (0 to 8 in" in advice.sentence()
