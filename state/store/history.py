"""Events, and which of them count: pure, and in whatever order the events are handed in."""

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
