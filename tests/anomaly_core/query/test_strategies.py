"""Each strategy against its own definition, on numbers small enough to work out by hand."""

import numpy as np
import pytest
from refused import refused

from anomaly_core.errors import InvalidInput
from anomaly_core.query import QueryContext, strategy_named
from anomaly_core.query.strategies.boundary_quantile import BoundaryQuantile

SCORES = np.array([3, 0, 10, 7, 1, 9, 5, 2, 8, 6, 4], np.float32)  # 0 to 10


def ask(
    name: str, contamination: float = 0.1, y=None, scores=SCORES, seed: int = 0, batch: int = 11
):
    y = np.zeros(len(scores), np.int64) if y is None else np.array(y)
    pool = QueryContext(scores, scores[:, None], y, contamination, np.random.default_rng(seed))
    return strategy_named(name).query(pool, batch)


def points(*coordinates: float) -> np.ndarray:
    """Embeddings on a line."""
    return np.array(coordinates, np.float32)[:, None]


def ask_in_space(
    name: str, z: np.ndarray, batch: int, scores=None, y=None, R: float = 2.0, **values
) -> list[int]:
    """Ask about items at `z`, whose distance to the center is their first coordinate."""
    scores = z[:, 0] ** 2 if scores is None else np.array(scores, np.float32)
    y = np.zeros(len(z), np.int64) if y is None else np.array(y)
    parameters = values.pop("parameters", {})
    pool = QueryContext(
        scores,
        z,
        y,
        values.pop("contamination", 0.1),
        np.random.default_rng(0),
        R=R,
        **values,
    )
    return strategy_named(name, **parameters).query(pool, batch).items.tolist()


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


def test_boundary_asks_at_the_radius_by_distance_not_by_score():
    z = points(1.0, 1.2, 2.9, 5.0)  # 1.0 and 2.9 from R by 1 and 0.9, by score 3 and 4.41
    assert ask_in_space("boundary", z, 4) == [1, 2, 0, 3]


def test_boundary_needs_a_sphere():
    with refused(InvalidInput, "This detector draws no hypersphere"):
        ask("boundary")


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        ([], 0.8),
        ([[1, 1, 1, 1]], 0.99),  # all normal: 2 x 0.2 + 1.6 - 1 = 1, kept in range
        ([[1, 1, 1, -1]], 0.9),
        ([[1, -1, 1, -1]], 0.8),  # half and half: found
        ([[1, -1, -1, -1]], 0.7),
        ([[1, 1, 1, -1], [1, -1, -1, -1]], 0.85),
        ([[0, 0]], 0.8),  # nothing was learned
        ([[1, 0, 1, 1, -1]], 0.9),  # what was withdrawn does not count
    ],
)
def test_boundary_quantile_follows_the_share_of_normal_answers(batches, expected):
    strategy = strategy_named("boundary-quantile")
    pool = QueryContext(
        SCORES,
        SCORES[:, None],
        np.zeros(11, np.int64),
        0.1,
        np.random.default_rng(0),
        batches=[np.array(batch) for batch in batches],
    )
    assert isinstance(strategy, BoundaryQuantile)
    assert strategy.quantile(pool) == pytest.approx(expected)
    asked = SCORES[strategy.query(pool, 1).items[0]]
    assert abs(asked - 10 * expected) <= 0.5


def test_boundary_quantile_can_be_overridden():
    z = points(*range(11))
    asked = ask_in_space("boundary-quantile", z, 1, z[:, 0], parameters={"fixed": 0.3})
    assert asked == [3]


@pytest.mark.parametrize("wrong", [{"start": 1.2}, {"low": 0.9}, {"fixed": 2.0}, {"high": 0.5}])
def test_boundary_quantile_refuses_what_is_no_range(wrong):
    with refused(InvalidInput, "give quantiles between 0 and 1 in rising order"):
        strategy_named("boundary-quantile", **wrong)


def test_an_unknown_parameter_is_refused():
    with refused(InvalidInput, "The strategy margin takes no start"):
        strategy_named("margin", start=0.5)


def test_neighborhood_prefers_the_vicinity_of_anomalies():
    z = points(*np.linspace(0, 0.9, 20), *np.linspace(5, 5.9, 20))
    y = np.zeros(40, int)
    y[:20:2], y[20::2] = 1, -1
    asked = ask_in_space("neighborhood", z, 10, np.ones(40), y, R=1.0)
    assert set(asked) == set(range(21, 40, 2))


def test_neighborhood_asks_at_the_surface_where_nothing_is_known():
    z = points(*np.linspace(0, 4, 30))
    assert abs(z[ask_in_space("neighborhood", z, 1)[0], 0] - 2) < 0.1


def test_boundary_neighbor_prefers_the_item_that_has_company():
    z = points(1.0, 2.9, 2.95, 8.0)  # 1.0 and 2.95 lie 1 and 0.95 from R
    assert ask_in_space("boundary-neighbor", z, 2) == [1, 2]


def test_diverse_strategies_do_not_ask_the_same_thing_twice():
    twins = np.repeat(np.eye(5, dtype=np.float32) * 9, 8, axis=0)  # five groups of eight
    for name in ("margin-diverse", "positive-diverse", "greedy", "auto", "k-means++", "k-medoids"):
        asked = ask_in_space(name, twins, 5, scores=np.ones(40), contamination=0.99)
        assert {item // 8 for item in asked} == set(range(5)), name


def test_core_set_goes_where_nothing_was_answered():
    z = points(0, 0.1, 0.2, 5, 10)
    assert set(ask_in_space("core-set", z, 2, y=[1, 0, 0, 0, 0])) == {3, 4}


def test_positive_diverse_begins_with_the_highest():
    z = points(*range(40))
    asked = ask_in_space("positive-diverse", z, 2)
    assert asked == [39, 34]  # the highest, and the farthest of the six that are shortlisted


def test_the_shortlist_is_as_long_as_anomalies_are_expected():
    z = points(*range(1000))
    for contamination, reach in ((0.001, 6), (0.02, 20), (0.4, 40)):
        asked = ask_in_space("positive-diverse", z, 2, contamination=contamination)
        assert asked == [999, 1000 - reach]


def test_margin_diverse_stays_near_the_quantile():
    z = points(*range(100))
    asked = ask_in_space("margin-diverse", z, 3, z[:, 0], contamination=0.5)
    assert all(19 <= item <= 80 for item in asked)  # the sixty nearest: twenty batches at most
    assert 40 <= max(asked) - min(asked) <= 60


def test_auto_asks_the_middle_of_each_group():
    z = np.array([[g, x] for g in (0, 50, 100) for x in (-2, -1, 0, 1, 2)], np.float32)
    asked = ask_in_space("auto", z, 3, scores=np.ones(15), contamination=0.99)
    assert sorted(asked) == [2, 7, 12]


@pytest.mark.parametrize("name", ["committee", "expected-error"])
def test_strategies_with_classifiers_ask_by_margin_until_both_answers_are_known(name):
    z = points(*range(60))
    for y in (np.zeros(60, int), np.eye(1, 60, 3, dtype=int)[0]):
        assert ask_in_space(name, z, 4, z[:, 0], y) == ask_in_space("margin", z, 4, z[:, 0], y)


@pytest.mark.parametrize("name", ["committee", "expected-error"])
def test_strategies_with_classifiers_ask_between_the_answers(name):
    z = points(*np.linspace(0, 1, 41))
    y = np.zeros(41, int)
    y[:5], y[-5:] = 1, -1
    asked = ask_in_space(name, z, 5, np.ones(41), y)
    assert 0.2 < z[asked, 0].mean() < 0.8


def test_auto_looks_everywhere_while_it_finds_no_more_than_chance_would():
    z = points(*np.linspace(0, 9, 400), *np.linspace(90, 99, 400))
    scores = np.concatenate([np.linspace(0, 1, 400), np.linspace(5, 6, 400)])
    y = np.zeros(800, int)

    def far(y) -> int:
        asked = ask_in_space("auto", z, 10, scores, y, contamination=0.25)
        assert len(set(asked)) == 10
        return int((z[asked, 0] < 50).sum())

    assert far(y) == 0  # the quantile lies among the second kind
    y[600] = 1
    assert 1 <= far(y) <= 5
    y[600] = -1
    assert far(y) == 0
    y[601:604] = 1  # one of four, as many as expected of random ones
    assert 1 <= far(y) <= 5
