"""Each strategy against its own definition, on numbers small enough to work out by hand."""

import numpy as np
import pytest

from anomaly_core.query import QueryContext, strategy_named

SCORES = np.array([3, 0, 10, 7, 1, 9, 5, 2, 8, 6, 4], np.float32)  # 0 to 10


def ask(
    name: str, contamination: float = 0.1, y=None, scores=SCORES, seed: int = 0, batch: int = 11
):
    y = np.zeros(len(scores), np.int64) if y is None else np.array(y)
    pool = QueryContext(scores, y, contamination, np.random.default_rng(seed))
    return strategy_named(name).query(pool, batch)


@pytest.mark.parametrize(
    ("contamination", "nearest_scores"),
    [(0.2, [8, {7, 9}]), (0.5, [5, {4, 6}, {3, 7}]), (0.25, [{7, 8}, {6, 9}])],
)
def test_margin_asks_round_the_contamination_quantile(contamination, nearest_scores):
    asked = SCORES[ask("margin", contamination).items].tolist()
    for expected in nearest_scores:
        group = expected if isinstance(expected, set) else {expected}
        assert {asked.pop(0) for _ in group} == group


def test_margin_is_minus_the_distance_to_the_quantile():
    query = ask("margin", 0.25)  # the quantile of 0 ... 10 at 0.75 is 7.5
    assert query.utilities.tolist() == (-np.abs(SCORES[query.items] - 7.5)).tolist()


def test_margin_counts_labeled_items_into_the_quantile():
    y = (SCORES > 5).astype(int)  # without them the quantile would lie at 4, not at 8
    assert SCORES[ask("margin", 0.2, y).items].tolist() == [5, 4, 3, 2, 1, 0]


def test_top_asks_for_the_highest_scores():
    query = ask("top", batch=3)
    assert query.items.tolist() == [2, 5, 8]
    assert query.utilities.tolist() == [10, 9, 8]


def test_top_passes_labeled_items_by():
    assert SCORES[ask("top", y=SCORES >= 8, batch=2).items].tolist() == [7, 6]


def test_random_asks_for_every_item_equally_often():
    first = np.concatenate([ask("random", seed=seed, batch=3).items for seed in range(1000)])
    expected = 3000 / 11
    assert np.abs(np.bincount(first, minlength=11) - expected).max() < 5 * np.sqrt(expected)


def test_random_looks_at_no_score():
    for seed in range(5):
        assert np.array_equal(
            ask("random", seed=seed).items, ask("random", seed=seed, scores=SCORES[::-1]).items
        )


def test_random_utilities_are_draws_between_0_and_1():
    utilities = ask("random", scores=np.ones(500, np.float32), batch=500).utilities
    assert 0 <= utilities.min() < 0.05
    assert 0.95 < utilities.max() <= 1
