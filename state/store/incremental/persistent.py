"""Collections that never change: a change makes another one, which shares most with the first.

Whoever holds one may read it without a lock for as long as they like. A change copies one short
piece and the list of pieces, so that it costs next to nothing however much there is.
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from operator import itemgetter
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

T = TypeVar("T")

PIECE = 512  # entries of a table that lie together; at most twice as many keys of a set do
MANY = 1 / 8  # of all keys: after so many changes at once a set is made anew

_first = itemgetter(0)


class SortedKeys:
    """A set of 64-bit integers in ascending order."""

    def __init__(self, pieces: Iterable["array[int]"] = ()) -> None:
        self._pieces = tuple(pieces)

    @classmethod
    def of(cls, keys: Iterable[int]) -> "SortedKeys":
        """The set of these different keys, in whatever order they come."""
        ordered = array("q", sorted(keys))
        starts = range(0, len(ordered), PIECE)
        return cls(ordered[start : start + PIECE] for start in starts)

    def changed(self, removed: Iterable[int], added: Iterable[int]) -> "SortedKeys":
        """The set without the ones, which are in it, and with the others, which are not."""
        gone, new = list(removed), list(added)
        if not gone and not new:
            return self
        if len(gone) + len(new) > PIECE + MANY * len(self):
            return SortedKeys.of((set(self) - set(gone)) | set(new))
        pieces = list(self._pieces)
        for key in gone:
            _remove(pieces, key)
        for key in new:
            _add(pieces, key)
        return SortedKeys(pieces)

    @cached_property
    def _ends(self) -> list[int]:
        """How many keys there are up to the end of each piece."""
        return list(accumulate(map(len, self._pieces)))

    def __len__(self) -> int:
        return self._ends[-1] if self._pieces else 0

    def __iter__(self) -> Iterator[int]:
        for piece in self._pieces:
            yield from piece

    def __reversed__(self) -> Iterator[int]:
        for piece in reversed(self._pieces):
            yield from reversed(piece)

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, int) or (which := _place(self._pieces, key)) < 0:
            return False
        piece = self._pieces[which]
        place = bisect_left(piece, key)
        return place < len(piece) and piece[place] == key

    def __getitem__(self, place: int) -> int:
        """The key that so many others are below of; raises IndexError."""
        if not 0 <= place < len(self):
            raise IndexError(place)
        which = bisect_right(self._ends, place)
        return self._pieces[which][place - self._ends[which]]  # counted from its end

    def rank(self, key: int) -> int:
        """How many of the keys are below this one, which need not be among them."""
        which = _place(self._pieces, key)
        if which < 0:
            return 0
        piece = self._pieces[which]
        return self._ends[which] - len(piece) + bisect_left(piece, key)

    def since(self, key: int) -> Iterator[int]:
        """The keys from this one on, which need not be among them."""
        which = max(0, _place(self._pieces, key))
        for piece in self._pieces[which : which + 1]:
            yield from piece[bisect_left(piece, key) :]
        for piece in self._pieces[which + 1 :]:
            yield from piece

    def last(self, most: int) -> NDArray[np.int64]:
        """The greatest keys, at most so many (n,), in ascending order."""
        first, there = len(self._pieces), 0
        while first and there < most:
            first -= 1
            there += len(self._pieces[first])
        return _joined(self._pieces[first:])[-most:]

    def holds(self, keys: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each of these keys (n,) is among them, (n,)."""
        there = np.searchsorted(self.array, keys)
        found: NDArray[np.bool_] = there < len(self)
        found[found] = self.array[there[found]] == keys[found]
        return found

    @cached_property
    def array(self) -> NDArray[np.int64]:
        """All keys, (n,)."""
        return _joined(self._pieces)


def _joined(pieces: "tuple[array[int], ...]") -> NDArray[np.int64]:
    found = [np.frombuffer(piece, np.int64) for piece in pieces]
    return np.concatenate(found) if found else np.empty(0, np.int64)


class KeysByPerson:
    """A set of sorted keys for each person."""

    def __init__(self, sets: Mapping[int, SortedKeys]) -> None:
        self._sets = sets

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> "KeysByPerson":
        """The sets of these different pairs of a person and a key."""
        return cls({who: SortedKeys.of(keys) for who, keys in _grouped(pairs).items()})

    def changed(
        self, removed: Iterable[tuple[int, int]], added: Iterable[tuple[int, int]]
    ) -> "KeysByPerson":
        """The sets without the ones, which are in them, and with the others, which are not."""
        gone, new = _grouped(removed), _grouped(added)
        sets = dict(self._sets)
        for who in gone.keys() | new.keys():
            sets[who] = self.of_person(who).changed(gone.get(who, ()), new.get(who, ()))
        return KeysByPerson(sets)

    def of_person(self, who: int) -> SortedKeys:
        """The keys of one person."""
        return self._sets.get(who) or NO_KEYS


NO_KEYS = SortedKeys()


def _grouped(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    groups = defaultdict[int, list[int]](list)
    for who, key in pairs:
        groups[who].append(key)
    return groups


def _place(pieces: "tuple[array[int], ...] | list[array[int]]", key: int) -> int:
    """Which piece a key belongs to; -1 for one below all of them."""
    return bisect_right(pieces, key, key=_first) - 1


def _remove(pieces: "list[array[int]]", key: int) -> None:
    which = _place(pieces, key)
    piece = pieces[which][:]
    del piece[bisect_left(piece, key)]
    pieces[which : which + 1] = [piece] if piece else []


def _add(pieces: "list[array[int]]", key: int) -> None:
    which = max(0, _place(pieces, key))
    piece = pieces[which][:] if pieces else array("q")
    insort(piece, key)
    halves = (piece[:PIECE], piece[PIECE:]) if len(piece) == 2 * PIECE else (piece,)
    pieces[which : which + 1] = halves


class Table(Generic[T]):
    """What there is to each of some numbers, which may be large but lie together."""

    def __init__(self, pieces: Mapping[int, list[T | None]] | None = None) -> None:
        self._pieces = pieces or {}

    def get(self, number: int) -> T | None:
        """What there is to a number."""
        piece = self._pieces.get(number // PIECE)
        return None if piece is None else piece[number % PIECE]

    def changed(self, entries: Mapping[int, T]) -> "Table[T]":
        """The table with these entries in the place of those of the same numbers."""
        pieces, mine = dict(self._pieces), set[int]()
        for number, entry in entries.items():
            which = number // PIECE
            if which not in mine:
                mine.add(which)
                pieces[which] = list(pieces.get(which, [None] * PIECE))
            pieces[which][number % PIECE] = entry
        return Table(pieces)

    def __iter__(self) -> Iterator[T]:
        for piece in self._pieces.values():
            yield from (entry for entry in piece if entry is not None)
