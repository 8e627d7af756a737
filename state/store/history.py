"""What the history of a project means: labels are what replaying its events gives.

Pure functions; the order in which the events are handed in does not matter.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from state.store.schema import Answer, EventKind


class Event(NamedTuple):
    """One thing that happened to an item; never changed once stored. Times in epoch seconds."""

    seq: int
    uuid: str
    project_id: int
    item: int
    annotator_id: int
    revision: int
    kind: EventKind
    answer: Answer | None
    undoes: str | None
    model_version: int | None
    round: int
    strategy: str | None
    utility: float | None
    shown_at: float | None
    pressed_at: float
    received_at: float
    prediction_shown: bool = False
    note: str | None = None
    batch: str | None = None

    @property
    def y(self) -> int:
        """+1 for a normal answer, -1 for an anomalous one, 0 for everything else."""
        return self.answer.y if self.answer is not None else 0

    @property
    def bought(self) -> bool:
        """Whether the event is a label that the budget paid for."""
        return self.kind is EventKind.ANSWER and self.y != 0


HINTS = (EventKind.FLAG, EventKind.REPEAT)  # that leave an item to be answered as it was


class LabeledItems(NamedTuple):
    """The labels of a project, one per item, by rising item number."""

    items: NDArray[np.int64]  # (n,)
    y: NDArray[np.int8]  # (n,) +1 normal, -1 anomalous
    last_seq: int  # number of the newest event they include, 0 without any


def in_force(events: Iterable[Event]) -> list[Event]:
    """Everything that was not taken back, by rising `seq`, without the undo events themselves."""
    history = sorted(events, key=lambda event: event.seq)
    undone = {event.undoes for event in history}
    return [e for e in history if e.kind is not EventKind.UNDO and e.uuid not in undone]


def standing(events: Iterable[Event]) -> list[Event]:
    """The answers (normal, anomalous, unsure) that were not taken back, by rising `seq`."""
    return [event for event in in_force(events) if event.kind is EventKind.ANSWER]


def adjudications(events: Iterable[Event]) -> dict[int, Event]:
    """The newest adjudication of each item that has one."""
    return {e.item: e for e in in_force(events) if e.kind is EventKind.ADJUDICATION}


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

    Those are the items with `overlap` standing normal or anomalous answers, those that were
    adjudicated, and those that the annotator has answered (unsure too) or skipped without taking
    it back.
    """
    current = in_force(events)
    votes = Counter(event.item for event in current if event.bought)
    complete = {item for item, count in votes.items() if count >= overlap}
    complete |= {event.item for event in current if event.kind is EventKind.ADJUDICATION}
    return complete | {
        event.item
        for event in current
        if event.annotator_id == annotator_id and event.kind not in HINTS
    }
