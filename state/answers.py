"""What goes into the history of a project and what comes back: drafts and receipts."""

import math
from dataclasses import dataclass

from anomaly_core.errors import InvalidInput
from state.replay import Event
from state.schema import Answer, EventKind

_LARGEST_ITEM = 2**31 - 1
_IDENTITY_TAKEN = "Another event has this identity; reload the page and try again."


@dataclass(frozen=True, kw_only=True)
class AnswerDraft:
    """An answer, skip or flag as it comes from an annotator; `uuid` makes sending it again safe.

    `shown_at` and `pressed_at` are epoch seconds by the clock of the annotator. Raises InvalidInput
    when made of values that no event can have.
    """

    uuid: str
    project_id: int
    item: int
    annotator_id: int
    kind: EventKind = EventKind.ANSWER
    answer: Answer | None = None
    model_version: int | None = None
    round: int = 0
    strategy: str | None = None
    utility: float | None = None
    shown_at: float | None = None
    pressed_at: float

    def __post_init__(self) -> None:
        check_uuid(self.uuid)
        check_times(self.shown_at, self.pressed_at)
        if not 0 <= self.item <= _LARGEST_ITEM:
            raise InvalidInput(f"There is no item {self.item}; items are numbered from 0.")
        if self.kind is EventKind.UNDO or (self.kind is EventKind.ANSWER) != bool(self.answer):
            raise InvalidInput("Send an answer with its kind, or a skip or flag without an answer.")

    @property
    def y(self) -> int:
        """+1 or -1 for an answer that costs one from the budget, else 0."""
        return self.answer.y if self.answer is not None else 0

    def require_same(self, recorded: Event) -> None:
        """Raise InvalidInput unless the stored event is this draft, sent before."""
        identity = ("project_id", "item", "annotator_id", "kind", "answer")
        if any(getattr(self, name) != getattr(recorded, name) for name in identity):
            raise InvalidInput(_IDENTITY_TAKEN)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the store holds now that an event is in it; `repeated` when it already was."""

    seq: int
    uuid: str
    item: int
    kind: EventKind
    answer: Answer | None
    spent: int
    budget: int
    repeated: bool
    undone: Event | None = None


def check_uuid(uuid: str) -> None:
    """Raise InvalidInput unless the text can identify an event."""
    if not 0 < len(uuid) <= 36:
        raise InvalidInput("The answer came without a usable identity; reload the page.")


def check_times(shown_at: float | None, pressed_at: float) -> None:
    """Raise InvalidInput unless the times are numbers."""
    if not all(math.isfinite(at) for at in (shown_at or 0.0, pressed_at)):
        raise InvalidInput("The answer came without a usable time; reload the page.")


def require_same_undo(
    recorded: Event, project_id: int, annotator_id: int, undoes: str | None
) -> None:
    """Raise InvalidInput unless the stored event is this undo, sent before."""
    asked = (EventKind.UNDO, project_id, annotator_id, undoes or recorded.undoes)
    stored = (recorded.kind, recorded.project_id, recorded.annotator_id, recorded.undoes)
    if asked != stored:
        raise InvalidInput(_IDENTITY_TAKEN)
