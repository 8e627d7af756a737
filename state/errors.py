"""Every error the label store raises on purpose.

    RingfenceError
    ├── StoreDamaged
    ├── StoreUnavailable
    │   └── StoreOutdated
    ├── UnknownProject
    ├── DuplicateProject
    ├── BudgetExhausted
    ├── AlreadyAnswered
    │   └── AnsweredByOthers
    ├── NothingToUndo
    ├── InvalidInput (of the engine)
    │   ├── NothingToSettle
    │   ├── NotAllowed
    │   │   └── NotLetIn
    │   ├── Overtaken
    │   └── ScorerBusy
    ├── NotLoggedIn
    └── ScorerLost

The message of each is one plain sentence that says what is wrong and what to do; it may be shown
to a user as it is, so it never holds a directory of the server. Values that make no sense raise
`anomaly_core.errors.InvalidInput`. Sentences are for people only: what code acts on is the class
of an error, and the `Reason` of what was refused.
"""

from enum import StrEnum

from anomaly_core.errors import InvalidInput, RingfenceError


class StoreDamaged(RingfenceError):
    """The database file is damaged or not ours; it is left as it is for a person to look at."""


class StoreUnavailable(RingfenceError):
    """The data directory or the database cannot be opened or written just now."""


class StoreOutdated(StoreUnavailable):
    """The tables are those of another version by now, so that whoever runs on must end."""


class UnknownProject(RingfenceError):
    """There is no such project; choose one from the list."""


class DuplicateProject(RingfenceError):
    """A project of that name exists; choose another name."""


class BudgetExhausted(RingfenceError):
    """Every label the project may buy has been bought."""


class AlreadyAnswered(RingfenceError):
    """The item has its answer."""


class AnsweredByOthers(AlreadyAnswered):
    """The item has its answer from as many others as the overlap asks for."""


class NothingToUndo(RingfenceError):
    """The annotator has no standing answer or skip that could be taken back."""


class NothingToSettle(InvalidInput):
    """The item has no label that a verdict could settle."""


class NotAllowed(InvalidInput):
    """Whoever wants this may not do it; somebody with the right can, or can give it."""


class NotLetIn(NotAllowed):
    """Whoever is there may not come in at all; somebody else has to change that."""


class NotLoggedIn(RingfenceError):
    """Nobody has logged in yet."""


class Overtaken(InvalidInput):
    """Another worker has taken over, so that nothing of this one's is published any more."""


class ScorerBusy(InvalidInput):
    """Too many images are being scored just now; ask again in a few seconds."""


class ScorerLost(RingfenceError):
    """The process that scores drawn or uploaded images has ended, or cannot be started."""


class Reason(StrEnum):
    """Why an event was refused."""

    ALREADY_ANSWERED = "already answered"
    ANSWERED_BY_OTHERS = "answered by others"
    BUDGET_SPENT = "budget spent"
    NOTHING_TO_UNDO = "nothing to undo"
    NOT_ALLOWED = "not allowed"
    INVALID = "invalid"


REASONS: dict[type[RingfenceError], Reason] = {
    AlreadyAnswered: Reason.ALREADY_ANSWERED,
    AnsweredByOthers: Reason.ANSWERED_BY_OTHERS,
    BudgetExhausted: Reason.BUDGET_SPENT,
    NothingToUndo: Reason.NOTHING_TO_UNDO,
    NotAllowed: Reason.NOT_ALLOWED,
    InvalidInput: Reason.INVALID,
}


def reason_of(error: RingfenceError) -> Reason:
    """The reason that the nearest class of an error stands for, one of `REASONS`."""
    return next(REASONS[kind] for kind in type(error).__mro__ if kind in REASONS)
