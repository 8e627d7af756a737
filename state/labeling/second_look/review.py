"""Second looks: what is waiting for one, what happened to an item, and how it is settled."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from propcache import cached_property

from anomaly_core.errors import InvalidInput
from anomaly_core.suspicion import SUSPECT
from state.errors import NothingToUndo
from state.files.gallery import Gallery
from state.labeling.desk import NEWEST, Desk, Shown
from state.labeling.neighbors import nearest_labeled
from state.labeling.second_look.suspicions import Suspicions
from state.store.drafts import AnswerDraft, UndoDraft
from state.store.history import Event
from state.store.incremental.history import History
from state.store.incremental.indices import Keys, pair
from state.store.incremental.items import ItemHistory
from state.store.schema import Answer, EventKind, Role

REVIEW = "review"  # what asked for an answer that was given here, with the model's view on screen
ONLY_OWNERS = "Only an owner may change an answer here; take yours back on Label, or ask one."
NEIGHBORS = 4  # of each kind that are shown beside a case
LOOKS = 3.0  # times the minimum view of labeling: nobody settles a case at a glance


class SecondLook(StrEnum):
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

    `limit` is the distance beyond which it is flagged.

    `suspicion` runs from 0 to 1, `None` where there is no label to suspect.
    """

    item: int
    answers: tuple[Said, ...]
    verdict: Said | None
    flags: tuple[Said, ...]
    y: int
    distance: float | None
    R: float | None
    limit: float | None
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
        self.rule = desk.rule

    @cached_property
    def _past(self) -> History:
        """Everything that happened in the project."""
        return self.store.events.history(self.project.id)

    @cached_property
    def _names(self) -> dict[int, str]:
        return {person.id: person.name for person in self.store.people.all()}

    @cached_property
    def _suspicions(self) -> Suspicions | None:
        if self.gallery is None:
            return None
        first = self.store.models.all(self.project.id)[0]
        published = Gallery(self.settings.data_dir, self.project.id, first)
        return Suspicions(self._past, self.gallery, published)

    @cached_property
    def queues(self) -> dict[SecondLook, Sequence[int]]:
        """The items of each queue, what matters most first; what was settled has left it."""
        return {
            SecondLook.SUSPECTED: self._suspects,
            SecondLook.DISAGREEMENTS: self._past.items(disagreements),
            SecondLook.UNSURE: self._past.items(unsure, self.project.overlap),
            SecondLook.FLAGGED: self._past.items(flagged),
        }

    @cached_property
    def _suspects(self) -> list[int]:
        """The newest labels that are contradicted, without those that had a second look."""
        if self._suspicions is None or self.gallery is None:
            return []
        items, values = self._suspicions.lately()
        suspect = values > SUSPECT
        suspect[suspect] = ~np.isin(items[suspect], self.gallery.audit)  # must stay unprompted
        items, values = items[suspect], values[suspect]
        ranked = items[np.argsort(-values, kind="stable")]
        return [item for item in ranked.tolist() if not had_second_look(self._past.of(item))]

    def case(self, item: int) -> Case:
        """What is known of an item; raises InvalidInput where there is no such item."""
        if not 0 <= item < (self.project.pool_size or 0):
            raise InvalidInput(f"There is no item {item}; choose another one.")
        known = self.gallery is not None and self.gallery.knows(np.array([item])).all()
        score = float(self.gallery.of_model("scores")[item]) if self.gallery and known else None
        past = self._past.of(item)
        return Case(
            item=item,
            answers=tuple(map(self._said, past.answers)),
            verdict=self._said(past.verdict) if past.verdict else None,
            flags=tuple(map(self._said, past.flags)),
            y=past.y,
            distance=None if score is None else float(np.sqrt(score)),
            R=self.gallery.R if self.gallery else None,
            limit=self.rule.distance if self.rule else None,
            suspicion=self._suspicion(item),
        )

    def _suspicion(self, item: int) -> float | None:
        """How strongly the label of an item is contradicted; `None` without one."""
        if self._suspicions is None or not self._past.of(item).y:
            return None
        return float(self._suspicions.of(np.array([item]))[0])

    def reason(self, item: int) -> str:
        """What contradicts the label of an item; empty where it has none, or nothing does."""
        if self._suspicions is None or not self._past.of(item).y:
            return ""
        return self._suspicions.doubt(item).reason

    def alike(self, item: int) -> tuple[list[int], list[int]]:
        """The labeled images that an item is most like: the normal and the anomalous ones."""
        items = np.array([item])
        if self.gallery is None or not self.gallery.knows(items).all():
            return [], []
        labels, embeddings = self._past.newest_labels(NEWEST), self.gallery.embeddings
        return nearest_labeled(embeddings, items, labels, NEIGHBORS)[0]

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
        events = self._past.of(item).events
        undone = {event.undoes for event in events}
        return [self._said(event, taken_back=event.uuid in undone) for event in events]

    def right(self, item: int) -> Right:
        """What my word on an item would be; raises InvalidInput, and says why, where I have none.

        An owner's word settles an item, but a mistake in an answer that only the owner gave is just
        a change of it.
        """
        self.store.audit_log.require(self.me, Role.OWNER, ONLY_OWNERS)
        own, others = self._own(item), self._others(item)
        settled = self._past.of(item).verdict is not None
        if others or settled:
            return Right.ADJUDICATE
        if own is not None:
            return Right.CHANGE
        return Right.ANSWER

    def _own(self, item: int) -> Event | None:
        mine = (e for e in self._past.of(item).answers if e.annotator_id == self.me.id)
        return next(mine, None)

    def _others(self, item: int) -> bool:
        return any(e.annotator_id != self.me.id for e in self._past.of(item).bought)

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
            for event in self._past.of(item).current
            if event.annotator_id == self.me.id and event.strategy == REVIEW and event.kind.answers
        ]
        return said[-1] if said else None

    def take_back(self, word: Event, token: str) -> str:
        """Take my word back, so that what I said before it stands again; a token counts once.

        Raises what `right` raises, and NothingToUndo where it stands no more or is another's.
        """
        self.right(word.item)
        if word.annotator_id != self.me.id:
            raise NothingToUndo("That answer is not yours; settle the image instead.")
        before = self._replaced_by(word)
        if before is None or before.answer is None:
            self._undo(word, token)
        elif word in self._past.of(word.item).answers:
            self._change(word.item, before.answer, before.note or "", token)
        else:
            raise NothingToUndo("That answer has been changed meanwhile; look at its history.")
        self._forget()
        return f"Item {word.item:,} is {self.case(word.item).label} again."

    def _replaced_by(self, word: Event) -> Event | None:
        """My answer that a changed one has taken the place of."""
        known = {event.uuid: event for event in self._past.of(word.item).events}
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
        mine = (e for e in self._past.of(item).flags if e.annotator_id == self.me.id)
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


def disagreements(one: ItemHistory) -> Keys:
    """The items that are called both normal and anomalous, by their first answer."""
    if one.verdict or not {1, -1} <= {event.y for event in one.answers}:
        return []
    return [pair(one.answers[0].seq, one.item)]


def unsure(one: ItemHistory, overlap: int) -> Keys:
    """The items that somebody is unsure of and that lack labels, by their first answer."""
    if one.complete(overlap) or not any(event.y == 0 for event in one.answers):
        return []
    return [pair(one.answers[0].seq, one.item)]


def flagged(one: ItemHistory) -> Keys:
    """The items that were flagged after they were settled, if they were, by their first flag."""
    settled = one.verdict.seq if one.verdict else 0
    if not any(flag.seq > settled for flag in one.flags):
        return []
    return [pair(one.flags[0].seq, one.item)]


def had_second_look(one: ItemHistory) -> bool:
    """Whether somebody has looked at the answers to an item, and let them be or settled it."""
    return bool(one.verdict) or any(event.strategy == REVIEW for event in one.answers)
