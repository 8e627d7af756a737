"""Answers as they come from a browser: read them, store them, say what became of each.

A browser sends everything that it has no outcome for yet, as often as it takes; storing is
idempotent, so nothing is lost and nothing counts twice.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Self

from anomaly_core.errors import InvalidInput
from state.errors import Reason
from state.heard import UNREADABLE, name, number, perhaps, text, whole
from state.labeling.claims import Claims
from state.labeling.turns import in_turn
from state.store.drafts import AnswerDraft, Draft, Refusal, UndoDraft
from state.store.schema import Answer, EventKind
from state.store.store import Store

MOST = 2_000  # events at a time; a browser sends the others again
NOT_AT_A_DESK = "That cannot be said at a desk; settle it on Review."
AT_A_DESK = (EventKind.ANSWER, EventKind.SKIP, EventKind.REPEAT, EventKind.FLAG, EventKind.UNDO)


_ANSWER_FIELDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    # as the browser calls them: column of the event, and how to read it
    "item": ("item", whole),
    "version": ("model_version", whole),
    "strategy": ("strategy", text),
    "shown_at": ("shown_at", number),
    "note": ("note", text),
    "batch": ("batch", text),
}


@dataclass(frozen=True)
class Intake:
    """What became of a sending: for each uuid the number of its event, or why there is none.

    `unnamed` are the places in the sending of what has no uuid that could be told back.
    """

    stored: dict[str, int] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)  # of another store, or of another person
    unnamed: list[int] = field(default_factory=list)
    news: bool = False  # whether anything was stored that was not there before
    number: str = ""  # of the sending

    def old(self) -> Self:
        """The same, when its news has been acted upon."""
        return replace(self, news=False)

    def to_json(self) -> dict[str, Any]:
        """What goes back to the browser."""
        return {
            "number": self.number,
            "stored": self.stored,
            "refused": {
                uuid: {"reason": refusal.reason, "sentence": refusal.sentence}
                for uuid, refusal in self.refused.items()
            },
            "foreign": self.foreign,
            "unnamed": {"places": self.unnamed, "sentence": UNREADABLE},
        }


@in_turn
def take_in(store: Store, sending: str, sent: Sequence[Any], mine: Collection[int]) -> Intake:
    """Store what a browser sent, in one transaction, in the order it was given.

    `mine` are the annotators that the tab is known to answer as; what others said stays with the
    browser until it is theirs again. Raises StoreUnavailable or StoreDamaged when nothing can be
    stored; the browser sends it again.
    """
    intake = Intake(number=sending)
    projects = {project.id: project for project in store.projects.all()}
    known = cache(lambda: {person.id for person in store.people.all()})
    claims = {one: Claims(store, project) for one, project in projects.items()}
    drafts: list[Draft] = []
    for place, entry in enumerate(sent[:MOST]):
        uuid = perhaps(name, entry.get("uuid")) if isinstance(entry, Mapping) else None
        if uuid is None:
            intake.unnamed.append(place)
            continue
        try:
            draft = read_draft(entry)
            began = float(entry["created"])
            require(draft.annotator_id in mine or draft.annotator_id in known(), UNREADABLE)
        except (InvalidInput, KeyError, TypeError, ValueError, OverflowError) as error:
            sentence = str(error) if isinstance(error, InvalidInput) else UNREADABLE
            intake.refused[uuid] = Refusal(uuid, Reason.INVALID, sentence)
            continue
        project = projects.get(draft.project_id)
        if project is None or project.created_at != began or draft.annotator_id not in mine:
            intake.foreign.append(uuid)
        elif isinstance(draft, AnswerDraft):
            drafts.append(claims[project.id].settled(draft))
        else:
            drafts.append(draft)
    return _submit(store, drafts, intake) if drafts else intake


def require(holds: bool, sentence: str) -> None:
    """Raise InvalidInput unless something holds."""
    if not holds:
        raise InvalidInput(sentence)


def _submit(store: Store, drafts: Sequence[Draft], intake: Intake) -> Intake:
    news = False
    for outcome in store.events.submit(drafts):
        if isinstance(outcome, Refusal):
            intake.refused[outcome.uuid] = outcome
        else:
            intake.stored[outcome.event.uuid] = outcome.event.seq
            news |= not outcome.repeated
    return replace(intake, news=news)


def read_draft(entry: Mapping[str, Any]) -> Draft:
    """Read one event; raises InvalidInput, KeyError, TypeError or ValueError for a broken one."""
    identity: dict[str, Any] = {
        "uuid": text(entry["uuid"]),
        "project_id": whole(entry["project"]),
        "annotator_id": whole(entry["annotator"]),
        "pressed_at": number(entry["pressed_at"]),
    }
    kind = EventKind(text(entry["kind"]))
    require(kind in AT_A_DESK, NOT_AT_A_DESK)
    if kind is EventKind.UNDO:
        return UndoDraft(**identity, undoes=text(entry["undoes"]))
    given: dict[str, Any] = {
        column: read(entry[name])
        for name, (column, read) in _ANSWER_FIELDS.items()
        if entry.get(name) is not None
    }
    return AnswerDraft(
        **identity,
        **given,
        kind=kind,
        answer=Answer(text(entry["answer"])) if entry.get("answer") else None,
        prediction_shown=bool(entry.get("prediction_shown")),
    )
