"""What the history of a project means, by replaying all of its events; to compare with."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np

from state.store.history import HINTS, Event, LabeledItems, in_force, standing
from state.store.schema import EventKind

__all__ = ["adjudications", "changed", "handled_items", "in_force", "labels", "standing"]


def adjudications(events: Iterable[Event]) -> dict[int, Event]:
    """The newest adjudication of each item that has one, and a label that was paid for."""
    current = in_force(events)
    paid = {event.item for event in current if event.bought}
    return {e.item: e for e in current if e.kind is EventKind.ADJUDICATION and e.item in paid}


def labels(events: Iterable[Event]) -> LabeledItems:
    """The majority of the standing normal and anomalous answers; an item with a tie is left out.

    An adjudication settles its item, whatever the answers.
    """
    history = list(events)
    votes: dict[int, int] = defaultdict(int)
    for answer in standing(history):
        votes[answer.item] += answer.y
    votes.update({item: verdict.y for item, verdict in adjudications(history).items()})
    decided = sorted(item for item, vote in votes.items() if vote)
    return LabeledItems(
        items=np.array(decided, dtype=np.int64),
        y=np.array([1 if votes[item] > 0 else -1 for item in decided], dtype=np.int8),
        last_seq=max((event.seq for event in history), default=0),
    )


def changed(before: LabeledItems, after: LabeledItems) -> int:
    """How many items are labeled in only one of the two, or otherwise in each."""
    old, new = (dict(zip(known.items, known.y, strict=True)) for known in (before, after))
    return sum(old.get(item) != new.get(item) for item in old.keys() | new.keys())


def handled_items(events: Iterable[Event], annotator_id: int, overlap: int) -> set[int]:
    """Items not to be proposed to the annotator.

    Those are the items with `overlap` standing normal or anomalous answers, those with an
    adjudication that counts, and those that the annotator has answered (unsure too) or skipped
    without taking it back.
    """
    current = in_force(events)
    votes = Counter(event.item for event in current if event.bought)
    complete = {item for item, count in votes.items() if count >= overlap}
    complete |= adjudications(current).keys()
    return complete | {
        event.item
        for event in current
        if event.annotator_id == annotator_id and event.kind not in HINTS
    }
