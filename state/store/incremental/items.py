"""What happened to one item of a project, and what it comes to."""

from collections.abc import Iterable
from typing import NamedTuple

from state.store.history import HINTS, Event
from state.store.schema import EventKind


class ItemHistory(NamedTuple):
    """Everything that happened to one item, oldest first.

    `current` are the events that are in force, `changes` the labels +1/-1/0 that it has had, each
    with the number of the event that gave it.
    """

    item: int
    events: tuple[Event, ...] = ()
    current: tuple[Event, ...] = ()
    changes: tuple[tuple[int, int], ...] = ()

    def after(self, event: Event) -> "ItemHistory":
        """The same with one more event, the newest."""
        if event.kind is EventKind.UNDO:
            current = tuple(one for one in self.current if one.uuid != event.undoes)
        else:
            current = (*self.current, event)
        y, changes = label(current), self.changes
        if y != self.y:
            changes = (*changes, (event.seq, y))
        return ItemHistory(self.item, (*self.events, event), current, changes)

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
    def bought(self) -> list[Event]:
        """The labels that stand and that the budget paid for."""
        return [event for event in self.current if event.bought]

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

    def complete(self, overlap: int) -> bool:
        """Whether it lacks no label: it has as many as the overlap asks for, or is settled."""
        return len(self.bought) >= overlap or self.verdict is not None

    def closed_to(self, annotator_id: int, overlap: int) -> bool:
        """Whether it is not to be proposed to the annotator."""
        return self.complete(overlap) or any(
            event.annotator_id == annotator_id and event.kind not in HINTS for event in self.current
        )


def label(current: Iterable[Event]) -> int:
    """The label that the events in force give an item: a verdict, else the majority.

    A verdict is free, so without a label that was paid for it comes to nothing.
    """
    votes, verdict, paid = 0, None, False
    for event in current:
        votes += event.y if event.bought else 0
        paid = paid or event.bought
        verdict = event if event.kind is EventKind.ADJUDICATION else verdict
    decided = votes if verdict is None or not paid else verdict.y
    return (decided > 0) - (decided < 0)
