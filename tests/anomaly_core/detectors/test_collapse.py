"""Collapse is noticed when scores rank nothing any more, and not before."""

import numpy as np
import pytest
from refused import assert_plain_sentence

from anomaly_core.detectors.collapse import score_spread


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_spread_is_measured():
    spread = score_spread(scores(1, 2, 3, 2))
    assert (spread.count, spread.distinct) == (4, 3)
    assert spread.variance == pytest.approx(0.5)
    assert spread.relative_spread == pytest.approx(np.sqrt(0.5) / 2)


def test_ordinary_scores_have_not_collapsed():
    for scale in (1e-12, 1e-3, 1, 1e12):
        gamma = np.random.default_rng(0).gamma(2.0, scale, 500)
        assert not score_spread(gamma.astype(np.float32)).collapsed


@pytest.mark.parametrize(
    "collapsed",
    [
        np.zeros(100),
        np.full(100, 0.3),
        np.repeat([0.3, 0.7], 100),  # two values for 200 images
        1 + 1e-5 * np.random.default_rng(0).random(500),  # hardly any spread
        np.where(np.arange(1000) == 3, 1e-9, 0),
        np.full(100, np.nan),
    ],
    ids=["zero", "constant", "two values", "narrow", "one other", "nan"],
)
def test_scores_that_rank_nothing_have_collapsed(collapsed):
    assert score_spread(collapsed.astype(np.float32)).collapsed


@pytest.mark.parametrize(("distinct", "collapsed"), [(4, True), (5, False)])
def test_five_distinct_scores_in_a_hundred_are_the_least(distinct, collapsed):
    assert score_spread((np.arange(100) % distinct).astype(np.float32)).collapsed == collapsed


def test_scores_count_as_equal_to_six_digits():
    assert score_spread(scores(123456.1, 123456.3, 0.001234561, 0.001234563)).distinct == 2
    assert score_spread(scores(1.23456, 1.23457)).distinct == 2


def test_a_single_score_says_nothing_about_collapse():
    assert not score_spread(scores(1)).collapsed


def test_the_sentence_says_what_was_seen_and_what_to_do():
    sentence = score_spread(np.zeros(2000, np.float32)).sentence()
    assert_plain_sentence(sentence)
    assert "2,000 images have only 1 distinct scores (variance 0)" in sentence
    assert "Go back to an earlier model" in sentence
