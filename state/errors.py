"""Every error the label store raises on purpose.

    RingfenceError
    ├── StoreDamaged
    ├── StoreUnavailable
    │   └── StoreOutdated
    ├── UnknownProject
    ├── DuplicateProject
    ├── BudgetExhausted
    ├── AlreadyAnswered
    ├── NothingToUndo
    └── ScorerLost

The message of each is one plain sentence that says what is wrong and what to do; it may be shown
to a user as it is, so it never holds a directory of the server. Values that make no sense raise
`anomaly_core.errors.InvalidInput`.
"""

from anomaly_core.errors import RingfenceError


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
    """The item has its answer: by this annotator, or by as many others as the overlap asks for."""


class NothingToUndo(RingfenceError):
    """The annotator has no standing answer or skip that could be taken back."""


class ScorerLost(RingfenceError):
    """The process that scores drawn or uploaded images has ended, or cannot be started."""
