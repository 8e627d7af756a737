"""Who changed what that is no answer, when and why: a table that only grows.

Answers have a history of their own. What is recorded here is never changed nor removed, not even
with the project that it is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, false, func, insert, or_, select

from state.errors import NotAllowed
from state.heard import storable
from state.store.database import Database, together
from state.store.schema import Role, annotator, audit_log, project

if TYPE_CHECKING:
    from state.store.people import Annotator

LONGEST_SUBJECT, LONGEST_REASON = 500, 2_000  # letters; what is longer is cut off
ONLY_OWNERS = "Only an owner may do this; ask one of those on Team."
LONGEST_SEARCH = 100  # letters
AFTER = "after answer "  # and its number: the reason in the row of a look at the truth
AT_ONCE = 1_000  # rows that are read of a long log


class Deed(StrEnum):
    """What somebody did."""

    CREATED_PROJECT = "created a project"
    CHANGED_PROJECT = "changed a project"
    ARCHIVED_PROJECT = "archived a project"
    UNARCHIVED_PROJECT = "took a project out of the archive"
    DELETED_PROJECT = "deleted a project"
    RESTORED_PROJECT = "brought a project back"
    ERASED_PROJECT = "erased a project after its day"
    IMPORTED = "had images read"
    CHANGED_IMPORT = "changed how images are read"
    REMOVED_IMPORT = "removed images that were read"
    ADDED_IMAGES = "added images to a project"
    TOOK_IMAGES_BACK = "took images out of a project"
    STARTED_TRAINING = "started training"
    STOPPED_TRAINING = "stopped training"
    STARTED_RUN = "started a comparison"
    STOPPED_RUN = "stopped a comparison"
    RESUMED_RUN = "resumed a comparison"
    REMOVED_RUN = "removed a comparison"
    DOWNLOADED_WEIGHTS = "downloaded the weights of a network"
    ADDED_PERSON = "added a person"
    ARRIVED = "came for the first time"
    CHANGED_PERSON = "changed what a person may do"
    SAVED_THRESHOLD = "saved a threshold"
    ROLLED_BACK = "let another model serve"
    NAMED_PRODUCTION = "named a model for production"
    EXPORTED_MODEL = "downloaded a model with its labels"
    EXPORTED_LABELS = "wrote labels to a file"
    IMPORTED_LABELS = "read labels from a file"
    EXPORTED_IMAGES = "downloaded a table of images"
    REVEALED_TRUTH = "looked at the truth of the pool"
    BEGAN_BACKUP = "began a backup"
    MADE_BACKUP = "made a backup"
    RESTORED_BACKUP = "restored a backup"
    ENDED_WORKERS = "ended workers"
    BEGAN_DATA_DIRECTORY = "began with this data directory"
    MET_STRANGERS = "found files that are not its own"


@dataclass(frozen=True)
class DeedDone:
    """One deed, by whom (`None` is the command line), and when in epoch seconds."""

    id: int
    at: float
    annotator_id: int | None
    who: str
    what: str
    project: int | None
    subject: str
    reason: str


@dataclass(frozen=True)
class SeenTruth:
    """A look at the truth: when (epoch seconds), and after which event of the project.

    Rows of older versions do not tell the latter (`None`).
    """

    at: float
    after: int | None

    def came_before(self, seq: int, received_at: float) -> bool:
        """Whether an event is from afterwards; by its number, as clocks may be set back."""
        return received_at >= self.at if self.after is None else seq > self.after


@dataclass(frozen=True)
class DeedsWanted:
    """Which deeds to find: with a text in what they say, by somebody, of a kind; or else all.

    `by` is a person's number, 0 for the command line. Small and capital letters are the same, on
    SQLite those from a to z.
    """

    containing: str = ""
    by: int | None = None
    what: Deed | None = None

    @property
    def chosen(self) -> list[ColumnElement[bool]]:
        """The conditions of a query for them."""
        said, found = self.containing.strip()[:LONGEST_SEARCH], list[ColumnElement[bool]]()
        if said:
            columns = (audit_log.c.who, audit_log.c.what, audit_log.c.subject, audit_log.c.reason)
            holding = or_(*(one.icontains(said, autoescape=True) for one in columns))
            found.append(holding if storable(said) else false())
        if self.by is not None:
            found.append(audit_log.c.annotator_id == (self.by or None))
        if self.what is not None:
            found.append(audit_log.c.what == self.what)
        return found


ALL_DEEDS = DeedsWanted()


@dataclass
class DeedUnderWay:
    """What the row of a deed is to say, for whoever does it to complete."""

    subject: str
    project_id: int | None
    reason: str
    nothing: bool = False  # whether all was so already, of which no row tells


class AuditLog(Database):
    """The part of the store that remembers who changed what, and that asks who may."""

    def require(self, who: Annotator, role: Role, sentence: str) -> None:
        """Raise NotAllowed unless a person has this role now, or a higher one, and is active.

        For what is only looked at, and to refuse before any work is done; `doing` asks by itself.
        """
        with self._read() as connection:
            require_role(connection, who, role, sentence)

    @contextmanager
    def doing(
        self,
        who: Annotator,
        what: Deed,
        subject: str = "",
        *,
        refusal: str = ONLY_OWNERS,
        project_id: int | None = None,
        reason: str = "",
    ) -> Iterator[DeedUnderWay]:
        """Do something that only owners may, in the block: all that it stores, and its row.

        Both are there in the end or neither, and whoever is an owner at the start is one until
        then; there is no row where the block notes that it has changed nothing. Raises NotAllowed
        with the sentence `refusal`.
        """
        row = DeedUnderWay(subject, project_id, reason)
        with together(self.engine) as connection:
            require_role(connection, who, Role.OWNER, refusal, lasting=True)
            yield row
            if not row.nothing:
                note(connection, self.clock(), who, what, row.subject, row.project_id, row.reason)

    def record(
        self,
        who: Annotator,
        what: Deed,
        subject: str = "",
        *,
        refusal: str = ONLY_OWNERS,
        project_id: int | None = None,
        reason: str = "",
    ) -> None:
        """Leave the row of what is done next, outside of the database; otherwise see `doing`.

        It says what somebody was about to do, also where that fails.
        """
        with self.doing(who, what, subject, refusal=refusal, project_id=project_id, reason=reason):
            pass

    def count(self, wanted: DeedsWanted = ALL_DEEDS) -> int:
        """How many deeds there are of those that are wanted."""
        query = select(func.count()).select_from(audit_log).where(*wanted.chosen)
        with self._read() as connection:
            return int(connection.execute(query).scalar_one())

    def newest(
        self, most: int = 200, wanted: DeedsWanted = ALL_DEEDS, skip: int = 0
    ) -> list[DeedDone]:
        """The newest deeds of those that are wanted after the first `skip`, the last one first."""
        query = select(audit_log).where(*wanted.chosen).order_by(audit_log.c.id.desc())
        with self._read() as connection:
            rows = connection.execute(query.limit(most).offset(skip))
            return [DeedDone(**row._asdict()) for row in rows]

    def each(self, wanted: DeedsWanted = ALL_DEEDS) -> Iterator[DeedDone]:
        """All deeds that are wanted, the last one first, of which few are in memory at a time."""
        query = select(audit_log).where(*wanted.chosen).order_by(audit_log.c.id.desc())
        further = query
        while True:
            with self._read() as connection:
                rows = connection.execute(further.limit(AT_ONCE)).all()
            yield from (DeedDone(**row._asdict()) for row in rows)
            if len(rows) < AT_ONCE:
                return
            further = query.where(audit_log.c.id < rows[-1].id)

    def latest(self, what: Deed) -> DeedDone | None:
        """The newest deed of a kind, `None` where there is none."""
        query = select(audit_log).where(audit_log.c.what == what).order_by(audit_log.c.id.desc())
        with self._read() as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return None if row is None else DeedDone(**row._asdict())

    def revealed(self, project_id: int) -> dict[int, SeenTruth]:
        """Who has looked at the truth of a project, and when first.

        What was done to an erased project whose number this one has is not its own; where a row
        tells after which answer it was, no number was given twice any more.
        """
        query = (
            select(audit_log.c.annotator_id, audit_log.c.at, audit_log.c.reason)
            .join(project, project.c.id == audit_log.c.project)
            .where(audit_log.c.project == project_id, audit_log.c.what == Deed.REVEALED_TRUTH)
            .where((audit_log.c.at >= project.c.created_at) | audit_log.c.reason.startswith(AFTER))
            .where(audit_log.c.annotator_id.is_not(None))
            .order_by(audit_log.c.id.desc())
        )
        with self._read() as connection:
            rows = connection.execute(query).all()
        return {row.annotator_id: SeenTruth(row.at, number_after(row.reason)) for row in rows}


def number_after(reason: str) -> int | None:
    """Which event a look at the truth came after, `None` where the row does not tell."""
    number = reason.removeprefix(AFTER)
    return int(number) if number != reason and number.isdecimal() else None


RANKS = {Role.VIEWER: 0, Role.ANNOTATOR: 1, Role.OWNER: 2}


def require_role(
    connection: Connection, who: Annotator, role: Role, sentence: str, *, lasting: bool = False
) -> None:
    """Raise NotAllowed unless a person may, by what the store knows of them now.

    With `lasting`, for transactions that write, nobody changes that until the end of this one.
    """
    if who.is_machine:
        return
    query = select(annotator.c.role, annotator.c.active).where(annotator.c.id == who.id)
    known = connection.execute(query.with_for_update(read=True) if lasting else query).one_or_none()
    if known is None or not known.active or RANKS[known.role] < RANKS[role]:
        raise NotAllowed(sentence)


def note(
    connection: Connection,
    at: float,
    who: Annotator,
    what: Deed,
    subject: str,
    project_id: int | None = None,
    reason: str = "",
) -> None:
    """Add a deed in the transaction that does it."""
    connection.execute(
        insert(audit_log).values(
            at=at,
            annotator_id=None if who.is_machine else who.id,
            who=who.name,
            what=what,
            project=project_id,
            subject=subject[:LONGEST_SUBJECT],
            reason=reason[:LONGEST_REASON],
        )
    )
