"""Which of many hashes differ in a few bits only, without comparing each with each."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

MOST_BITS = 4  # that near duplicates differ in
BITS = 64
BANDS = 8  # pairs agree in at least BANDS - MOST_BITS of them
BLOCK = 2_000_000  # pairs that are compared at once
CROWD, FEW = 64, 8  # of more equal bands each is compared with few: where all images look alike

Hashes = NDArray[np.uint64]  # (n,)
Couples = NDArray[np.int64]  # (k, 2), the lower first


def near_groups(
    hashes: Sequence[int], measures: NDArray[np.float64], tolerance: float
) -> list[list[int]]:
    """Groups of two or more rows that are near the first of theirs; a row is in one at most.

    Near are hashes that differ in at most `MOST_BITS`, of rows whose `measures` (n, k) differ by
    at most `tolerance` each; groups are sorted by their first row.
    """
    distinct, where = np.unique(np.array(hashes, np.uint64), return_inverse=True)
    same = np.split(np.argsort(where, kind="stable"), np.cumsum(np.bincount(where))[:-1])
    neighbours: list[list[int]] = [[which] for which in range(len(distinct))]
    for one, other in near_pairs(distinct).tolist():
        neighbours[one].append(other)
        neighbours[other].append(one)
    free = np.ones(len(where), bool)
    groups = []
    for row, which in enumerate(where.tolist()):
        if not free[row] or len(neighbours[which]) == len(same[which]) == 1:
            continue
        others = np.concatenate([same[one] for one in neighbours[which]])
        others = others[free[others]]
        alike = (np.abs(measures[others] - measures[row]) <= tolerance).all(axis=1)
        members = np.sort(others[alike])
        if len(members) > 1:
            free[members] = False
            groups.append(members.tolist())
    return groups


def near_pairs(distinct: Hashes) -> Couples:
    """All pairs of different hashes that are near, as rows.

    Of eight bands of bits four or more are equal, so one of the 70 ways to choose four finds them.
    Source: M. Norouzi et al., "Fast search in Hamming space with multi-index hashing", CVPR 2012.
    """
    found = [np.empty((0, 2), np.int64)]
    bands = dealt_out(distinct)
    for kept in combinations(range(BANDS), BANDS - MOST_BITS):
        mask = np.bitwise_or.reduce([bands[band] for band in kept])
        earlier = [bands[band] for band in range(kept[-1]) if band not in kept]
        for one, other in equal_pairs(distinct & mask):
            differ = distinct[one] ^ distinct[other]
            near = np.bitwise_count(differ) <= MOST_BITS
            one, other, differ = one[near], other[near], differ[near]
            for band in earlier:  # where one of these is equal too, the pair was found before
                new = (differ & band) != 0
                one, other, differ = one[new], other[new], differ[new]
            found.append(np.stack([np.minimum(one, other), np.maximum(one, other)], axis=1))
    return np.concatenate(found)


def dealt_out(hashes: Hashes) -> list[np.uint64]:
    """The bits of each band, dealt out so that all bands have some of those that vary most."""
    ones = [np.count_nonzero(hashes & np.uint64(1 << bit)) for bit in range(BITS)]
    rare = [min(count, len(hashes) - count) for count in ones]
    order = sorted(range(BITS), key=lambda bit: -rare[bit])
    turns = [*range(BANDS), *reversed(range(BANDS))]  # back and forth, to be fair
    bands = [0] * BANDS
    for turn, bit in enumerate(order):
        bands[turns[turn % len(turns)]] |= 1 << bit
    return [np.uint64(band) for band in bands]


def equal_pairs(keys: Hashes) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """All pairs of rows with equal keys, some at a time."""
    order = np.argsort(keys, kind="stable")
    arranged = keys[order]
    ends = np.searchsorted(arranged, arranged, side="right")
    places = np.arange(len(keys))
    later = ends - places - 1  # rows of the same key that come after each
    alike = ends - np.searchsorted(arranged, arranged, side="left")
    later = np.where(alike > CROWD, np.minimum(later, FEW), later)
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
