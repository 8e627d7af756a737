"""What goes into the history of a project and what comes back: drafts, receipts, refusals."""

from dataclasses import dataclass, field
from typing import Self, TypeAlias

from anomaly_core.errors import InvalidInput, RingfenceError
from state.errors import Reason, reason_of
from state.heard import storable
from state.store.history import Event
from state.store.schema import Answer, EventKind

_LARGEST_ITEM = 2**31 - 1
LONGEST_NOTE = 2_000
LONGEST_STRATEGY = 64
LATEST = 32_503_680_000.0  # epoch seconds: the year 3000; what is later no calendar can show
_IDENTITY_TAKEN = "Another event has this identity; reload the page and try again."


@dataclass(frozen=True, kw_only=True)
class AnswerDraft:
    """An answer, skip or flag as it comes from an annotator; `uuid` makes sending it again safe.

    `shown_at` and `pressed_at` are epoch seconds by the clock of the annotator; `prediction_shown`
    says whether the model's opinion was on screen. Answers given together share a `batch`. Raises
    InvalidInput when made of values that no event can have.
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
    prediction_shown: bool = False
    note: str | None = None
    batch: str | None = None

    def __post_init__(self) -> None:
        check_uuid(self.uuid)
        check_times(self.shown_at, self.pressed_at)
        if self.batch is not None:
            check_uuid(self.batch)
        check_note(self.note)
        if not all(
            0 <= number <= _LARGEST_ITEM for number in (self.round, self.model_version or 0)
        ):
            raise InvalidInput("The answer came without a usable round; reload the page.")
        if self.strategy is not None and not (
            len(self.strategy) <= LONGEST_STRATEGY and storable(self.strategy)
        ):
            raise InvalidInput("The answer came without a usable strategy; reload the page.")
        if not 0 <= self.item <= _LARGEST_ITEM:
            raise InvalidInput(f"There is no item {self.item}; items are numbered from 0.")
        if self.kind is EventKind.UNDO or self.kind.answers != bool(self.answer):
            raise InvalidInput("Send an answer with its kind, or a skip or flag without an answer.")

    @property
    def adjudicates(self) -> bool:
        """Whether it settles an item, which only an owner may."""
        return self.kind is EventKind.ADJUDICATION

    @property
    def y(self) -> int:
        """+1 or -1 for an answer that costs one from the budget, else 0."""
        return self.answer.y if self.answer and self.kind is EventKind.ANSWER else 0

    def require_same(self, recorded: Event) -> None:
        """Raise InvalidInput unless the stored event is this draft, sent before."""
        identity = ("project_id", "item", "annotator_id", "kind", "answer")
        if any(getattr(self, name) != getattr(recorded, name) for name in identity):
            raise InvalidInput(_IDENTITY_TAKEN)


@dataclass(frozen=True, kw_only=True)
class UndoDraft:
    """The wish to take back the event with uuid `undoes`, or else one's newest answer or skip."""

    uuid: str
    project_id: int
    annotator_id: int
    pressed_at: float
    undoes: str | None = None
    adjudicates: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        check_uuid(self.uuid)
        if self.undoes is not None:
            check_uuid(self.undoes)
        check_times(None, self.pressed_at)

    def require_same(self, recorded: Event) -> None:
        """Raise InvalidInput unless the stored event is this undo, sent before."""
        asked = (EventKind.UNDO, self.project_id, self.annotator_id)
        if asked != (recorded.kind, recorded.project_id, recorded.annotator_id) or (
            self.undoes is not None and self.undoes != recorded.undoes
        ):
            raise InvalidInput(_IDENTITY_TAKEN)


Draft: TypeAlias = AnswerDraft | UndoDraft


@dataclass(frozen=True)
class Receipt:
    """An event that the store holds now; `repeated` when it already did."""

    event: Event
    repeated: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why an event is not in the store: a reason to act on, a sentence for whoever sent it."""

    uuid: str
    reason: Reason
    sentence: str

    @classmethod
    def of(cls, uuid: str, error: RingfenceError) -> Self:
        """Refuse an event because of one of the errors that have a reason."""
        return cls(uuid, reason_of(error), str(error))


def check_uuid(uuid: str) -> None:
    """Raise InvalidInput unless the text can identify an event."""
    if not 0 < len(uuid) <= 36 or not storable(uuid):
        raise InvalidInput("The answer came without a usable identity; reload the page.")


def check_times(shown_at: float | None, pressed_at: float) -> None:
    """Raise InvalidInput unless the times are some of a calendar."""
    if not all(0 <= at < LATEST for at in (shown_at or 0.0, pressed_at)):  # nor is NaN
        raise InvalidInput("The answer came without a usable time; reload the page.")


def check_note(note: str | None) -> None:
    """Raise InvalidInput for a note that is too long, or that no database can hold."""
    if note is not None and (len(note) > LONGEST_NOTE or not storable(note)):
        raise InvalidInput(f"A note may have up to {LONGEST_NOTE:,} letters; shorten it.")
