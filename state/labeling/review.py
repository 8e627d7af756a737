"""Second looks: what is waiting for one, what happened to an item, and how it is settled."""

import time
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from anomaly_core.errors import InvalidInput
from anomaly_core.suspicion import SUSPECT, suspicion
from state.errors import NothingToUndo
from state.files import artifacts
from state.files.gallery import Gallery
from state.labeling.desk import Desk, Shown
from state.store import history as replay
from state.store.drafts import AnswerDraft, UndoDraft
from state.store.history import Event
from state.store.schema import Answer, EventKind, Role

REVIEW = "review"  # what asked for an answer that was given here, with the model's view on screen
ONLY_LOOKING = "You may look but not answer; an owner can make you an annotator on Team."
SETTLED = "An owner has settled this item; ask an owner to settle it anew."
LOOKS = 3.0  # times the minimum view of labeling: nobody settles a case at a glance
COMPLETE = "Others have labeled this item; one of them or an owner can change it."


class Queue(StrEnum):
    """Why an item waits for a second look."""

    SUSPECTED = "suspected"
    DISAGREEMENTS = "disagreements"
    UNSURE = "unsure"
    FLAGGED = "flagged"


class Right(StrEnum):
    """What somebody's word on an item is: a verdict, a change of the own answer, or a new one."""

    ADJUDICATE = "adjudicate"
    CHANGE = "change"
    ANSWER = "answer"


@dataclass(frozen=True)
class Said:
    """Who said what about an item, and when (epoch seconds)."""

    who: str
    what: str
    at: float
    note: str | None = None
    model_version: int | None = None
    taken_back: bool = False


@dataclass(frozen=True)
class Case:
    """An item under review. `y` is its label, 0 without one; `distance` and `R` are the model's.

    `suspicion` runs from 0 to 1, `None` where there is no label to suspect.
    """

    item: int
    answers: tuple[Said, ...]
    verdict: Said | None
    flags: tuple[Said, ...]
    y: int
    distance: float | None
    R: float | None
    suspicion: float | None

    @property
    def label(self) -> str:
        """The label in a word."""
        return word_for(self.y)


class Review:
    """What one annotator can look at again in one project."""

    def __init__(self, desk: Desk) -> None:
        self.store = desk.store
        self.project = desk.project
        self.me = desk.annotator
        self.gallery = desk.gallery
        self.settings = desk.settings

    @cached_property
    def events(self) -> list[Event]:
        """Everything that happened in the project, oldest first."""
        return self.store.events.since(self.project.id)

    @cached_property
    def _names(self) -> dict[int, str]:
        return {person.id: person.name for person in self.store.people.all()}

    @cached_property
    def _verdicts(self) -> dict[int, Event]:
        return replay.adjudications(self.events)

    @cached_property
    def _answers(self) -> dict[int, list[Event]]:
        return _by_item(replay.standing(self.events))

    @cached_property
    def _flags(self) -> dict[int, list[Event]]:
        return _by_item(e for e in replay.in_force(self.events) if e.kind is EventKind.FLAG)

    @cached_property
    def _labels(self) -> dict[int, int]:
        labels = replay.labels(self.events)
        return dict(zip(labels.items.tolist(), labels.y.tolist(), strict=True))

    @cached_property
    def _suspicion(self) -> dict[int, float]:
        """How strongly each label is contradicted; see `anomaly_core.suspicion`."""
        if self.gallery is None or not self._labels:
            return {}
        first = Gallery(
            self.settings.data_dir, self.project.id, self.store.models.all(self.project.id)[0]
        )
        scores = self.gallery.of_model("scores")[list(self._labels)]
        values = _suspicions(
            tuple(self._labels.items()),
            tuple(scores.tolist()),
            self.gallery.R,
            first.version / "embeddings.npy" if first.embeddings is not None else None,
        )
        return dict(zip(self._labels, values, strict=True))

    @cached_property
    def queues(self) -> dict[Queue, list[int]]:
        """The items of each queue, what matters most first; what was settled has left it."""
        open_ = [item for item in self._answers if item not in self._verdicts]
        audit = set(self.gallery.audit.tolist()) if self.gallery else set()  # must stay unprompted
        suspects = [
            item for item in open_ if self._suspicion.get(item, 0) > SUSPECT and item not in audit
        ]
        return {
            Queue.SUSPECTED: sorted(
                (item for item in suspects if not self._reviewed(item)),
                key=lambda item: -self._suspicion[item],
            ),
            Queue.DISAGREEMENTS: [item for item in open_ if {1, -1} <= self._votes(item)],
            Queue.UNSURE: [item for item in open_ if 0 in self._votes(item) and self._wanted(item)],
            Queue.FLAGGED: [item for item in self._flags if self._flag_is_open(item)],
        }

    def _votes(self, item: int) -> set[int]:
        return {event.y for event in self._answers[item]}

    def _wanted(self, item: int) -> bool:
        """Whether the item still lacks labels."""
        bought = sum(event.bought for event in self._answers.get(item, ()))
        return bought < self.project.overlap

    def _reviewed(self, item: int) -> bool:
        return any(event.strategy == REVIEW for event in self._answers[item])

    def _flag_is_open(self, item: int) -> bool:
        settled = self._verdicts[item].seq if item in self._verdicts else 0
        return any(flag.seq > settled for flag in self._flags[item])

    def case(self, item: int) -> Case:
        """What is known of an item; raises InvalidInput where there is no such item."""
        if not 0 <= item < (self.project.pool_size or 0):
            raise InvalidInput(f"There is no item {item}; choose another one.")
        score = float(self.gallery.of_model("scores")[item]) if self.gallery else None
        verdict = self._verdicts.get(item)
        return Case(
            item=item,
            answers=tuple(map(self._said, self._answers.get(item, ()))),
            verdict=self._said(verdict) if verdict else None,
            flags=tuple(map(self._said, self._flags.get(item, ()))),
            y=self._labels.get(item, 0),
            distance=None if score is None else float(np.sqrt(score)),
            R=self.gallery.R if self.gallery else None,
            suspicion=self._suspicion.get(item),
        )

    def _said(self, event: Event, *, taken_back: bool = False) -> Said:
        return Said(
            who=self._names[event.annotator_id],
            what=_words(event),
            at=event.pressed_at,
            note=event.note,
            model_version=event.model_version,
            taken_back=taken_back,
        )

    def history(self, item: int) -> list[Said]:
        """Everything that happened to an item, oldest first, also what was taken back."""
        events = [event for event in self.events if event.item == item]
        undone = {event.undoes for event in events}
        return [self._said(event, taken_back=event.uuid in undone) for event in events]

    def right(self, item: int) -> Right:
        """What my word on an item would be; raises InvalidInput, and says why, where I have none.

        An owner's word settles an item, but a mistake in an answer that only the owner gave is just
        a change of it.
        """
        if not self.me.may_answer:
            raise InvalidInput(ONLY_LOOKING)
        own, others = self._own(item), self._others(item)
        if self.me.role is Role.OWNER and (others or item in self._verdicts):
            return Right.ADJUDICATE
        if item in self._verdicts:
            raise InvalidInput(SETTLED)
        if own is not None:
            return Right.CHANGE
        if not self._wanted(item):
            raise InvalidInput(COMPLETE)
        return Right.ANSWER

    def _own(self, item: int) -> Event | None:
        mine = (e for e in self._answers.get(item, ()) if e.annotator_id == self.me.id)
        return next(mine, None)

    def _others(self, item: int) -> bool:
        answers = self._answers.get(item, ())
        return any(e.y and e.annotator_id != self.me.id for e in answers)

    def too_fast(self, shown: Shown, now: float | None = None) -> bool:
        """Tell a held key or a double click from a decision about what has just appeared."""
        return ((now or time.time()) - shown.at) * 1000 < LOOKS * self.settings.minimum_view_ms

    def settle(self, item: int, answer: Answer, note: str, token: str) -> str:
        """Give my word on an item and return what changed; the same token counts once.

        Raises InvalidInput where I have no word, and what `Store.accept` raises.
        """
        act = {
            Right.ADJUDICATE: self._adjudicate,
            Right.CHANGE: self._change,
            Right.ANSWER: self._answer,
        }[self.right(item)]
        before = self.case(item).label
        act(item, answer, note, token)
        self._forget()
        after = self.case(item).label
        if before == after:
            return f"Item {item:,} stays {after}."
        return f"Item {item:,} is {after} now; before, it was {before}."

    def _adjudicate(self, item: int, answer: Answer, note: str, token: str) -> None:
        self.store.events.accept(self._draft(EventKind.ADJUDICATION, item, answer, note, token))

    def _answer(self, item: int, answer: Answer, note: str, token: str) -> None:
        self.store.events.accept(self._draft(EventKind.ANSWER, item, answer, note, token))

    def _change(self, item: int, answer: Answer, note: str, token: str) -> None:
        own = self._own(item)
        assert own is not None
        if token == own.uuid:
            return  # a second press of the button that made this answer
        undo = UndoDraft(
            uuid=_undo_of(token),
            project_id=self.project.id,
            annotator_id=self.me.id,
            pressed_at=time.time(),
            undoes=own.uuid,
        )
        self.store.events.relabel(self._draft(EventKind.ANSWER, item, answer, note, token), undo)

    def _draft(
        self, kind: EventKind, item: int, answer: Answer, note: str, token: str
    ) -> AnswerDraft:
        return AnswerDraft(
            uuid=token,
            project_id=self.project.id,
            item=item,
            annotator_id=self.me.id,
            kind=kind,
            answer=answer,
            model_version=self.gallery.model.version if self.gallery else None,
            round=self.gallery.model.round if self.gallery else 0,
            strategy=REVIEW,
            pressed_at=time.time(),
            prediction_shown=True,
            note=note.strip() or None,
        )

    def last_word(self, item: int) -> Event | None:
        """What I said last about an item on a second look, while it stands."""
        said = [
            event
            for event in replay.in_force(self.events)
            if (event.item, event.annotator_id) == (item, self.me.id)
            and event.strategy == REVIEW
            and event.kind.answers
        ]
        return said[-1] if said else None

    def take_back(self, word: Event, token: str) -> str:
        """Take my word back, so that what I said before it stands again; a token counts once.

        Raises what `right` raises, and NothingToUndo where it stands no more.
        """
        self.right(word.item)
        before = self._replaced_by(word)
        if before is None or before.answer is None:
            self._undo(word, token)
        elif word.uuid in {event.uuid for event in self._answers.get(word.item, ())}:
            self._change(word.item, before.answer, before.note or "", token)
        else:
            raise NothingToUndo("That answer has been changed meanwhile; look at its history.")
        self._forget()
        return f"Item {word.item:,} is {self.case(word.item).label} again."

    def _replaced_by(self, word: Event) -> Event | None:
        """My answer that a changed one has taken the place of."""
        known = {event.uuid: event for event in self.events}
        undo = known.get(_undo_of(word.uuid))
        return known.get(undo.undoes or "") if undo else None

    def _undo(self, word: Event, token: str) -> None:
        self.store.events.undo(
            project_id=self.project.id,
            annotator_id=self.me.id,
            uuid=token,
            pressed_at=time.time(),
            undoes=word.uuid,
        )

    def may_unflag(self, item: int) -> bool:
        """Whether a flag of mine is on the item."""
        return self.me.may_answer and self._own_flag(item) is not None

    def unflag(self, item: int, token: str) -> str:
        """Take my flag off an item; raises NothingToUndo where there is none of mine."""
        if (flag := self._own_flag(item)) is None:
            raise NothingToUndo("There is no flag of yours on this item; settle it instead.")
        self._undo(flag, token)
        self._forget()
        return f"Your flag is off item {item:,}."

    def _own_flag(self, item: int) -> Event | None:
        mine = (e for e in self._flags.get(item, ()) if e.annotator_id == self.me.id)
        return next(mine, None)

    def _forget(self) -> None:
        """Read everything anew from the store."""
        for name, known in vars(Review).items():
            if isinstance(known, cached_property):
                vars(self).pop(name, None)


def _undo_of(token: str) -> str:
    """The identity of the undo that comes with a changed answer."""
    return str(uuid.uuid5(uuid.UUID(token), "undo"))


def word_for(y: int) -> str:
    """A label in a word."""
    return {1: "normal", -1: "anomalous"}.get(y, "without a label")


def _words(event: Event) -> str:
    """What an event says, in a few words."""
    answer = event.answer or ""
    return {
        EventKind.REPEAT: f"again {answer}",
        EventKind.ADJUDICATION: f"settled as {answer}",
        EventKind.UNDO: "took back",
        EventKind.SKIP: "skipped",
        EventKind.FLAG: "flagged",
    }.get(event.kind, answer)


def _by_item(events: Iterable[Event]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        found[event.item].append(event)
    return dict(found)


@lru_cache(maxsize=32)
def _suspicions(
    labels: tuple[tuple[int, int], ...],
    scores: tuple[float, ...],
    R: float,
    embeddings: Path | None,
) -> tuple[float, ...]:
    """Suspect labels (item, y) with their scores; the file of embeddings is of the whole pool."""
    items, y = (np.array(column, np.int64) for column in zip(*labels, strict=True))
    z = None if embeddings is None else artifacts.read_array(embeddings)[items]
    return tuple(suspicion(y, np.array(scores), R, z).tolist())
