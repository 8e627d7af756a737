"""What happened to one item of a project, and what it comes to."""

from collections.abc import Sequence
from typing import NamedTuple

from state.store.history import HINTS, Event
from state.store.schema import EventKind


class ItemHistory(NamedTuple):
    """Everything that happened to one item, oldest first.

    `current` are the events that are in force, `bought` the labels among them that the budget paid
    for, `changes` the labels +1/-1/0 that it has had, each with the number of the event that gave
    it.
    """

    item: int
    events: tuple[Event, ...] = ()
    current: tuple[Event, ...] = ()
    bought: tuple[Event, ...] = ()
    changes: tuple[tuple[int, int], ...] = ()

    def after(self, event: Event) -> "ItemHistory":
        """The same with one more event, the newest."""
        if event.kind is EventKind.UNDO:
            current = tuple(one for one in self.current if one.uuid != event.undoes)
        else:
            current = (*self.current, event)
        bought = tuple([one for one in current if one.bought])
        y, changes = label(current, bought), self.changes
        if y != self.y:
            changes = (*changes, (event.seq, y))
        return ItemHistory(self.item, (*self.events, event), current, bought, changes)

    @property
    def y(self) -> int:
        """Its label: +1 normal, -1 anomalous, 0 without one."""
        return self.changes[-1][1] if self.changes else 0

    def y_at(self, seq: int) -> int:
        """The label that it had after event number `seq`."""
        return next((y for since, y in reversed(self.changes) if since <= seq), 0)

    @property
    def answers(self) -> list[Event]:
        """The answers (normal, anomalous, unsure) that stand."""
        return [event for event in self.current if event.kind is EventKind.ANSWER]

    @property
    def flags(self) -> list[Event]:
        """The flags that stand."""
        return [event for event in self.current if event.kind is EventKind.FLAG]

    @property
    def verdict(self) -> Event | None:
        """The newest adjudication that stands, while a label that was paid for does too."""
        if not self.bought:
            return None
        found = (event for event in reversed(self.current) if event.kind is EventKind.ADJUDICATION)
        return next(found, None)

    @property
    def given(self) -> list[int]:
        """For each of `bought` the number of the event by which its annotator first labeled it."""
        first: dict[int, int] = {}
        for event in self.events:
            if event.bought:
                first.setdefault(event.annotator_id, event.seq)
        return [first[event.annotator_id] for event in self.bought]

    def complete(self, overlap: int) -> bool:
        """Whether it lacks no label: it has as many as the overlap asks for, or is settled."""
        return len(self.bought) >= overlap or self.verdict is not None

    @property
    def dealt_with(self) -> set[int]:
        """The annotators who have said of it what they will, so that it is not asked of them."""
        return {event.annotator_id for event in self.current if event.kind not in HINTS}


def label(current: Sequence[Event], bought: Sequence[Event]) -> int:
    """The label that the events in force give an item: a verdict, else the majority of `bought`.

    A verdict is free, so without a label that was paid for it comes to nothing.
    """
    if not bought:
        return 0
    verdicts = [event.y for event in current if event.kind is EventKind.ADJUDICATION]
    decided = verdicts[-1] if verdicts else sum([event.y for event in bought])
    return (decided > 0) - (decided < 0)
