"""What an incremental history says, beside what replaying all events from the beginning says."""

from collections import Counter
from collections.abc import Iterable

import replay

from state.store.history import Event, LabeledItems
from state.store.incremental import indices
from state.store.incremental.closed import ClosedItems
from state.store.incremental.history import History
from state.store.incremental.indices import item_of
from state.store.schema import EventKind

ANSWER, FLAG, REPEAT = EventKind.ANSWER, EventKind.FLAG, EventKind.REPEAT


def items(keys: Iterable[int]) -> list[int]:
    return [item_of(key) for key in keys]


def asked(history: History, people: list[int], overlap: int) -> dict[str, object]:
    """Everything that readers ask an incremental history."""
    index = history.index
    found: dict[str, object] = {
        "last seq": history.last_seq,
        "labels": as_dict(history.labels),
        "standing": history.standing,
        "answered": set(index(indices.answered)),
        "bought": list(history.events(index(indices.bought))),
        "first bought": list(history.events(index(indices.first_bought))),
        "given": list(history.events(index(indices.given))),
        "first given": list(history.events(index(indices.first_given))),
        "found": list(history.events(index(indices.found))),
        "newest": {y: items(index(indices.newest, y)) for y in (1, -1)},
    }
    of_person = history.of_person
    for me in people:
        closed = ClosedItems(history, me, overlap)
        found |= {
            f"closed to {me}": set(closed.array.tolist()),
            f"begun for {me}": closed.begun(999).tolist(),
            f"reopened for {me}": closed.reopened(999).tolist(),
            f"past of {me}": list(history.events(of_person(indices.walked_back, me))),
            f"bought from {me}": list(history.events(of_person(indices.bought_from, me))),
            f"repeats of {me}": list(history.events(of_person(indices.repeats, me))),
        }
    return found


def replayed(events: list[Event], people: list[int], overlap: int) -> dict[str, object]:
    """The same from a full replay."""
    current, standing = replay.in_force(events), replay.standing(events)
    bought = [event for event in standing if event.bought]
    labelers = {(event.item, event.annotator_id) for event in bought}
    given = [one for one in first_labels(events) if (one.item, one.annotator_id) in labelers]
    found: dict[str, object] = {
        "last seq": max((event.seq for event in events), default=0),
        "labels": as_dict(replay.labels(events)),
        "standing": standing,
        "answered": {event.item for event in standing},
        "bought": bought,
        "first bought": firsts(bought),
        "given": given,
        "first given": firsts(given),
        "found": [one for one in firsts(given) if called_anomalous(one.item, current, bought)],
        "newest": {y: by_age(events, y) for y in (1, -1)},
    }
    flags = {event.uuid for event in events if event.kind is FLAG}
    undone = [event.item for event in events if event.undoes and event.undoes not in flags]
    votes = Counter(event.item for event in bought)
    for me in people:
        closed = replay.handled_items(events, me, overlap)
        own = [event for event in current if event.annotator_id == me]
        found |= {
            f"closed to {me}": closed,
            f"begun for {me}": [item for item in votes if item not in closed],
            f"reopened for {me}": [i for i in dict.fromkeys(undone[::-1]) if i not in closed],
            f"past of {me}": [event for event in own if event.kind in indices.WALKED_BACK],
            f"bought from {me}": [event for event in own if event.bought],
            f"repeats of {me}": [event for event in own if event.kind is REPEAT],
        }
    return found


def as_dict(labels: LabeledItems) -> dict[int, int]:
    assert labels.items.tolist() == sorted(labels.items.tolist())
    return dict(zip(labels.items.tolist(), labels.y.tolist(), strict=True))


def firsts(events: list[Event]) -> list[Event]:
    """Of each item the first."""
    found = {event.item: event for event in reversed(events)}
    return sorted(found.values(), key=lambda event: event.seq)


def first_labels(events: list[Event]) -> list[Event]:
    """The first label that each person gave each item, taken back or not."""
    first: dict[tuple[int, int], Event] = {}
    for event in events:
        if event.bought:
            first.setdefault((event.item, event.annotator_id), event)
    return list(first.values())


def called_anomalous(item: int, current: list[Event], bought: list[Event]) -> bool:
    """Whether the newest verdict says so, or without one anybody."""
    verdicts = [one for one in current if one.item == item and one.kind is EventKind.ADJUDICATION]
    said = verdicts[-1:] or [event for event in bought if event.item == item]
    return any(event.y < 0 for event in said)


def by_age(events: list[Event], y: int) -> list[int]:
    """The items with a label, by when they last came to have it."""
    since: dict[int, int] = {}
    known: dict[int, int] = {}
    for count, event in enumerate(events, 1):
        of_item = (other for other in events[:count] if other.item == event.item)
        label = as_dict(replay.labels(of_item)).get(event.item, 0)
        if label != known.get(event.item, 0):
            known[event.item], since[event.item] = label, event.seq
    return sorted((item for item in known if known[item] == y), key=since.__getitem__)
