"""Oracles answer truthfully, or as wrongly as they were told to."""

import math

import numpy as np
import pytest
from refused import refused

from anomaly_core.errors import InvalidInput
from anomaly_core.loop.oracle import NoisyOracle, PoolOracle

TRUTH = np.array([1, -1, -1, 1, 1, -1])
EVERY = np.arange(6)


def wrong_share(rate: float, seed: int = 0, n: int = 2000) -> float:
    truth = np.where(np.arange(n) % 3, 1, -1)
    answers = NoisyOracle(PoolOracle(truth), rate, seed).answer(np.arange(n))
    assert set(answers.tolist()) <= {1, -1}
    return float(np.mean(answers != truth))


def test_truth_is_told_in_the_order_of_the_question():
    assert PoolOracle(TRUTH).answer(np.array([5, 0, 2, 0])).tolist() == [-1, 1, -1, 1]


def test_without_noise_the_truth_comes_through():
    oracle = NoisyOracle(PoolOracle(TRUTH), 0.0)
    assert all(np.array_equal(oracle.answer(EVERY), TRUTH) for _ in range(20))


def test_all_noise_turns_every_answer_round():
    assert np.array_equal(NoisyOracle(PoolOracle(TRUTH), 1.0).answer(EVERY), -TRUTH)


@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_noise_turns_its_share_of_answers_round(rate):
    assert wrong_share(rate) == pytest.approx(rate, abs=0.03)


def test_noise_wraps_any_oracle_even_noise():
    twice = NoisyOracle(NoisyOracle(PoolOracle(TRUTH), 1.0), 1.0)
    assert np.array_equal(twice.answer(EVERY), TRUTH)


def test_noise_is_decided_by_its_seed():
    truth = np.ones(200, np.int64)
    first, again, other = (
        NoisyOracle(PoolOracle(truth), 0.5, seed).answer(np.arange(200)) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_a_rate_that_is_no_share_is_refused(rate):
    with refused(InvalidInput, "is not a share; give 0 to 1"):
        NoisyOracle(PoolOracle(TRUTH), rate)
