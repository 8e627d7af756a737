"""Ranks as shares, and the items on which two decisions differ."""

import numpy as np

from anomaly_core.ranking import flips, ranks


def test_ranks_are_shares_of_all():
    assert ranks(np.array([3.0, 1.0, 2.0, 2.0])).tolist() == [0.75, 0, 0.25, 0.25]


def test_the_items_ranked_furthest_apart_flip_first():
    first, second = np.array([1, 1, 0, 1, 0], bool), np.array([0, 1, 1, 0, 1], bool)
    found = flips(first, second, np.array([0.1, 0.9, -0.2, 0.5, -0.7]))
    assert found.first.tolist() == [3, 0]
    assert found.second.tolist() == [4, 2]
    assert len(found) == 4
