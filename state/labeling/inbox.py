"""Answers as they come from a browser: read them, store them, say what became of each.

A browser sends everything that it has no outcome for yet, as often as it takes; storing is
idempotent, so nothing is lost and nothing counts twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from anomaly_core.errors import InvalidInput
from state.errors import Reason
from state.store.drafts import AnswerDraft, Draft, Refusal, UndoDraft
from state.store.schema import Answer, EventKind
from state.store.store import Store

UNREADABLE = "An answer could not be read; reload the page and give it again."

_ANSWER_FIELDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    # as the browser calls them: column of the event, and how to read it
    "item": ("item", int),
    "version": ("model_version", int),
    "round": ("round", int),
    "strategy": ("strategy", str),
    "utility": ("utility", float),
    "shown_at": ("shown_at", float),
    "note": ("note", str),
    "batch": ("batch", str),
}


@dataclass(frozen=True)
class Intake:
    """What became of a sending: for each uuid the number of its event, or why there is none."""

    stored: dict[str, int] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)  # of a project that is not in this store
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
        }


def take_in(store: Store, number: str, sent: Sequence[Any]) -> Intake:
    """Store what a browser sent, in one transaction, in the order it was given.

    Raises StoreUnavailable or StoreDamaged when nothing can be stored; the browser sends it again.
    """
    intake = Intake(number=number)
    known = {project.id: project.created_at for project in store.projects.all()}
    drafts: list[Draft] = []
    for entry in sent:
        name = str(entry.get("uuid", ""))[:36] if isinstance(entry, Mapping) else ""
        try:
            draft = read_draft(entry)
        except (InvalidInput, KeyError, TypeError, ValueError, OverflowError):
            intake.refused[name] = Refusal(name, Reason.INVALID, UNREADABLE)
            continue
        if known.get(draft.project_id) != entry.get("created"):
            intake.foreign.append(name)
        else:
            drafts.append(draft)
    return _submit(store, drafts, intake) if drafts else intake


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
        "uuid": str(entry["uuid"]),
        "project_id": int(entry["project"]),
        "annotator_id": int(entry["annotator"]),
        "pressed_at": float(entry["pressed_at"]),
    }
    kind = EventKind(entry["kind"])
    if kind is EventKind.UNDO:
        return UndoDraft(**identity, undoes=str(entry["undoes"]))
    given: dict[str, Any] = {
        column: read(entry[name])
        for name, (column, read) in _ANSWER_FIELDS.items()
        if entry.get(name) is not None
    }
    return AnswerDraft(
        **identity,
        **given,
        kind=kind,
        answer=Answer(entry["answer"]) if entry.get("answer") else None,
        prediction_shown=bool(entry.get("prediction_shown")),
    )
