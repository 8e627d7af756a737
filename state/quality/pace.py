"""How a team works: everyone's pace, and how far they agree with each other and themselves."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, pairwise
from statistics import median

import numpy as np
from propcache import cached_property

from anomaly_core.agreement import Agreement, Consistency, agreement, consistency
from state.labeling.second_look.review import REVIEW
from state.store.history import Event
from state.store.incremental.history import History
from state.store.incremental.indices import (
    Keys,
    PersonKeys,
    bought,
    bought_from,
    by_person,
    item_of,
    pair,
    repeats,
)
from state.store.incremental.items import ItemHistory
from state.store.incremental.persistent import SortedKeys
from state.store.people import Annotator
from state.store.schema import EventKind
from state.store.store import Store

LONGEST_PAUSE = 60.0  # seconds between two labels that still count as work
LATEST = 1_000  # labels, or events of a person, from which a pace is told
COMPARED = 5_000  # items that several people labeled, the newest, by which they are compared


@dataclass(frozen=True)
class Pace:
    """One person's figures. `labels` are the answers that cost one; undefined is `None`.

    `seconds` is the median from an image on screen to the key, each image of a batch having its
    share; `per_minute` counts labels, see the function; both are of the latest work.
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
        self.history = store.events.history(project_id)

    @cached_property
    def paces(self) -> list[Pace]:
        """The figures of everyone who did something here."""
        of_person = self.history.of_person
        return [self._pace(one) for one in self.people if len(of_person(events_of, one.id))]

    def _pace(self, person: Annotator) -> Pace:
        of_person, me = self.history.of_person, person.id
        latest = newest(self.history, of_person(events_of, me))
        times = seconds_each(self._in_force(latest))
        answers, shown = len(of_person(answers_of, me)), len(of_person(prompted_answers_of, me))
        return Pace(
            person=person,
            answers=answers,
            labels=len(of_person(bought_from, me)),
            seconds=median(times) if times else None,
            per_minute=per_minute(newest(self.history, of_person(bought_from, me))),
            prediction_shown=shown / answers if answers else None,
            consistency=self._consistency(me),
        )

    def _in_force(self, events: Iterable[Event]) -> list[Event]:
        return [event for event in events if event in self.history.of(event.item).current]

    def _consistency(self, me: int) -> Consistency:
        """Compare one person's repeats with the answers before, where no prediction was shown."""
        pairs = [
            (answers_before(self.history.of(again.item), again)[-1], again)
            for again in self.history.events(self.history.of_person(repeats, me))
        ]
        blind = [(a, b) for a, b in pairs if not (a.prediction_shown or b.prediction_shown)]
        return consistency([a.answer for a, _ in blind], [b.answer for _, b in blind])

    @cached_property
    def raters(self) -> list[Annotator]:
        """Everyone who labeled something, in the order of the rows of `agreement`."""
        of_person = self.history.of_person
        return [one for one in self.people if len(of_person(independent_labels, one.id))]

    @cached_property
    def agreement(self) -> Agreement:
        """How far the raters agreed before they had seen each other's answers."""
        rows = {person.id: row for row, person in enumerate(self.raters)}
        compared = list(islice(reversed(self.history.index(several_labels)), COMPARED))
        ratings = np.zeros((len(rows), len(compared)), np.int64)
        for column, key in enumerate(compared):
            for event in independent(self.history.of(item_of(key))):
                ratings[rows[event.annotator_id], column] = event.y
        return agreement(ratings)


def newest(history: History, keys: SortedKeys) -> list[Event]:
    """The latest events of an index by time, oldest first."""
    return list(history.events(islice(reversed(keys), LATEST)))[::-1]


def events_of(one: ItemHistory) -> PersonKeys:
    """All that each person did, taken back or not, by when it was."""
    return by_person(one.events)


def answers_of(one: ItemHistory) -> PersonKeys:
    """The answers of each person that stand, by when they were given."""
    return by_person(one.answers)


def prompted_answers_of(one: ItemHistory) -> PersonKeys:
    """The same for those that were given with the model's opinion on screen."""
    return by_person([event for event in one.answers if event.prediction_shown])


def answers_before(one: ItemHistory, event: Event) -> list[Event]:
    """What the person of an event had answered about its item before, taken back or not."""
    return [
        earlier
        for earlier in one.events
        if earlier.kind is EventKind.ANSWER
        and earlier.annotator_id == event.annotator_id
        and earlier.seq < event.seq
    ]


def independent(one: ItemHistory) -> list[Event]:
    """The labels as people gave them by themselves: what they changed on review is as before."""
    kept = []
    for event in one.answers:
        known = answers_before(one, event) if event.strategy == REVIEW else [event]
        kept += [earlier for earlier in known if earlier.strategy != REVIEW][-1:]
    return [event for event in kept if event.y]


def independent_labels(one: ItemHistory) -> PersonKeys:
    """Those of each person, by when they were given."""
    return by_person(independent(one))


def several_labels(one: ItemHistory) -> Keys:
    """The items that more than one person labeled so, by when the last of them did."""
    labels = independent(one)
    return [pair(max(e.seq for e in labels), one.item)] if len(labels) > 1 else []


def seconds_each(events: list[Event]) -> list[float]:
    """Seconds from screen to key of every timed answer; those of a batch share theirs."""
    together = Counter(event.batch for event in events)
    return [
        (event.pressed_at - event.shown_at) / (together[event.batch] if event.batch else 1)
        for event in events
        if event.kind in (EventKind.ANSWER, EventKind.REPEAT) and event.shown_at is not None
    ]


def per_minute(*people: list[Event]) -> float | None:
    """Labels per minute of work of one person, from the labels of each, without breaks.

    Breaks of more than a minute are left out. What was sent together, on Batch, shares its seconds.
    `None` before two sendings of the same person.
    """
    seconds = [each for labels in people for each in seconds_between(labels)]
    return 60 * len(seconds) / sum(seconds) if sum(seconds) > 0 else None


def labels_per_minute(history: History) -> float | None:
    """Labels per minute by the latest of a project, see `per_minute`; not those taken back."""
    labels = newest(history, history.index(bought))
    people = {event.annotator_id for event in labels}
    return per_minute(*([e for e in labels if e.annotator_id == person] for person in people))


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
