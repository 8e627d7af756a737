"""By what the items of a project are found: keys that sort them, worked out from each item alone.

An index is a function from the history of an item, and from whatever else it is asked with, to the
keys that the item has in it. `History.index` keeps the keys of all items, and after an event works
out anew those of its item alone. Where the order is one in time, a key is a `pair` of a number of
an event and the item. What is asked of each person, by `History.of_person`, gives the id of an
annotator with each key, so that all people share the work.
"""

from collections.abc import Iterable

from state.store.history import Event
from state.store.incremental.items import ItemHistory
from state.store.schema import EventKind

ITEMS = 2**31  # more than there can be
WALKED_BACK = (EventKind.ANSWER, EventKind.SKIP, EventKind.REPEAT)  # by undo, newest first

Keys = Iterable[int]
PersonKeys = Iterable[tuple[int, int]]  # annotator, key


def pair(order: int, item: int) -> int:
    """The key of an item at its place in an order."""
    return order * ITEMS + item


def order_of(key: int) -> int:
    """The first of a `pair`."""
    return key // ITEMS


def item_of(key: int) -> int:
    """The second of a `pair`."""
    return key % ITEMS


def labeled(one: ItemHistory) -> Keys:
    """The items with a label, by item number: twice the number, and 1 more if it is normal."""
    return [2 * one.item + (one.y > 0)] if one.y else []


def newest(one: ItemHistory, y: int) -> Keys:
    """The items with the label `y`, by when they got it."""
    return [pair(one.changes[-1][0], one.item)] if one.changes and one.y == y else []


def label_changes(one: ItemHistory) -> Keys:
    """Every change of a label, by when it was."""
    return [pair(seq, one.item) for seq, _ in one.changes]


def changed_since(one: ItemHistory, seq: int) -> Keys:
    """The items with another label than after event number `seq`, by item number."""
    return [one.item] if one.y != one.y_at(seq) else []


def answered(one: ItemHistory) -> Keys:
    """The items with an answer that stands, by item number."""
    return [one.item] if one.answers else []


def answers(one: ItemHistory) -> Keys:
    """The answers that stand, by when they were given."""
    return [pair(event.seq, one.item) for event in one.answers]


def bought(one: ItemHistory) -> Keys:
    """The labels that stand and were paid for, by when they were given."""
    return [pair(event.seq, one.item) for event in one.bought]


def first_bought(one: ItemHistory) -> Keys:
    """The first of these of each item."""
    return [pair(one.bought[0].seq, one.item)] if one.bought else []


def given(one: ItemHistory) -> Keys:
    """The same labels by when each person first labeled the item: a changed one stays there."""
    return [pair(seq, one.item) for seq in one.given]


def first_given(one: ItemHistory) -> Keys:
    """The first of these of each item."""
    return [pair(min(one.given), one.item)] if one.given else []


def found(one: ItemHistory) -> Keys:
    """The items that are called anomalous, by when they were first labeled."""
    settled = one.verdict
    anomalous = settled.y < 0 if settled else any(event.y < 0 for event in one.bought)
    return first_given(one) if anomalous else []


def complete(one: ItemHistory, overlap: int) -> Keys:
    """The items that lack no label, by item number."""
    return [one.item] if one.complete(overlap) else []


def begun(one: ItemHistory, overlap: int) -> Keys:
    """The items that have some labels and lack others, the oldest first."""
    return [] if one.complete(overlap) else first_bought(one)


def reopened(one: ItemHistory, overlap: int) -> Keys:
    """The items that lack labels and of which more than a flag was taken back, by when it was."""
    if len(one.events) == len(one.current) or one.complete(overlap):
        return []
    flags = {event.uuid for event in one.events if event.kind is EventKind.FLAG}
    undone = [event for event in one.events if event.undoes and event.undoes not in flags]
    return [pair(undone[-1].seq, one.item)] if undone else []


def dealt_with(one: ItemHistory) -> PersonKeys:
    """The items not to be asked of people who have said of them what they will, by item number."""
    return [(who, one.item) for who in one.dealt_with]


def walked_back(one: ItemHistory) -> PersonKeys:
    """What undo takes back of each person's, by when it was given."""
    return by_person([event for event in one.current if event.kind in WALKED_BACK])


def bought_from(one: ItemHistory) -> PersonKeys:
    """The labels of each person that stand and were paid for, by when they were given."""
    return by_person(one.bought)


def repeats(one: ItemHistory) -> PersonKeys:
    """The answers of each person to items asked a second time, by when they were given."""
    return by_person([event for event in one.current if event.kind is EventKind.REPEAT])


def by_person(events: Iterable[Event]) -> PersonKeys:
    """Events of one item by whom they are from and when they were."""
    return [(event.annotator_id, pair(event.seq, event.item)) for event in events]
