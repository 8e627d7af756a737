"""The audit slice: a fair draw, mixed into the queue."""

import numpy as np
import pytest

from anomaly_core.loop.audit import draw_audit, mix_in
from anomaly_core.query import Query


def queue(count: int) -> Query:
    return Query(np.arange(100, 100 + count), -np.arange(count, dtype=float))


def test_a_share_of_the_budget_is_drawn():
    assert len(draw_audit(1000, 200, 0.1, 0)) == 20
    assert len(draw_audit(1000, 200, 0.0, 0)) == 0
    assert len(draw_audit(30, 200, 0.1, 0)) == 3


def test_every_item_is_drawn_equally_often():
    drawn = np.concatenate([draw_audit(50, 100, 0.2, seed) for seed in range(2000)])
    counts = np.bincount(drawn, minlength=50)
    assert np.abs(counts - 400).max() < 5 * np.sqrt(400)


def test_the_draw_depends_on_the_seed_alone():
    assert np.array_equal(draw_audit(100, 100, 0.3, 7), draw_audit(100, 100, 0.3, 7))
    assert not np.array_equal(draw_audit(100, 100, 0.3, 7), draw_audit(100, 100, 0.3, 8))


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_each_run_of_the_queue_holds_one(share):
    run = round(1 / share)
    audit = np.arange(8)
    mixed = mix_in(queue(200), audit, share, np.random.default_rng(3))
    assert len(mixed.items) == 208
    places = np.flatnonzero(mixed.items < 100)
    assert (places // run == np.arange(8)).all()
    assert np.isnan(mixed.utilities[places]).all()
    assert mixed.items[places].tolist() == audit.tolist()
    others = mixed.items >= 100
    assert np.array_equal(mixed.items[others], queue(200).items)
    assert np.array_equal(mixed.utilities[others], queue(200).utilities)


def test_places_within_a_run_are_drawn():
    first = {
        int(
            np.flatnonzero(
                mix_in(queue(50), np.array([1]), 0.1, np.random.default_rng(s)).items == 1
            )[0]
        )
        for s in range(100)
    }
    assert first == set(range(10))


def test_without_audit_items_or_share_the_queue_stays():
    mixed = mix_in(queue(5), np.empty(0, np.int64), 0.1, np.random.default_rng(0))
    assert np.array_equal(mixed.items, queue(5).items)
    mixed = mix_in(queue(5), np.array([1]), 0.0, np.random.default_rng(0))
    assert np.array_equal(mixed.items, queue(5).items)


def test_a_short_queue_loses_none():
    mixed = mix_in(queue(0), np.arange(3), 0.1, np.random.default_rng(0))
    assert mixed.items.tolist() == [0, 1, 2]
