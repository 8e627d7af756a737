"""Which of many hashes differ in a few bits only, without comparing each with each."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

MOST_BITS = 4  # that near duplicates differ in
BITS = 64
BANDS = 8  # pairs agree in at least BANDS - MOST_BITS of them
BLOCK = 2_000_000  # pairs that are compared at once

Hashes = NDArray[np.uint64]  # (n,)
Couples = NDArray[np.int64]  # (k, 2), the lower first


def near_groups(hashes: Sequence[int]) -> list[list[int]]:
    """Groups of two or more hashes, by row, where each differs in at most `MOST_BITS` from the
    first; a row is in one group at most, and earlier rows are first.
    """
    values = np.array(hashes, np.uint64)
    distinct, first, where = np.unique(values, return_index=True, return_inverse=True)
    rows: list[list[int]] = [[] for _ in distinct]
    for row, which in enumerate(where.tolist()):
        rows[which].append(row)
    neighbours: list[list[int]] = [[] for _ in distinct]
    for one, other in near_pairs(distinct).tolist():
        neighbours[one].append(other)
        neighbours[other].append(one)
    taken = np.zeros(len(distinct), bool)
    groups = []
    for which in np.argsort(first).tolist():
        if not taken[which]:
            members = [which, *(other for other in neighbours[which] if not taken[other])]
            taken[members] = True
            groups.append(sorted(row for member in members for row in rows[member]))
    return [group for group in groups if len(group) > 1]


def near_pairs(distinct: Hashes) -> Couples:
    """All pairs of different hashes that are near, as rows.

    Of eight bands of bits four or more are equal, so one of the 70 ways to choose four finds them;
    the bits are dealt out to the bands in turn, as neighbouring ones often agree.
    Source: M. Norouzi et al., "Fast search in Hamming space with multi-index hashing", CVPR 2012.
    """
    found = [np.empty((0, 2), np.int64)]
    for kept in combinations(range(BANDS), BANDS - MOST_BITS):
        mask = sum(1 << bit for bit in range(BITS) if bit % BANDS in kept)
        for one, other in equal_pairs(distinct & np.uint64(mask)):
            near = np.bitwise_count(distinct[one] ^ distinct[other]) <= MOST_BITS
            couples = np.stack([one[near], other[near]], axis=1)
            found.append(np.sort(couples, axis=1))
    return np.unique(np.concatenate(found), axis=0)


def equal_pairs(keys: Hashes) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """All pairs of rows with equal keys, some at a time."""
    order = np.argsort(keys, kind="stable")
    arranged = keys[order]
    ends = np.searchsorted(arranged, arranged, side="right")
    places = np.arange(len(keys))
    later = ends - places - 1  # rows of the same key that come after each
    places, later = places[later > 0], later[later > 0]
    total = np.cumsum(later)
    start, done = 0, 0
    while start < len(places):
        stop = max(start + 1, int(np.searchsorted(total, done + BLOCK, side="right")))
        counts = later[start:stop]
        one = np.repeat(places[start:stop], counts)
        steps = np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
        yield order[one], order[one + steps]
        start, done = stop, int(total[stop - 1])
