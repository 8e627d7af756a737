"""How a team works: everyone's pace, and how far they agree with each other and themselves."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median

import numpy as np

from anomaly_core.agreement import Agreement, Consistency, agreement, consistency
from state.labeling.review import REVIEW
from state.store import history as replay
from state.store.history import Event
from state.store.people import Annotator
from state.store.schema import EventKind
from state.store.store import Store

LONGEST_PAUSE = 60.0  # seconds between two keys that still count as work
WORK = (EventKind.ANSWER, EventKind.SKIP, EventKind.REPEAT)


@dataclass(frozen=True)
class Pace:
    """One person's figures. `labels` are the answers that cost one; undefined is `None`.

    `seconds` is the median from an image on screen to the key, each image of a batch having its
    share; `per_minute` counts keys in active time, without pauses of more than a minute;
    `prediction_shown` is the share of answers given with the model's opinion on screen.
    """

    person: Annotator
    answers: int
    labels: int
    seconds: float | None
    per_minute: float | None
    prediction_shown: float | None
    consistency: Consistency


class TeamWork:
    """What the people of a project have done."""

    def __init__(self, store: Store, project_id: int) -> None:
        self.people = store.people.all()
        self.events = store.events.since(project_id)

    @cached_property
    def _current(self) -> list[Event]:
        return replay.in_force(self.events)

    @cached_property
    def paces(self) -> list[Pace]:
        """The figures of everyone who did something here."""
        active = {event.annotator_id for event in self.events}
        return [self._pace(person) for person in self.people if person.id in active]

    def _pace(self, person: Annotator) -> Pace:
        own = [event for event in self._current if event.annotator_id == person.id]
        answers = [event for event in own if event.kind is EventKind.ANSWER]
        shown = [event.prediction_shown for event in answers]
        return Pace(
            person=person,
            answers=len(answers),
            labels=sum(event.bought for event in answers),
            seconds=median(times) if (times := seconds_each(own)) else None,
            per_minute=per_minute([e for e in self.events if e.annotator_id == person.id]),
            prediction_shown=sum(shown) / len(shown) if shown else None,
            consistency=repeated([e for e in self.events if e.annotator_id == person.id]),
        )

    @cached_property
    def raters(self) -> list[Annotator]:
        """Everyone who labeled something, in the order of the rows of `agreement`."""
        active = {event.annotator_id for event in independent(self.events)}
        return [person for person in self.people if person.id in active]

    @cached_property
    def agreement(self) -> Agreement:
        """How far the raters agreed before they had seen each other's answers."""
        answers = independent(self.events)
        rows = {person.id: row for row, person in enumerate(self.raters)}
        columns = {item: column for column, item in enumerate({e.item: 0 for e in answers})}
        ratings = np.zeros((len(rows), len(columns)), np.int64)
        for event in answers:
            ratings[rows[event.annotator_id], columns[event.item]] = event.y
        return agreement(ratings)


def independent(events: list[Event]) -> list[Event]:
    """The labels as people gave them by themselves: what they changed on review is as before."""
    kept: dict[tuple[int, int], Event] = {}
    for event in replay.standing(events):
        kept[event.item, event.annotator_id] = event
    for key, event in kept.items():
        if event.strategy == REVIEW:
            kept[key] = _before(events, event) or event
    return [event for event in kept.values() if event.y and event.strategy != REVIEW]


def _before(events: list[Event], changed: Event) -> Event | None:
    """What the same person said about the same item before."""
    earlier = [
        event
        for event in events
        if event.kind is EventKind.ANSWER
        and (event.item, event.annotator_id) == (changed.item, changed.annotator_id)
        and event.seq < changed.seq
        and event.strategy != REVIEW
    ]
    return max(earlier, key=lambda event: event.seq, default=None)


def seconds_each(events: list[Event]) -> list[float]:
    """Seconds from screen to key of every timed answer; those of a batch share theirs."""
    together = Counter(event.batch for event in events)
    return [
        (event.pressed_at - event.shown_at) / (together[event.batch] if event.batch else 1)
        for event in events
        if event.kind in (EventKind.ANSWER, EventKind.REPEAT) and event.shown_at is not None
    ]


def per_minute(events: list[Event]) -> float | None:
    """Keys per minute of active time: without pauses; `None` for fewer than two keys in a row."""
    pressed = sorted(event.pressed_at for event in events if event.kind in WORK)
    gaps = [after - before for before, after in pairwise(pressed)]
    active = [gap for gap in gaps if gap <= LONGEST_PAUSE]
    return 60 * len(active) / sum(active) if sum(active) > 0 else None


def labels_per_minute(events: list[Event]) -> float | None:
    """Labels per minute of work: 60 over the median seconds from one label to the next.

    Breaks of more than a minute are left out, labels that were taken back too. What one person
    sent together, on Batch, shares its seconds. `None` before two sendings of the same person.
    """
    bought = [event for event in replay.standing(events) if event.bought]
    people = {event.annotator_id for event in bought}
    seconds = [
        each
        for person in people
        for each in seconds_between([e for e in bought if e.annotator_id == person])
    ]
    middle = median(seconds) if seconds else 0.0
    return 60 / middle if middle > 0 else None


def seconds_between(labels: list[Event]) -> list[float]:
    """Seconds that each of one person's labels took after the sending before, without breaks."""
    sendings: dict[str, list[Event]] = {}
    for label in sorted(labels, key=lambda label: label.pressed_at):
        sendings.setdefault(label.batch or label.uuid, []).append(label)
    seconds: list[float] = []
    for before, after in pairwise(sendings.values()):
        each = (after[-1].pressed_at - before[-1].pressed_at) / len(after)
        seconds += [each] * len(after) if each <= LONGEST_PAUSE else []
    return seconds


def repeated(events: list[Event]) -> Consistency:
    """Compare one person's repeats with the answers before, where no prediction was shown."""
    undone = {event.undoes for event in events}
    first: dict[int, Event] = {}
    pairs: list[tuple[Event, Event]] = []
    for event in sorted(events, key=lambda event: event.seq):
        if event.kind is EventKind.ANSWER:
            first[event.item] = event
        elif event.kind is EventKind.REPEAT and event.uuid not in undone:
            pairs.append((first[event.item], event))
    blind = [(a, b) for a, b in pairs if not (a.prediction_shown or b.prediction_shown)]
    return consistency([a.answer for a, _ in blind], [b.answer for _, b in blind])
