"""Agreement: values worked out by hand, the libraries' own examples, and what is undefined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anomaly_core.agreement import agreement, consistency
from anomaly_core.errors import InvalidInput

PAIRS = arrays(np.int64, st.tuples(st.just(2), st.integers(1, 30)), elements=st.integers(-1, 1))


def compare(*raters):
    return agreement(np.array(raters, np.int64))


def test_kappa_as_worked_out_by_hand():
    """Cohen 1960: (observed - chance) / (1 - chance), over the items that both labeled."""
    found = compare([1, 1, 1, -1, -1, 1, 0], [1, 1, -1, -1, 1, 0, -1])
    (pair,) = found.pairs
    assert (pair.first, pair.second, pair.items, pair.same) == (0, 1, 5, 3)
    chance = 3 / 5 * 3 / 5 + 2 / 5 * 2 / 5
    assert pair.kappa == pytest.approx((3 / 5 - chance) / (1 - chance))


def test_alpha_as_worked_out_by_hand():
    """Krippendorff 2011, "Computing Krippendorff's alpha", section A: two observers."""
    meg = [-1, 1, -1, -1, -1, -1, -1, -1, 1, -1]
    owen = [1, 1, 1, -1, -1, 1, -1, -1, -1, -1]
    found = compare(meg, owen)
    assert found.alpha == pytest.approx(0.095, abs=5e-4)
    assert (found.items, found.labels) == (10, 20)


def test_alpha_takes_any_number_of_raters_and_only_items_that_two_labeled():
    alone = compare([1, 1, -1, -1], [1, 1, -1, 1], [0, 1, -1, 0])
    with_gaps = compare([1, 1, -1, -1, 1, 0], [1, 1, -1, 1, 0, 0], [0, 1, -1, 0, 0, -1])
    assert with_gaps.alpha == alone.alpha
    assert (with_gaps.items, with_gaps.labels) == (alone.items, alone.labels) == (4, 10)
    # Coincidences: 6 normal and 4 anomalous values; one item of two values disagrees.
    assert alone.labels == 10
    observed, expected = 2 / 10, 2 * 6 * 4 / (10 * 9)
    assert alone.alpha == pytest.approx(1 - observed / expected)


@pytest.mark.parametrize(
    "raters",
    [
        [[1, 1, 1], [1, 1, 1]],  # one class only: chance alone agrees always
        [[1, -1, 0, 0], [0, 0, 1, -1]],  # nothing in common
        [[0, 0], [0, 0]],
        [[], []],
    ],
)
def test_what_cannot_be_told_is_undefined(raters):
    found = compare(*raters)
    assert found.alpha is None
    assert found.pairs[0].kappa is None


def test_one_rater_agrees_with_nobody():
    found = compare([1, -1, 1])
    assert found.pairs == ()
    assert (found.items, found.labels, found.alpha) == (0, 0, None)
    assert agreement(np.empty((0, 0), np.int64)).alpha is None


def test_every_pair_is_compared_once():
    found = compare([1, -1], [1, -1], [-1, 1])
    assert [(p.first, p.second, p.kappa) for p in found.pairs] == [
        (0, 1, 1.0),
        (0, 2, -1.0),
        (1, 2, -1.0),
    ]


@given(PAIRS)
def test_pairs_of_any_kind_stay_in_range_and_do_not_depend_on_the_order(ratings):
    found, turned = agreement(ratings), agreement(ratings[::-1])
    (pair,), (other,) = found.pairs, turned.pairs
    assert pair.items == found.items == np.count_nonzero(ratings.prod(axis=0))
    assert 0 <= pair.same <= pair.items
    if pair.kappa is None:
        assert found.alpha is None
    else:
        assert -1 <= pair.kappa <= 1
        assert pair.kappa == pytest.approx(other.kappa)
        assert found.alpha == pytest.approx(turned.alpha)
        assert (pair.kappa == pytest.approx(1)) == (pair.same == pair.items)


def test_only_labels_are_compared():
    with pytest.raises(InvalidInput, match="leave anything else out"):
        compare([1, 2], [1, 1])


def test_consistency_counts_what_was_said_again():
    found = consistency(["normal", "anomalous", "unsure"], ["normal", "normal", "unsure"])
    assert (found.repeats, found.same) == (3, 2)
    assert found.share == pytest.approx(2 / 3)
    assert consistency([], []).share is None
