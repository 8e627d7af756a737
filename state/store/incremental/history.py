"""The history of a project as far as it is known: read once, then brought up to date.

A `History` never changes, so that whoever holds one sees one state of the project for as long as
they like, whatever other threads learn meanwhile. The next one shares nearly everything with it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import RLock
from typing import Any, NamedTuple, TypeVar, TypeVarTuple, overload

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from state.store.history import Event, LabeledItems
from state.store.incremental import indices
from state.store.incremental.indices import ITEMS, Keys, PersonKeys, item_of, order_of, pair
from state.store.incremental.items import ItemHistory
from state.store.incremental.persistent import KeysByPerson, SortedKeys, Table

MANY = 2_000  # events at once, from which on each index is made anew when it is asked for
FORGOTTEN = 2_000  # changes after which an index goes that nobody has asked for
Asked = TypeVarTuple("Asked")

Name = tuple[Callable[..., Iterable[Any]], tuple[object, ...]]
AnyKeys = TypeVar("AnyKeys", SortedKeys, KeysByPerson)


class Index(NamedTuple):
    """The keys of one index, and how many changes ago somebody asked for them."""

    keys: Any  # SortedKeys or KeysByPerson
    unasked: int = 0


class History:
    """What the events of a project come to, without replaying them all.

    `last` is the newest event. Items are found by an index, see `state.store.incremental.indices`.
    """

    def __init__(self) -> None:
        self.last: Event | None = None
        self._items: Table[ItemHistory] = Table()
        self._indices: dict[Name, Index] = {}
        self._lock = RLock()  # shared by all histories of a project: what one has worked out is
        # there when the next one is made of it

    def after(self, events: Sequence[Event]) -> "History":
        """The history with these events on top, oldest first; none of them is known yet."""
        if not events:
            return self
        touched: dict[int, ItemHistory] = {}
        for event in events:
            known = touched.get(event.item) or self.of(event.item)
            touched[event.item] = known.after(event)
        with self._lock:
            later = History()
            later.last = events[-1]
            later._lock = self._lock
            later._items = self._items.changed(touched)
            if len(events) < MANY:
                later._indices = self._carried(touched)
        return later

    def _carried(self, touched: dict[int, ItemHistory]) -> dict[Name, Index]:
        """The indices, with the keys that the touched items have by now."""
        before = [self.of(item) for item in touched]
        carried = {}
        for name, index in self._indices.items():
            if index.unasked < FORGOTTEN:
                function, given = name
                old = {key for one in before for key in function(one, *given)}
                new = {key for one in touched.values() for key in function(one, *given)}
                carried[name] = Index(index.keys.changed(old - new, new - old), index.unasked + 1)
        return carried

    @property
    def last_seq(self) -> int:
        """Number of the newest event, 0 without any."""
        return self.last.seq if self.last else 0

    def of(self, item: int) -> ItemHistory:
        """What happened to an item."""
        return self._items.get(item) or ItemHistory(item)

    def index(self, function: Callable[[ItemHistory, *Asked], Keys], *given: *Asked) -> SortedKeys:
        """The keys of an index, worked out for all items when it is asked for the first time."""
        return self._index(SortedKeys, (function, given), self._items)

    def of_person(self, function: Callable[[ItemHistory], PersonKeys], who: int) -> SortedKeys:
        """The keys of one annotator; worked out for everybody when anybody's are asked for."""
        return self._index(KeysByPerson, (function, ()), self._items).of_person(who)

    def changed_since(self, seq: int) -> SortedKeys:
        """The items with another label than after event number `seq`, by item number."""
        later = self.index(indices.label_changes).since(pair(seq + 1, 0))
        among = (self.of(item) for item in {item_of(key) for key in later})
        return self._index(SortedKeys, (indices.changed_since, (seq,)), among)

    def _index(self, kind: type[AnyKeys], name: Name, among: Iterable[ItemHistory]) -> AnyKeys:
        function, given = name
        with self._lock:
            known = self._indices.get(name)
            if known is None:
                known = Index(kind.of(key for one in among for key in function(one, *given)))
            self._indices[name] = Index(known.keys)
        keys: AnyKeys = known.keys
        return keys

    def events(self, keys: Iterable[int]) -> Iterator[Event]:
        """The events that the keys of an index by time stand for."""
        for key in keys:
            seq = order_of(key)
            yield next(event for event in self.of(item_of(key)).events if event.seq == seq)

    def items(
        self, function: Callable[[ItemHistory, *Asked], Keys], *given: *Asked
    ) -> "ItemsInOrder":
        """The items of an index that sorts them by time, each of which is in it at most once."""
        name = (function, given)
        return ItemsInOrder(self, name, self._index(SortedKeys, name, self._items))

    @cached_property
    def labels(self) -> LabeledItems:
        """The majority of the standing answers by item; no tie, and a verdict settles its item."""
        keys = self.index(indices.labeled).array
        y = np.where(keys % 2, 1, -1).astype(np.int8)
        return LabeledItems(keys // 2, y, self.last_seq)

    def newest_labels(self, most: int) -> LabeledItems:
        """Of either kind the newest labels, at most so many, by item number."""
        kinds = [self.index(indices.newest, y).last(most) for y in (1, -1)]
        items = np.concatenate(kinds) % ITEMS
        order = np.argsort(items)
        y = np.repeat(np.array([1, -1], np.int8), [len(keys) for keys in kinds])
        return LabeledItems(items[order], y[order], self.last_seq)

    def labels_since(self, seq: int) -> list[tuple[int, int]]:
        """The items whose label has changed after event number `seq`, each with that of now."""
        later = self.index(indices.label_changes).since(pair(seq + 1, 0))
        return [(item, self.of(item).y) for item in {item_of(key): 0 for key in later}]

    def votes(self, item: int) -> int:
        """How many labels that stand and were paid for an item has."""
        known = self._items.get(item)
        return 0 if known is None else len(known.bought)

    def y_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """The labels (n,) of items (n,): +1 normal, -1 anomalous, 0 without one."""
        return np.array([self.of(item).y for item in items.tolist()], np.int64)

    @property
    def standing(self) -> list[Event]:
        """The answers (normal, anomalous, unsure) that were not taken back, oldest first."""
        return list(self.events(self.index(indices.answers)))


class ItemsInOrder(Sequence[int]):
    """Items by the order of an index; to look at some of them costs nothing for the others."""

    def __init__(self, history: History, name: Name, keys: SortedKeys) -> None:
        self._history, self._name, self._keys = history, name, keys

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[int]:
        return map(item_of, self._keys)

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> list[int]: ...

    def __getitem__(self, place: int | slice) -> int | list[int]:
        if isinstance(place, slice):
            return [item_of(self._keys[one]) for one in range(*place.indices(len(self)))]
        return item_of(self._keys[place])

    def __contains__(self, item: object) -> bool:
        return isinstance(item, int) and bool(self._own(item))

    def index(self, item: int, *_: int) -> int:
        """The place of an item; raises ValueError where it is not among them."""
        for key in self._own(item):
            return self._keys.rank(key)
        raise ValueError(item)

    def _own(self, item: int) -> list[int]:
        """The key of an item, where it has one."""
        function, given = self._name
        return list(function(self._history.of(item), *given))
