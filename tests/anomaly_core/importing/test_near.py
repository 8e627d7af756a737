"""Hashes that differ in a few bits are found without comparing each with each."""

import numpy as np
import pytest

from anomaly_core.importing import near
from anomaly_core.importing.near import MOST_BITS, near_groups, near_pairs

ALIKE = 0.0


def groups(hashes, measures=None):
    rows = np.zeros((len(hashes), 1)) if measures is None else np.array(measures)[:, None]
    return near_groups([int(one) for one in hashes], rows, ALIKE)


def all_pairs(hashes) -> set[tuple[int, int]]:
    differ = np.bitwise_count(hashes[:, None] ^ hashes[None])
    one, other = np.nonzero(differ <= MOST_BITS)
    return {(int(a), int(b)) for a, b in zip(one, other, strict=True) if a < b}


def crowd(count: int, bits: int) -> np.ndarray:
    """Different hashes of which only so many bits vary, spread over all 64."""
    rng = np.random.default_rng(0)
    places = rng.permutation(64)[:bits].astype(np.uint64)
    drawn = rng.integers(0, 2, (count, bits), dtype=np.uint64)
    return np.unique((drawn << places).sum(axis=1, dtype=np.uint64))


@pytest.mark.parametrize("bits", [12, 16, 64])
@pytest.mark.parametrize("block", [7, 2_000_000])
def test_every_pair_is_found_and_found_once(monkeypatch, bits, block):
    monkeypatch.setattr(near, "BLOCK", block)
    hashes = crowd(60 if block == 7 else 600, bits)
    if bits == 64:
        hashes = np.unique(np.concatenate([hashes, hashes[:20] ^ np.uint64(1 << 63 | 0b111)]))
    found = [tuple(pair) for pair in near_pairs(hashes).tolist()]
    assert len(found) == len(set(found))
    assert set(found) == all_pairs(hashes)
    assert found


@pytest.mark.parametrize("seed", range(5))
def test_four_bits_are_near_wherever_they_are_and_five_are_not(seed):
    rng = np.random.default_rng(seed)
    places = rng.permutation(64)[:5]
    base = int(rng.integers(0, 2**63))
    four = base ^ sum(1 << int(place) for place in places[:4])
    assert groups([base, four]) == [[0, 1]]
    assert groups([base, four ^ (1 << int(places[4]))]) == []


def test_a_row_is_in_one_group_and_groups_do_not_chain():
    steps = [0, 0b1111, 0b11111111, 0b11111111]
    assert groups(steps) == [[0, 1], [2, 3]]
    assert groups([2**64 - 1, 5, 2**64 - 2, 5]) == [[0, 2], [1, 3]]


def test_measures_must_agree_too():
    assert groups([7, 7, 7, 6], [0.0, 1.0, 0.0, 1.0]) == [[0, 2], [1, 3]]
    assert groups([7, 7], [0.0, 1.0]) == []


def test_few_hashes_make_no_group():
    assert groups([]) == groups([3]) == []


def test_a_hundred_thousand_that_differ_are_compared():
    assert len(near_pairs(crowd(100_000, 64))) < 10


def test_hashes_that_differ_little_at_all_are_compared_too():
    assert len(near_pairs(crowd(20_000, 22))) > 100_000
