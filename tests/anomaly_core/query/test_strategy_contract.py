"""What every strategy promises; a new one is tested by standing in `STRATEGIES`."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from refused import refused

from anomaly_core.errors import InvalidInput
from anomaly_core.query import STRATEGIES, QueryContext, QueryStrategy, strategy_named

N = 60
SEEDS = range(5)
RANDOM = {"random", "k-means++", "k-medoids", "core-set"}  # utilities are drawn, not computed
GROUPS = {"auto"}  # the order of the items sets the first centers of the groups


def parameters(names: Iterable[str]) -> list[Any]:
    """The names, in order, with a mark on the one that takes its time."""
    slow = pytest.mark.slow
    return [
        pytest.param(name, marks=slow) if name == "expected-error" else name
        for name in sorted(names)
    ]


@pytest.fixture(params=parameters(STRATEGIES))
def strategy(request) -> QueryStrategy:
    return strategy_named(request.param)


@pytest.fixture(params=parameters(STRATEGIES.keys() - RANDOM - GROUPS))
def computed(request) -> QueryStrategy:
    return strategy_named(request.param)


def context(seed: int = 0, scores=None, y=None, n: int = N) -> QueryContext:
    """A pool of `n` random scores in which about half of the items are labeled."""
    rng = np.random.default_rng(100 + seed)
    scores = rng.gamma(1.0, size=n).astype(np.float32) if scores is None else scores
    y = rng.choice([-1, 0, 0, 1], size=len(scores)) if y is None else y
    return QueryContext(
        scores,
        np.stack([scores, np.sin(scores)], axis=1),
        y,
        contamination=0.1,
        rng=np.random.default_rng(seed),
        R=1.0,
        batches=[np.array([1, 1, -1])],
    )


def unlabeled(n: int = N) -> np.ndarray:
    return np.zeros(n, np.int64)


@pytest.mark.parametrize("seed", SEEDS)
class TestEveryQuery:
    def test_asks_for_unlabeled_items_once_each(self, strategy, seed):
        pool = context(seed)
        items = strategy.query(pool, N).items
        assert sorted(items) == np.flatnonzero(pool.y == 0).tolist()

    def test_leaves_the_labels_as_they_are(self, strategy, seed):
        pool = context(seed)
        before = pool.y.copy()
        strategy.query(pool, 5, exclude=np.arange(10))
        assert np.array_equal(pool.y, before)

    @pytest.mark.parametrize("batch", [1, 5, 20])
    def test_is_as_long_as_asked_for(self, strategy, seed, batch):
        query = strategy.query(context(seed), batch)
        assert len(query.items) == len(query.utilities) == batch

    def test_never_asks_for_the_excluded(self, strategy, seed):
        pool = context(seed)
        exclude = np.random.default_rng(seed).choice(N, 30, replace=False)
        items = strategy.query(pool, N, exclude).items
        assert sorted(items) == sorted(set(np.flatnonzero(pool.y == 0)) - set(exclude))

    def test_returns_falling_utilities_of_its_items(self, strategy, seed):
        pool = context(seed)
        query, free = strategy.query(pool, 10), pool.free()
        assert (np.diff(query.utilities) <= 0).all()
        utilities = dict(zip(free, strategy.utilities(context(seed), free), strict=True))
        assert [utilities[item] for item in query.items] == query.utilities.tolist()

    def test_passes_nothing_more_useful_by_than_its_shortlist_is_long(self, strategy, seed):
        pool = context(seed, n=200)
        batch, breadth = 3, getattr(strategy, "breadth", 1)
        query, free = strategy.query(pool, batch), pool.free()
        better = strategy.utilities(context(seed, n=200), free) > query.utilities.min()
        assert np.count_nonzero(better) < batch * breadth

    def test_lines_up_the_rest_behind_its_batch(self, strategy, seed):
        pool = context(seed)
        queue = strategy.queue(context(seed), 5, 1000, exclude=np.arange(10))
        assert np.array_equal(
            queue.items[:5], strategy.query(context(seed), 5, np.arange(10)).items
        )
        assert sorted(queue.items) == [item for item in np.flatnonzero(pool.y == 0) if item >= 10]
        assert (np.diff(queue.utilities[5:]) <= 0).all()

    def test_lines_up_no_more_than_asked_for(self, strategy, seed):
        assert len(strategy.queue(context(seed), 5, 12).items) == 12
        assert len(strategy.queue(context(seed), 5, 2).items) == 2

    def test_is_decided_by_the_seed(self, strategy, seed):
        first, again = (strategy.query(context(seed), 10) for _ in range(2))
        assert np.array_equal(first.items, again.items)
        assert np.array_equal(first.utilities, again.utilities)

    def test_follows_its_items_when_they_are_shuffled(self, computed, seed):
        pool, order = context(seed), np.random.default_rng(seed).permutation(N)
        shuffled = context(seed, pool.scores[order], pool.y[order])
        assert np.array_equal(
            order[computed.query(shuffled, N).items], computed.query(pool, N).items
        )


def test_a_pool_with_nothing_left_gives_an_empty_query(strategy):
    query = strategy.query(context(y=np.ones(N, np.int64)), 5)
    assert len(query.items) == len(query.utilities) == 0


def test_one_item_can_be_asked(strategy):
    assert strategy.query(context(n=1, y=unlabeled(1)), 3).items.tolist() == [0]


@pytest.mark.parametrize("constant", [0.0, 1.5])
def test_equal_scores_are_asked_in_an_order_drawn_from_the_seed(strategy, constant):
    scores = np.full(N, constant, np.float32)
    queries = [strategy.query(context(s, scores, unlabeled()), N).items for s in range(40)]
    assert all(sorted(items) == list(range(N)) for items in queries)
    first = [int(items[0]) for items in queries]
    assert len(set(first)) > 15
    assert 15 < np.mean(first) < 45


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_refused(strategy, bad):
    pool = context()
    pool.scores[7] = bad
    with refused(InvalidInput, "Some scores are not finite numbers"):
        strategy.query(pool, 5)


@pytest.mark.parametrize("batch", [0, -3])
def test_an_empty_batch_is_refused(strategy, batch):
    with refused(InvalidInput, f"A batch of {batch} items cannot be asked"):
        strategy.query(context(), batch)


def test_scores_and_labels_must_cover_the_same_pool(strategy):
    with refused(InvalidInput, "60 scores do not fit 59 labels"):
        strategy.query(context(scores=np.ones(60, np.float32), y=unlabeled(59)), 5)


def test_a_reason_completes_the_sentence_asked_because(strategy):
    assert strategy.reason[0].islower()
    assert not strategy.reason.endswith(".")


def test_a_purpose_is_one_sentence(strategy):
    assert strategy.purpose.startswith("For ")
    assert strategy.purpose.endswith(".")
    assert strategy.purpose.count(".") == 1


def test_names_are_those_of_the_registry():
    assert all(strategy_named(name).name == name for name in STRATEGIES)


def test_an_unknown_name_is_refused_with_the_known_ones():
    with refused(InvalidInput, "no strategy 'best'; choose one of auto, boundary,"):
        strategy_named("best")
