"""What is still to be put before one person."""

import numpy as np
from numpy.typing import NDArray

from state.store.incremental.history import History
from state.store.incremental.indices import ITEMS, begun, complete, dealt_with, reopened

Items = NDArray[np.int64]


class ClosedItems:
    """The items not to be put before an annotator: they lack no label, or none of theirs."""

    def __init__(self, history: History, annotator_id: int, overlap: int) -> None:
        self._history, self._overlap = history, overlap
        self._complete = history.index(complete, overlap)
        self._dealt_with = history.of_person(dealt_with, annotator_id)

    def __contains__(self, item: object) -> bool:
        return item in self._complete or item in self._dealt_with

    def holds(self, items: Items) -> NDArray[np.bool_]:
        """Whether each of these items (n,) is among them, (n,)."""
        return self._complete.holds(items) | self._dealt_with.holds(items)

    @property
    def array(self) -> Items:
        """All of them (n,), by item number."""
        return np.union1d(self._complete.array, self._dealt_with.array)

    def begun(self, most: int) -> Items:
        """Of the others up to `most` that have some labels and lack others, the oldest first."""
        return self._others(self._history.index(begun, self._overlap).array, most)

    def reopened(self, most: int) -> Items:
        """Of the others up to `most` of which more than a flag was taken back, the latest first."""
        return self._others(self._history.index(reopened, self._overlap).array[::-1], most)

    def _others(self, keys: Items, most: int) -> Items:
        found, start = [np.empty(0, np.int64)], 0
        while start < len(keys) and sum(map(len, found)) < most:
            items = keys[start : start + most] % ITEMS
            found.append(items[~self._dealt_with.holds(items)])
            start += most
        return np.concatenate(found)[:most]
